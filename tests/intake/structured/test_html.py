"""Web pages under the name of a workbook."""

import pytest

from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood


def test_a_table_is_read_as_a_browser_shows_it(see) -> None:
    page = b"""<html><table><tr><th>id<th>name</tr>
      <tr><td>007</td><td> Ann &amp;
         <b>Co</b><br>Ltd </td></tr></table></html>"""
    seen = see(page, "report.xls")
    assert (seen.headers, seen.rows) == (("id", "name"), ((2, "007", "Ann & Co\nLtd"),))


def test_merged_cells_keep_their_text_in_the_first_and_are_counted(see) -> None:
    seen = see(
        b"<table><tr><td colspan=2>Report</td></tr><tr><td>id<td>name<tr><td rowspan=2>1<td>A<tr><td>B</table>"
    )
    assert (seen.headers, seen.rows) == (("id", "name"), ((3, "1", "A"), (4, "", "B")))
    assert [(w.kind, w.count) for w in seen.table.warnings] == [("merged_cells", 2)]
    assert [(s.kind, s.row) for s in seen.table.skipped] == [("title", 1), ("header", 2)]


def test_a_row_of_another_width_is_set_apart(see) -> None:
    seen = see(b"<table><tr><th>a<th>b<tr><td>1<td>2<tr><td>3</table>")
    assert [(row, reason) for row, reason, _ in seen.rejects] == [(3, "1 cells, the header has 2")]


def test_each_table_of_a_page_is_one(see) -> None:
    page = b"<html><table><tr><th>a<tr><td>1</table><p>x</p><table><tr><th>b<tr><td>2</table></html>"
    assert [t.headers for t in see(page).reading.tables] == [("a",), ("b",)]
    assert [t.number for t in see(page, table=2).reading.tables] == [2]


def test_the_declared_encoding_is_followed(see) -> None:
    page = '<html><meta charset="windows-1252"><table><tr><th>a<tr><td>Käthe €</table>'.encode("cp1252")
    assert see(page).cells == (("Käthe €",),)


def test_pages_without_a_plain_table_are_refused(see) -> None:
    with pytest.raises(DeliveryRefused, match="tables in tables"):
        see(b"<html><table><tr><td><table><tr><td>1</table></table></html>")
    with pytest.raises(NotUnderstood, match="without a table"):
        see(b"<!DOCTYPE html><html><body>Please log in</body></html>", "export.csv")
