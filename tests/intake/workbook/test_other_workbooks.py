"""OpenDocument, binary and old workbooks: the same values, warnings and refusals as in .xlsx."""

import struct
import zipfile
from pathlib import Path

import pytest

from aformity_pipelines.intake.refusal import DeliveryRefused

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "excel-calamine"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
HEADER = "<t:table-row><t:table-cell><x:p>id</x:p></t:table-cell><t:table-cell><x:p>name</x:p></t:table-cell></t:table-row>"


def ods(path: Path, body: str, manifest: str = "<manifest/>") -> Path:
    content = f'<o:document-content xmlns:o="{OFFICE}" xmlns:t="{TABLE}" xmlns:x="{TEXT}" xmlns:s="{STYLE}">{body}</o:document-content>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('o:value-type="float" o:value="42"><x:p>00042</x:p>', "42"),
        ('o:value-type="float" o:value="0.1"><x:p>0,10</x:p>', "0.1"),
        ('o:value-type="percentage" o:value="0.25"><x:p>25 %</x:p>', "0.25"),
        ('o:value-type="date" o:date-value="2024-03-02"><x:p>2. März</x:p>', "2024-03-02"),
        ('o:value-type="date" o:date-value="2024-03-02T04:05:06"><x:p>heute</x:p>', "2024-03-02 04:05:06"),
        ('o:value-type="time" o:time-value="PT36H05M00S"><x:p>36:05</x:p>', "36:05:00"),
        ('o:value-type="boolean" o:boolean-value="true"><x:p>WAHR</x:p>', "true"),
        ('o:value-type="string"><x:p>a<x:s x:c="3"/>b<x:tab/>c</x:p><x:p>d</x:p>', "a   b\tc\nd"),
        ('o:value-type="string"><o:annotation><x:p>no</x:p></o:annotation><x:p>007</x:p>', "007"),
    ],
)
def test_a_cell_of_an_opendocument_sheet(read_book, tmp_path: Path, cell: str, text: str) -> None:
    row = f'<t:table-row><t:table-cell o:value-type="float" o:value="1"/><t:table-cell {cell}</t:table-cell></t:table-row>'
    path = ods(tmp_path / "x.ods", f'<t:table t:name="Data">{HEADER}{row}</t:table>')
    assert read_book(path).only.rows == ((2, "1", text),)


def test_repeated_and_hidden_parts_of_an_opendocument_sheet(read_book, tmp_path: Path) -> None:
    style = '<s:style s:name="ta2"><s:table-properties t:display="false"/></s:style>'
    rows = (
        '<t:table-row t:number-rows-repeated="2" t:visibility="filter"><t:table-cell t:number-columns-repeated="2" o:value-type="float" o:value="7"/></t:table-row>'
        '<t:table-row t:number-rows-repeated="1000000"><t:table-cell t:number-columns-repeated="1024"/></t:table-row>'
    )
    path = ods(
        tmp_path / "x.ods", f'{style}<t:table t:name="Data" t:style-name="ta2">{HEADER}{rows}</t:table>'
    )
    table = read_book(path).only
    assert table.rows == ((2, "7", "7"), (3, "7", "7"))
    assert table.warnings == {"hidden_sheet": (1, "Data"), "hidden_row": (2, "Data!2:2")}


def test_a_protected_opendocument_sheet_is_refused(read_book, tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="protected by a password"):
        read_book(ods(tmp_path / "x.ods", "", "<manifest><encryption-data/></manifest>"))


def record(kind: int, body: bytes = b"") -> bytes:
    """Return a record of a binary workbook: kind and size in groups of 7 bits."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size = len(body)
    return head + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(kind: int, column: int, body: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + body)


def row(number: int, *, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBB", number - 1, 0, 300, 0, 0x10 if hidden else 0, 0) + bytes(4))


RELATIONS = '<Relationships xmlns="x">{}</Relationships>'
RELATION = '<Relationship Id="{}" Type="http://x/{}" Target="{}"/>'


def xlsb(path: Path, sheet: bytes) -> Path:
    styles = (
        record(44, struct.pack("<H", 164) + wide("[h]:mm"))
        + record(617)
        + b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 14, 164))
        + record(618)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels", RELATIONS.format(RELATION.format("r1", "officeDocument", "xl/workbook.bin"))
        )
        parts = (
            ("r1", "worksheet", "sheet1.bin"),
            ("r2", "sharedStrings", "texts.bin"),
            ("r3", "styles", "styles.bin"),
        )
        archive.writestr(
            "xl/_rels/workbook.bin.rels", RELATIONS.format("".join(RELATION.format(*p) for p in parts))
        )
        named = record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("Data"))
        archive.writestr("xl/workbook.bin", record(153, struct.pack("<II", 0, 0)) + named)
        archive.writestr("xl/texts.bin", record(19, b"\0" + wide("id")) + record(19, b"\0" + wide("name")))
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/sheet1.bin", sheet)
    return path


def test_the_cells_of_a_binary_workbook(read_book, tmp_path: Path) -> None:
    one, hundredth = struct.pack("<I", (1 << 2) | 2), struct.pack("<I", (1234 << 2) | 3)
    values = (
        cell(6, 1, wide("_x0041_ text")),
        cell(2, 1, hundredth),
        cell(2, 1, struct.pack("<d", -0.5)[4:]),
        cell(5, 1, struct.pack("<d", 45353.5), style=1),
        cell(9, 1, struct.pack("<d", 1.5) + bytes(6), style=2),
        cell(4, 1, b"\1"),
        cell(3, 1, b"\x2a"),
    )
    header = row(1) + cell(7, 0, struct.pack("<I", 0)) + cell(7, 1, struct.pack("<I", 1))
    rows = b"".join(
        row(number, hidden=number == 3) + cell(2, 0, one) + value
        for number, value in enumerate(values, start=2)
    )
    table = read_book(xlsb(tmp_path / "x.xlsb", header + rows)).only
    texts = ("_x0041_ text", "12.34", "-0.5", "2024-03-02 12:00:00", "36:00:00", "true", "#N/A")
    assert table.raw.headers == ("id", "name")
    assert table.rows == tuple((number, "1", text) for number, text in enumerate(texts, start=2))
    assert table.warnings == {"hidden_row": (1, "Data!3:3"), "error_cell": (1, "Data!B8")}


def test_a_binary_workbook_that_is_cut_off_is_refused(read_book, tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match=r"the last record of xl/sheet1.bin is cut short"):
        read_book(xlsb(tmp_path / "x.xlsb", row(1) + record(7, bytes(12))[:-3]))
    with pytest.raises(DeliveryRefused, match="a record is cut short"):
        read_book(xlsb(tmp_path / "x.xlsb", row(1) + record(7, bytes(3))))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared test material is not here")
def test_old_workbooks_say_what_new_ones_say(read_book, tmp_path: Path) -> None:
    tables = []
    for name in ("date.xls", "date_1904.xls", "date.xlsx", "date_1904.xlsx"):
        path = tmp_path / name
        path.write_bytes((SHARED / name).read_bytes())
        tables.append(read_book(path).only)
    assert {table.rows for table in tables} == {
        ((1, "2021-01-01", "15"), (2, "2021-01-02", "16"), (3, "255:10:10", "17"))
    }
    assert ["dates_from_1904" in table.warnings for table in tables] == [False, True, False, True]
