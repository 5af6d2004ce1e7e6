"""The quick way through a worksheet's XML gives what the parser gives, and both what openpyxl gives."""

import zipfile
from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.workbook import xlsx
from aformity_pipelines.intake.workbook.quick_xml import Unusual
from aformity_pipelines.intake.workbook.xlsx import read_xlsx

TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), st.sampled_from("<>&\"'\t\n _x0041_")
    ),
    min_size=1,
)
NUMBERS = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.floats(-1e12, 1e12),
)
DATES = st.datetimes(*map(datetime.fromisoformat, ("1900-03-01", "9999-12-30"))).map(
    lambda at: at.replace(microsecond=0)
)
CELLS = st.one_of(TEXTS, NUMBERS, st.booleans(), DATES)


def job_of(path: Path) -> Job:
    return Job(file=path, name=path.name, hints=FormatHints(), into=path.parent, row_id_prefix="x#")


def cells_of(path: Path) -> dict[tuple[int, int], str | None]:
    (sheet, *_) = read_xlsx(job_of(path)).sheets
    return {(row, column): text for row, column, text in sheet.cells.texts.rows()}


def as_openpyxl_says(value: object) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case _:
            return str(value)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6), in_memory=st.booleans()
)
def test_generated_cells_read_as_openpyxl_reads_them(tmp_path: Path, rows, in_memory: bool) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": in_memory, "strings_to_formulas": False}) as book:
        sheet, shown = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, datetime):
                    sheet.write_datetime(row, column, value, shown)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value)
                else:
                    sheet.write(row, column, value)
    found = cells_of(path)
    for row in openpyxl.load_workbook(path).active.iter_rows():
        for cell in row:
            text = found.pop((cell.row, cell.column), None)
            if isinstance(cell.value, float):
                assert float(text) == cell.value
            elif isinstance(cell.value, str):
                # Excel's own escapes of characters: openpyxl leaves them as they are.
                assert text == openpyxl.utils.escape.unescape(cell.value)
            elif cell.value is not None:
                assert text == as_openpyxl_says(cell.value)
    assert found == {}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=5))
def test_the_quick_way_and_the_parser_agree(tmp_path: Path, monkeypatch, rows) -> None:
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            cell = book.active.cell(row, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)
    quick = cells_of(path)
    with monkeypatch.context() as patched:
        patched.setattr(xlsx, "quick_cells", give_up)
        patched.setattr(xlsx, "quick_texts", give_up)
        assert cells_of(path) == quick


def give_up(*_: object):
    raise Unusual


def rewritten(path: Path, part: str, content: bytes) -> Path:
    """Return a copy of a workbook in which one part has other bytes."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.with_name("y.xlsx"), "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return path.with_name("y.xlsx")


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def with_rows(tmp_path: Path):
    """Return the path of a workbook whose only sheet has these rows of XML."""
    path = tmp_path / "x.xlsx"
    openpyxl.Workbook().save(path)

    def write(rows: str, *, prefix: str = "", encoding: str = "utf-8") -> Path:
        p = f"{prefix}:" if prefix else ""
        name = f"xmlns:{prefix}" if prefix else "xmlns"
        text = f'<?xml version="1.0" encoding="{encoding}"?>\n<{p}worksheet {name}="{MAIN}"><{p}sheetData>{rows}</{p}sheetData></{p}worksheet>'
        return rewritten(path, SHEET, text.encode(encoding))

    return write


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="1"><c r="A1"><v>0.30000000000000004</v></c></row>', {(1, 1): "0.30000000000000004"}),
        ('<row r="1"><c r="A1"><v>0.10000000000000001</v></c></row>', {(1, 1): "0.1"}),
        ('<row r="1"><c r="A1"><v>1E3</v></c></row>', {(1, 1): "1000"}),
        ('<row r="1"><c r="A1"><v>-0</v></c></row>', {(1, 1): "0"}),
        ('<row r="1"><c r="A1"><v>no number</v></c></row>', {(1, 1): "no number"}),
        ('<row r="1"><c t="str" r="A1"><v>late reference</v></c></row>', {(1, 1): "late reference"}),
        (
            "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
            {(1, 1): "1", (1, 2): "2", (2, 1): "3"},
        ),
        ('<row r="2"><c r="B2" t="str"><v/></c></row>', {(2, 2): ""}),
        ('<row r="2"><c r="B2" s=""><v>7</v></c></row>', {(2, 2): "7"}),
        (
            '<row r="1"><c r="A1" t="inlineStr"><v>not this</v><is><t>this</t></is></c></row>',
            {(1, 1): "this"},
        ),
        (
            '<row r="1"><c r="A1" t="inlineStr"><is><r><t>Ri</t></r><r><t>ch</t></r><rPh><t>no</t></rPh></is></c></row>',
            {(1, 1): "Rich"},
        ),
        ('<row r="1"><c r="A1" t="str"><v><![CDATA[a<b]]></v></c></row>', {(1, 1): "a<b"}),
        (
            '<row r="1"><!-- <c r="A1"/> --><c r="A1" t="str"><v>_x0041__x000D_&#10;</v></c></row>',
            {(1, 1): "A\r\n"},
        ),
        ('<row r="1"><c r="A1" t="str"><v>a&#x1F600;&amp;lt;</v></c></row>', {(1, 1): "a😀&lt;"}),
        ('<row r="1"><c r="A1" t="d"><v>2021-01-01T10:10:10</v></c></row>', {(1, 1): "2021-01-01 10:10:10"}),
        (
            '<row r="1"><c r="A1"><f>1+1</f></c><c r="B1" t="str"><f>x</f><v></v></c></row>',
            {(1, 1): None, (1, 2): ""},
        ),
    ],
)
def test_unusual_xml_is_read_all_the_same(with_rows, rows: str, expected) -> None:
    assert cells_of(with_rows(rows)) == expected


def test_prefixes_and_encodings_make_no_difference(with_rows) -> None:
    rows = '<{0}row r="1"><{0}c r="A1" t="str"><{0}v>é</{0}v></{0}c></{0}row>'
    assert cells_of(with_rows(rows.format("x:"), prefix="x")) == {(1, 1): "é"}
    assert cells_of(with_rows(rows.format(""), encoding="utf-16")) == {(1, 1): "é"}


def test_the_dimension_that_a_sheet_claims_is_not_believed(with_rows) -> None:
    path = with_rows('<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="C3"><v>2</v></c></row>')
    with zipfile.ZipFile(path) as archive:
        content = archive.read(SHEET).replace(b"<sheetData>", b'<dimension ref="A1:A1"/><sheetData>')
    path.rename(path.with_name("z.xlsx"))
    assert cells_of(rewritten(path.with_name("z.xlsx"), SHEET, content)) == {(1, 1): "1", (3, 3): "2"}
