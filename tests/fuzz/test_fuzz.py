"""The fuzzer repeats itself, sees what is wrong, and what it once found stays found."""

from dataclasses import replace
from pathlib import Path

import pytest

from aformity_pipelines.config import load
from aformity_pipelines.intake.reading import Reading
from tests.fuzz import config, reading
from tests.fuzz.__main__ import CRASHERS, chosen
from tests.fuzz.outcome import FAILURES, NOTABLE
from tests.fuzz.seeds import seeds_of

KEPT = sorted(path for path in CRASHERS.glob("*-*") if path.is_file())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return config.project_in(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_what_once_failed_fails_no_more(path: Path, project: Path) -> None:
    kind, _, name = path.name.split("-", 2)
    content = path.read_bytes()
    if kind == "yaml":
        outcome = config.outcome_of(content, name.replace("~", "/"), project)
    else:
        outcome = reading.outcome_of(content, name)

    assert outcome.kind not in FAILURES | NOTABLE, outcome.what


def test_seed_and_number_decide_every_byte(project: Path) -> None:
    kinds = {kind: seeds_of(kind, project) for kind in ("csv", "xlsx", "structured", "yaml")}

    inputs = [chosen(kinds, 7, number) for number in range(40)]

    assert inputs == [chosen(kinds, 7, number) for number in range(40)]
    assert len({content for _, _, content in inputs}) == 40
    assert {kind for kind, _, _ in inputs} == set(kinds)


def test_a_reading_that_does_not_add_up_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    table = b"id,name\n1,anna\n2,berta\n"
    assert reading.outcome_of(table, "a.csv").kind == "read"
    measured = reading.read_measured

    def one_row_too_many(job):
        found, ended = measured(job)
        assert isinstance(found, Reading)
        return replace(found, tables=(replace(found.tables[0], rows=3),)), ended

    monkeypatch.setattr(reading, "read_measured", one_row_too_many)

    assert "3 rows told" in reading.outcome_of(table, "a.csv").what


def test_an_error_in_loading_the_configuration_is_seen(
    monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    name, content = next(iter(config.files_of(project).items()))
    outcome = config.outcome_of(content, name, project)
    assert outcome.kind == "read", outcome.what
    monkeypatch.setattr(load, "check", lambda *told: 1 / 0)

    outcome = config.outcome_of(content, name, project)

    assert (outcome.kind, "ZeroDivisionError" in outcome.what) == ("parent", True)


def test_configuration_that_is_refused_is_no_failure(project: Path) -> None:
    name = next(iter(config.files_of(project)))

    assert config.outcome_of(b"a: [", name, project).kind == "refused"
