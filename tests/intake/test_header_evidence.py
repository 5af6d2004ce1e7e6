"""What speaks for a row being the header: kinds of cells, column by column."""

import pytest

from aformity_pipelines.intake.cell_kind import CellKind, kind_of, kind_of_column
from aformity_pipelines.intake.header_evidence import evidence, is_row_of_names


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("", CellKind.EMPTY),
        (" \n", CellKind.EMPTY),
        ("-12.50", CellKind.NUMBER),
        ("1.234,50", CellKind.NUMBER),
        ("£1,008,439.00", CellKind.NUMBER),
        ("1.80502e+006", CellKind.NUMBER),
        ("22.69%", CellKind.NUMBER),
        ("2020-01-31", CellKind.DATE),
        ("31.1.2020 10:15", CellKind.DATE),
        ("4 Mar 2020", CellKind.DATE),
        ("09:30:15", CellKind.TIME),
        ("ann@example.com", CellKind.EMAIL),
        ("https://example.com/a?b=c", CellKind.WEB),
        ("MG-8769", CellKind.CODE),
        ("Ann Lee", CellKind.TEXT),
        ("Route 66 to York", CellKind.TEXT),
    ],
)
def test_a_cell_looks_like_its_kind(cell: str, kind: CellKind) -> None:
    assert kind_of(cell) is kind


def test_a_column_has_the_kind_that_nearly_all_of_its_cells_have() -> None:
    assert kind_of_column(["1", "2", "", "3", "4", "n/a", "5"]) is CellKind.NUMBER
    assert kind_of_column(["1", "Ann", "2", "Bo"]) is CellKind.TEXT
    assert kind_of_column(["", " "]) is CellKind.EMPTY


def test_names_over_numbers_are_plain() -> None:
    assert evidence(["id", "weight"], [["1", "2.5"], ["2", "3.5"]]).is_plain


def test_numbers_over_numbers_are_no_header() -> None:
    weighed = evidence(["1", "2.5"], [["2", "3.5"], ["3", "4.5"]])
    assert (weighed.is_plain, weighed.is_likely) == (False, False)


def test_a_missing_value_over_numbers_proves_nothing() -> None:
    assert not evidence(["Ann", "n/a"], [["Bo", "3"], ["Cy", "4"]]).is_plain


def test_years_over_amounts_may_be_names() -> None:
    assert evidence(["Region", "2019", "2020"], [["North", "5", "7"], ["South", "6", "8"]]).is_likely


def test_a_text_that_comes_again_below_is_a_value() -> None:
    assert evidence(["red", "low"], [["blue", "low"], ["red", "high"]]).against == 2


def test_an_address_is_never_a_name() -> None:
    assert evidence(["Ann", "ann@example.com"], [["Bo", "-"], ["Cy", "-"]]).against == 1


def test_units_below_names_are_a_row_of_names() -> None:
    below = [["2020-01-01", "5", "York"], ["2020-01-02", "6", "Lund"]]
    assert is_row_of_names(["", "kg", ""], below)
    assert not is_row_of_names(["2020-01-03", "7", "Bath"], below)
    assert not is_row_of_names(["", "", "Bath"], below)
