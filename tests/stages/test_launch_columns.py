"""Every delivered column has a line, whatever became of it."""

from types import SimpleNamespace
from typing import Any

import pytest

from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch.field_map import ColumnLine
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.stages.launch.columns import column_lines
from tests.mapping.small_migration import Small

ARCHIVE = "no field is made of it, and it stays in the archive copy of the delivery."
LOOKUP = {"lookup": {"source": "codes", "key": "Code", "take": "Word"}}
READ = {
    "source": "crm",
    "only": {"where": "\"Kind\" = 'p'", "why": "People only."},
    "fields": {
        "id": {"from": "Nr"},
        "name": {"from": ["First", "Last"], "rule": {"join": " "}},
        "role": {"from": "Role", "rule": LOOKUP},
    },
    "columns": {
        "Fax": {"fate": "archived", "why": "Nobody sends one."},
        "Notes": {"fate": "excluded", "why": "Private remarks."},
    },
}


def lines(
    *headers: str, read: dict[str, Any] = READ, rule: RuleRecord | None = None
) -> dict[str, ColumnLine]:
    """Return the lines of both sources by `source.header`; `rule` is how the gate judged that all columns are known."""
    small = Small(reads=[read], crm=(headers, []))
    delivered = {"crm": headers, "codes": ("Code", "Word", "Remark")}
    sources = SimpleNamespace(
        run=SimpleNamespace(migration=small.migration),
        records={
            ("raw_file", name): SimpleNamespace(delivery=SimpleNamespace(headers=each))
            for name, each in delivered.items()
        },
        rules=lambda: {("validated", "crm", "crm.columns.known"): rule} if rule else {},
        decision=lambda id_: SimpleNamespace(id=id_, says="That column may go."),
    )
    found = column_lines(sources)  # type: ignore[arg-type]  # only what the function asks for
    return {f"{line.source}.{line.header}": line for line in found}


def judged(standing: Standing, *decisions: str) -> RuleRecord:
    return RuleRecord.model_construct(standing=standing, decisions=decisions)


def test_each_column_is_mapped_combined_looked_up_archived_or_excluded() -> None:
    found = lines("Nr", "First", "Last", "Role", "Fax", "Notes", "No", "Kind", "State")

    assert {name: (str(line.fate), line.fields) for name, line in found.items()} == {
        "crm.Nr": ("mapped", ("person.id",)),
        "crm.First": ("combined", ("person.name",)),
        "crm.Last": ("combined", ("person.name",)),
        "crm.Role": ("mapped", ("person.role",)),
        "crm.Fax": ("archived", ()),
        "crm.Notes": ("excluded", ()),
        "crm.No": ("archived", ()),
        "crm.Kind": ("archived", ()),
        "crm.State": ("archived", ()),
        "codes.Code": ("looked_up", ("person.role",)),
        "codes.Word": ("looked_up", ("person.role",)),
        "codes.Remark": ("archived", ()),
    }
    assert found["crm.Fax"].why == "Nobody sends one."
    assert found["crm.Nr"].why == ""
    assert found["crm.No"].why == f"It tells the rows of the file apart; {ARCHIVE}"
    assert found["crm.Kind"].why == f"It decides which rows are brought over; {ARCHIVE}"
    assert found["crm.State"].why == f"It decides with which launch a row goes live; {ARCHIVE}"


def test_two_columns_of_one_name_have_a_line_each() -> None:
    read = READ | {
        "fields": {"id": {"from": "Nr"}, "name": {"from": "Name__1"}},
        "columns": {"Name__2": READ["columns"]["Fax"]},
    }

    found = lines("Nr", "Name", "Name", read=read)

    assert [(name, str(line.fate)) for name, line in found.items()][:3] == [
        ("crm.Nr", "mapped"),
        ("crm.Name__1", "mapped"),
        ("crm.Name__2", "archived"),
    ]


def test_a_column_that_the_gate_stops_is_not_settled_yet() -> None:
    found = lines("Nr", "Stray", rule=judged(Standing.BLOCKED))

    assert (str(found["crm.Stray"].fate), found["crm.Stray"].why) == (
        "unresolved",
        "Nobody has said yet what becomes of it.",
    )


def test_a_column_that_a_decision_lets_through_says_so() -> None:
    found = lines("Nr", "Stray", rule=judged(Standing.DECIDED, "D-7"))

    assert (str(found["crm.Stray"].fate), found["crm.Stray"].why) == ("archived", "That column may go.")


def test_a_column_that_slipped_through_the_gate_is_a_breach() -> None:
    with pytest.raises(
        ConservationBreach, match=r"column 'Stray' of crm has no line: .* list it under `columns:`"
    ):
        lines("Nr", "Stray", rule=judged(Standing.PASSED))
