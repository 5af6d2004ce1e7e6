"""values_replaced: one rule for many rows, which holds for the rows and texts that were shown."""

from typing import Any

import pytest

from aformity_pipelines.domain.decisions import ValuesReplaced
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import DraftRefused
from aformity_pipelines.stages.outputs import read_record
from tests.builders.kinds import after_run, asked, report_of, told
from tests.builders.two_sources import PEOPLE, a_run, decide, deliver, run_all

pytestmark = pytest.mark.slow

REPLACED: dict[str, Any] = {
    "kind": "values_replaced",
    "field": "full_name",
    "replace": {"Jo Ruiz": "Jo Ruiz-Vega", "Lou Fay": ""},
    "covers": {"subject": "contact"},
}


def keys(entry: Any) -> list[str]:
    assert isinstance(entry, ValuesReplaced)
    return [row.key for row in entry.covers.rows]


def fields(workspace: Workspace, field: str) -> Any:
    record = read_record(a_run(workspace), "mapped", "contact")
    assert record is not None
    return next(each for each in record.fields if (each.source, each.field) == ("people", field))


def test_rows_left_out_are_all_that_hold_one_of_the_old_texts(published_once: Workspace) -> None:
    entry = decide(published_once, **REPLACED)

    assert keys(entry) == ["people:p1", "people:p4"]
    assert entry.covers.fields == ("full_name",)  # type: ignore[union-attr]


def test_the_text_counts_as_the_rule_leaves_it(published_once: Workspace) -> None:
    """The desk of a company is named by `prefix: desk-`; its delivered text is 007 only."""
    draft = REPLACED | {"field": "external_id", "replace": {"desk-007": "front-007"}}

    assert keys(decide(published_once, **draft)) == ["companies:007/desk"]


def test_replaced_values_count_as_corrected_and_name_their_decision(published_once: Workspace) -> None:
    before = fields(published_once, "full_name")
    decide(published_once, **REPLACED)

    record = after_run(published_once)

    (line,) = (f for f in record.mapping if (f.source, f.field) == ("people", "full_name"))
    assert (before.corrected, line.corrected, line.corrected_by) == (0, 2, ("D-002",))
    assert line.changed == before.changed
    report = report_of(record)
    assert "2 corrected in" in report
    assert "In full name, 2 texts are replaced in every covered row that holds one" in report
    assert "Jo Ruiz" not in report


def test_why_tells_of_the_one_rule(published_once: Workspace) -> None:
    decide(published_once, **REPLACED)
    run_all(published_once)

    answer = asked(published_once, "contact", "p1", "full_name")

    assert answer.value == "Jo Ruiz-Vega"
    assert answer.faults == ()
    assert 'Corrected from "Jo Ruiz" to "Jo Ruiz-Vega"' in told(published_once, "contact", "p1", "full_name")
    assert "cleared on purpose" in told(published_once, "contact", "p4", "full_name")
    assert "Full name was corrected" not in told(published_once, "contact", "p2")


def test_a_covered_row_that_holds_another_text_by_now_is_left_alone(published_once: Workspace) -> None:
    """The rule of the mapping makes another text of the same cells; a rule by row alone would overwrite it."""
    decide(published_once, **REPLACED)
    mapping = published_once.customer("tiny") / "mapping" / "contact.yaml"
    mapping.write_text(mapping.read_text().replace("from: Name", "from: Name\n      rule: upper"))

    run_all(published_once)

    assert asked(published_once, "contact", "p1", "full_name").value == "JO RUIZ"
    assert fields(published_once, "full_name").corrected == 0


def test_a_row_that_comes_later_is_not_covered(published_once: Workspace) -> None:
    decide(published_once, **REPLACED)
    deliver(published_once, {"people_2.csv": PEOPLE + "p6,Jo Ruiz,jo2@acme.example,007\n"})

    run_all(published_once)

    assert asked(published_once, "contact", "p6", "full_name").value == "Jo Ruiz"
    assert asked(published_once, "contact", "p1", "full_name").value == "Jo Ruiz-Vega"


def test_rows_that_are_corrected_by_themselves_or_left_out_are_not_swept_along(
    published_once: Workspace,
) -> None:
    row = {"subject": "account", "fields": "lifecycle_stage"}
    lead = {"kind": "value_corrected", "field": "lifecycle_stage", "value": "lead"}
    decide(published_once, **lead, covers=row | {"rows": "companies:007"})
    decide(published_once, kind="rows_excluded", covers=row | {"rows": "companies:011"})
    run_all(published_once)

    draft = REPLACED | {"field": "lifecycle_stage", "replace": {"live": "customer"}}
    entry = decide(published_once, **draft | {"covers": {"subject": "account"}})

    assert keys(entry) == ["companies:008", "companies:010"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"replace": {"Nobody": "Somebody"}}, "no row is in question"),
        ({"replace": {"Jo Ruiz": "Jo Ruiz"}}, "'Jo Ruiz' would be replaced by itself"),
        ({"covers": {"subject": "contact", "rows": ["people:p1", "people:p3"]}}, "holds none of the texts"),
        ({"covers": {"subject": "people", "fields": "Name"}}, "acts on an entity"),
        ({"field": "nonsense"}, "'nonsense' is not delivered"),
    ],
)
def test_a_replacement_that_would_do_nothing_is_refused(
    published_once: Workspace, change: dict[str, Any], says: str
) -> None:
    before = published_once.log("tiny").read_bytes()

    with pytest.raises(DraftRefused, match=says):
        decide(published_once, **REPLACED | change)

    assert published_once.log("tiny").read_bytes() == before


def test_blank_is_a_text_that_can_be_replaced(published_once: Workspace) -> None:
    draft = REPLACED | {"field": "email", "replace": {"": "info@acme.example"}}

    assert keys(decide(published_once, **draft)) == ["people:p2"]


def test_a_condition_or_a_rule_chooses_among_the_rows_that_hold_the_text(published_once: Workspace) -> None:
    draft = REPLACED | {"replace": {"Jo Ruiz": "Jo", "Kim Ode": "Kim"}}
    covers = {"subject": "contact", "rule": "contact.email.format", "rows": "all"}

    assert keys(decide(published_once, **draft | {"covers": covers})) == ["people:p3"]
