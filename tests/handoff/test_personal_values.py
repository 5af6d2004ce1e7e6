"""Promise P8: what a CSM, a log reader or a Dagster user sees holds no personal value that policy does not allow."""

import json

import pytest

from aformity_pipelines.stages.handoffs import current_handoff
from aformity_pipelines.stages.run import Run
from tests.handoff.canaries import texts_in
from tests.samples.played import committed

pytestmark = pytest.mark.slow

SLUG = "lumen_labs"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """lumen_labs, wave 1, run from the committed files and decisions."""
    return committed(tmp_path_factory, SLUG)


def personal_values(run: Run) -> set[str]:
    """Every name, address and number of a person that was delivered, but for those of the people in defs.yaml."""
    found: set[str] = set()
    for entity in run.migration.entities():
        personal = [n for n, f in run.migration.destination.entities[entity].fields.items() if f.personal]
        table = run.workspace.build(SLUG, "mapped", entity, "wave_1") / "table.parquet"
        for name in personal:
            rows = run.connection.execute(
                f"select distinct \"{name}\" from read_parquet('{table}')"
            ).fetchall()
            found |= {str(row[0]) for row in rows if row[0] and len(str(row[0])) >= 6}
    return found - {person.name for person in run.migration.customer.people.values()}


def written_by_people(run: Run) -> str:
    """The words of the decisions, which people answer for themselves."""
    return run.workspace.log(SLUG).read_text(encoding="utf-8")


def leaked(run: Run, text: str) -> set[str]:
    said = written_by_people(run)
    return {value for value in personal_values(run) if value in text and value not in said}


def test_the_sample_holds_many_personal_values(run: Run) -> None:
    assert len(personal_values(run)) > 1000


def test_report_and_launch_record_hold_no_personal_value(run: Run) -> None:
    folder = current_handoff(run)
    assert folder is not None
    for path in folder.iterdir():
        assert leaked(run, texts_in(path).decode("utf-8", "replace")) == set(), path.name


def test_stage_records_and_the_manifest_hold_no_personal_value(run: Run) -> None:
    home = run.workspace.of_customer(SLUG)
    records = [*home.rglob("stage.json"), *home.rglob("manifest.json")]
    assert len(records) > 20
    for path in records:
        assert leaked(run, path.read_text(encoding="utf-8")) == set(), path.relative_to(home).as_posix()


def test_a_value_that_stands_in_a_report_would_be_found(run: Run) -> None:
    canary = sorted(personal_values(run))[0]

    assert leaked(run, json.dumps({"before": canary}, ensure_ascii=False)) == {canary}
