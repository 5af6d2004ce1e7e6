"""What the report and the workbook say of parts of the product that are another one for this customer."""

import pytest

from aformity_pipelines.domain.destination_changes import Change, Overridden
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.render import page_of
from aformity_pipelines.handoff.report_overrides import override_lines
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.workbook_sheets import sheets_of
from tests.handoff.builders import full_record
from tests.handoff.wave_builders import SHORTER

WHY = "Their contract says so."
CHANGED, ADDED, REMOVED = Change.CHANGED, Change.ADDED, Change.REMOVED


def with_overrides(*overrides: Overridden) -> LaunchRecord:
    return full_record().model_copy(update={"overrides": overrides})


@pytest.mark.parametrize(
    ("part", "change", "before", "after", "told"),
    [
        ("account.name.max_length", CHANGED, "200", "40", ("Account: name", "Most signs", "200", "40")),
        ("account.region.required", CHANGED, "yes", "no", ("Account: region", "Has to be filled", "yes", "no")),
        (
            "account.region.policies.required", CHANGED, "block", "report",
            ("Account: region", "If it is blank", "Everything stops until it is decided", "It is only listed"),
        ),
        (
            "account.region.allowed.a.b", ADDED, "", "Far north",
            ("Account: region", "The value “a.b”", "not allowed", "Far north"),
        ),
        (
            "account.region.allowed.x", REMOVED, "West", "",
            ("Account: region", "The value “x”", "West", "not allowed"),
        ),
        ("moments.billing.label", CHANGED, "Billing", "Invoices", ("Billing", "What it is called", "Billing", "Invoices")),
    ],
)  # fmt: skip
def test_a_part_is_told_as_people_call_it(
    part: str, change: Change, before: str, after: str, told: tuple[str, ...]
) -> None:
    each = Overridden(part=part, change=change, before=before, after=after, why=WHY)

    (line,) = override_lines(ReportView(record=with_overrides(each)))

    assert (line.where, line.what, line.before, line.after) == told
    assert line.why == WHY


def test_the_report_and_the_workbook_list_what_is_different_and_why() -> None:
    record = with_overrides(SHORTER)
    page = page_of(record)
    lines = {sheet.name: sheet.lines for sheet in sheets_of(record)}

    assert "Different for this customer" in page
    assert f"<td>200</td><td>40</td><td>{SHORTER.why}</td>" in page
    assert "1 part different for this customer" in page
    assert lines["Different here"] == (("Account: name", "Most signs", "200", "40", SHORTER.why),)


def test_a_product_that_is_as_for_everybody_has_no_such_table() -> None:
    assert "ifferent for this customer" not in page_of(with_overrides())
