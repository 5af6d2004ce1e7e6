"""Several drafts at once: each sees the ones before it, and none is recorded where one cannot be."""

from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.stages.deciding import DraftRefused, record_all, worked_out
from tests.builders.two_sources import COMPANIES, PEOPLE, SLUG, a_run, decide, deliver, project, run_all

WORDS = {"by": "ina", "how_known": "A call.", "says": "As agreed.", "why": "Ina said so."}
TWICE = COMPANIES + "008,Bolt Ltd,live,007,\n"


def draft(kind: str, **more: Any) -> Draft:
    return Draft.model_validate({"kind": kind, **WORDS, **more})


EXCLUDED = draft("rows_excluded", covers={"subject": "account", "fields": "name", "rows": "companies:009"})


@pytest.mark.slow
def test_a_draft_may_replace_the_one_above_it(published_once: Any) -> None:
    again = draft(
        "rows_deferred",
        until_wave="wave_2",
        supersedes="D-002",
        supersedes_because="It was a slip.",
        covers={"subject": "account", "fields": "name", "rows": "companies:009"},
    )

    written = record_all(a_run(published_once), [EXCLUDED, again])

    assert [entry.id for entry in written] == ["D-002", "D-003"]


@pytest.mark.slow
def test_all_rows_are_those_that_no_decision_covers_but_the_one_that_is_superseded(
    published_once: Any,
) -> None:
    deliver(published_once, {"people_2.csv": PEOPLE.replace("lou@bolt", "lou(at)bolt")})
    run_all(published_once)
    rule = {"subject": "contact", "rule": "contact.email.format"}
    accepted = {"kind": "risk_accepted", "evidence": ["E-mail."]}
    first = decide(published_once, **accepted, covers=rule | {"rows": "people:p3"}).id
    other = decide(published_once, **accepted, covers=rule | {"rows": "people:p4"}).id
    run_all(published_once)

    def covered(**more: Any) -> list[str]:
        (found,) = worked_out(
            a_run(published_once), [draft("rows_excluded", covers=rule | {"rows": "all"}, **more)]
        )
        return [row["key"] for row in found["covers"]["rows"]]

    with pytest.raises(DraftRefused, match="no row is in question"):
        covered()
    for replaced, row in ((first, "people:p3"), (other, "people:p4")):
        assert covered(supersedes=replaced, supersedes_because="They are not wanted.") == [row]


@pytest.mark.slow
def test_what_was_not_shown_is_not_recorded(published_once: Any) -> None:
    before = published_once.log(SLUG).read_bytes()
    asked = [EXCLUDED, draft("risk_accepted", evidence="E-mail.", covers={
        "subject": "contact", "rule": "contact.email.format", "fields": "full_name", "rows": "people:p3"})]  # fmt: skip
    shown = worked_out(a_run(published_once), asked)
    other = ({**shown[0], "covers": {**shown[0]["covers"], "rows": []}}, shown[1])

    with pytest.raises(DraftRefused, match="changed while you were looking") as refused:
        record_all(a_run(published_once), asked, shown=other)

    assert [fault.at for fault in refused.value.faults] == [(0,)]
    assert published_once.log(SLUG).read_bytes() == before
    assert len(record_all(a_run(published_once), asked, shown=shown)) == 2


@pytest.mark.slow
def test_every_fault_of_every_draft_is_told_with_its_place_and_nothing_is_written(
    published_once: Any,
) -> None:
    before = published_once.log(SLUG).read_bytes()
    wrong = draft("mapping_approved", covers={"entity": "acount", "fields": "all"}).model_copy(
        update={"by": "inna"}
    )

    with pytest.raises(DraftRefused) as refused:
        record_all(a_run(published_once), [EXCLUDED, wrong, EXCLUDED])

    assert [fault.at for fault in refused.value.faults] == [(1, "by"), (1, "covers", "entity"), (2,)]
    assert "did you mean 'account' or" in str(refused.value)
    assert "D-002 decides exactly this already" in str(refused.value)
    assert published_once.log(SLUG).read_bytes() == before


@pytest.mark.slow
def test_one_of_two_rows_with_the_same_key_is_named_by_its_row_id(tmp_path: Path) -> None:
    workspace = project(
        tmp_path / "project",
        files={"companies.csv": TWICE, "people.csv": "No,Name,Mail,Company\np1,Jo,jo@a.example,007\n"},
    )
    run_all(workspace)
    run = a_run(workspace)
    (table,) = workspace.storage.rglob("raw_file/companies/table.parquet")
    row_id = run.connection.execute(f"select max(row_id) from read_parquet('{table}')").fetchall()[0][0]

    with pytest.raises(DraftRefused, match="name more `fields`"):
        decide(
            workspace,
            kind="rows_excluded",
            covers={"subject": "account", "fields": "parent_account", "rows": row_id},
        )
    entry = decide(
        workspace, kind="rows_excluded", covers={"subject": "account", "fields": "name", "rows": row_id}
    )

    assert [row.key for row in entry.covers.rows] == ["companies:008"]  # type: ignore[union-attr]
