"""SQL of a mapping or a wave that the delivered values do not fit is named with its file, and no value is quoted."""

from copy import deepcopy
from pathlib import Path

import pytest

from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.stages import mapped, raw_file, validated
from tests.builders.two_sources import ACCOUNT, CONTACT, DEFS, a_run, project, run_stages

pytestmark = pytest.mark.slow


def test_an_expression_that_fails_is_named_with_file_and_field(tmp_path: Path) -> None:
    account = deepcopy(ACCOUNT)
    account["reads"][0]["fields"]["name"] = {"rule": {"sql": 'cast("Name" as integer) + 1'}}
    workspace = project(tmp_path / "project", mappings=(account, CONTACT))
    run_stages(workspace, (raw_file.run_raw_file, "companies"), (validated.run_validated, "companies"))

    with pytest.raises(ConfigInvalid) as refused:
        mapped.run_mapped(a_run(workspace), "account")

    assert "customers/tiny/mapping/account.yaml: companies/main/name: cast" in str(refused.value)
    assert "ConversionException" in str(refused.value)
    assert "Acme" not in str(refused.value)


@pytest.mark.parametrize("condition", ['cast("Name" as integer) > 1', '"Name" > 8'])
def test_a_wave_condition_that_fails_is_named_with_its_wave(tmp_path: Path, condition: str) -> None:
    defs = deepcopy(DEFS)
    defs["attributes"]["waves"][1]["where"] = {"companies": condition}
    workspace = project(tmp_path / "project", defs=defs)
    run_stages(workspace, (raw_file.run_raw_file, "companies"))

    with pytest.raises(ConfigInvalid, match=r"defs\.yaml: waves\.wave_2\.where\.companies: .* fails \("):
        validated.run_validated(a_run(workspace), "companies")
