"""A hint that points at a part of a file which such a file cannot have is said, not passed over."""

from pathlib import Path

import pytest
import yaml

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.read import read_file
from aformity_pipelines.intake.refusal import NotUnderstood, put_format


def job(folder: Path, content: bytes, **hints: str) -> Job:
    (folder / "in").write_bytes(content)
    into = folder / "read"
    into.mkdir()
    told = FormatHints.model_validate(hints)
    return Job(file=folder / "in", name="in", hints=told, into=into, row_id_prefix="")


@pytest.mark.parametrize(
    ("content", "hints"),
    [
        (b"id,n\n1,a\n", {"sheet": "People"}),
        (b"id,n\n1,a\n", {"member": "people.csv"}),
        (b"id,n\n1,a\n", {"records": "data"}),
        (b'[{"id": 1}]', {"sheet": "People"}),
    ],
)
def test_a_part_that_such_a_file_has_not_is_asked_about(tmp_path: Path, content: bytes, hints) -> None:
    (name,) = hints
    with pytest.raises(NotUnderstood, match=f"{name} .*which defs.yaml names: the file is") as asked:
        read_file(job(tmp_path, content, **hints))
    assert f"remove `{name}`" in asked.value.questions[0].answer


def test_the_path_of_records_is_for_json(tmp_path: Path) -> None:
    (table,) = read_file(job(tmp_path, b'{"data": [{"id": 1}, {"id": 2}]}', records="data")).tables
    assert table.rows == 2


@pytest.mark.parametrize("value", ["\x1f", "\t", "a\nb", 'a"b\\x', "é"])
def test_what_is_to_be_put_into_defs_yaml_is_yaml(value: str) -> None:
    _, line, _ = put_format(delimiter=value).split("`")
    assert line.isprintable()
    assert yaml.safe_load(line) == {"format": {"delimiter": value}}
