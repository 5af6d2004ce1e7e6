"""Workbooks that are made to do harm: the smallest parts that a reader accepts, and one lie in them."""

from collections.abc import Iterator
from pathlib import Path

from tests.hostile.archives import big_member, lying_sizes, overlapping, repeated, zip_of
from tests.hostile.crafted import MIB, Crafted

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
_HEAD = f'<?xml version="1.0"?><worksheet {_MAIN}><sheetData>'
_TAIL = "</sheetData></worksheet>"
_HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
_ROW = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>a</t></is></c></row>'
_BOUNDARY = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_REL}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
}


def parts(rows: str = _HEADER + _ROW, **other: str) -> dict[str, bytes]:
    """Return the parts of a workbook whose only sheet has these rows; `other` replaces whole parts by short name."""
    names = {"sheet": SHEET, "strings": STRINGS, "styles": "xl/styles.xml", "book": "xl/workbook.xml"}
    texts = {**_BOUNDARY, SHEET: _HEAD + rows + _TAIL}
    texts |= {names[name]: text for name, text in other.items()}
    return {name: text.encode() for name, text in texts.items()}


def _boundary() -> dict[str, bytes]:
    return {name: text.encode() for name, text in _BOUNDARY.items()}


def _sheet_with(blocks: Iterator[bytes], *, before: str, after: str) -> Iterator[bytes]:
    yield (_HEAD + before).encode()
    yield from blocks
    yield (after + _TAIL).encode()


def _big_cell(path: Path) -> None:
    cell = _HEADER + '<row r="2"><c r="A2" t="inlineStr"><is><t>'
    blocks = _sheet_with(repeated(b"x" * MIB, 512), before=cell, after="</t></is></c></row>")
    big_member(path, SHEET, blocks, _boundary())


def _blanks(path: Path) -> None:
    blocks = _sheet_with(repeated(b" " * MIB, 2048), before=_HEADER + _ROW, after="")
    big_member(path, SHEET, blocks, _boundary())


def _lying(path: Path) -> None:
    _big_cell(path)
    path.write_bytes(lying_sizes(path.read_bytes(), declared=99))


def _stamp() -> bytes:
    strings = f'<sst {_MAIN} count="1" uniqueCount="1"><si><t>{"x" * 32_000}</t></si></sst>'
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(1, 200_001))
    return zip_of(parts(rows, strings=strings))


def _doctype(internal: str) -> bytes:
    sheet = f'<?xml version="1.0"?><!DOCTYPE worksheet [{internal}]><worksheet {_MAIN}><sheetData>{_HEADER}<row r="2"><c r="A2" t="inlineStr"><is><t>&boom;</t></is></c></row>{_TAIL}'
    return zip_of(parts(sheet=sheet))


def _laughs() -> str:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return "".join(lines) + '<!ENTITY boom "&a9;">'


def _cell(reference: str) -> bytes:
    row = "".join(sign for sign in reference if sign.isdigit())
    return zip_of(parts(f'{_HEADER}{_ROW}<row r="{row}"><c r="{reference}"><v>1</v></c></row>'))


def _after_rows(text: str, rows: str = _HEADER + _ROW, before: str = "") -> bytes:
    sheet = f'<?xml version="1.0"?><worksheet {_MAIN}>{before}<sheetData>{rows}</sheetData>{text}</worksheet>'
    return zip_of(parts(sheet=sheet))


def _twice(path: Path) -> None:
    first = zip_of({**parts(), SHEET.replace("1", "2"): parts()[SHEET]})
    path.write_bytes(first.replace(b"sheet2.xml", b"sheet1.xml"))


def _ods(repeat: str) -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = f'<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S"><table:table-row {repeat}><table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>'
    return zip_of(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
            "content.xml": content.encode(),
        }
    )


def _compound(sectors: int) -> bytes:
    """Return an old Excel file's head whose tables of sectors are as long as `sectors` says."""
    number = sectors.to_bytes(4, "little")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + b"\0" * 10
    head += number + b"\x01\0\0\0" + b"\0" * 4 + b"\0\x10\0\0" + number + number + number + number
    return head.ljust(512, b"\xff") + b"\xfd\xff\xff\xff" * 128 * 16


def _many(one: str, count: int) -> str:
    return "".join(one.format(n=n) for n in range(1, count + 1))


WORKBOOKS = (
    Crafted(
        name="sparse.xlsx",
        harm="one cell in the last corner",
        write=lambda p: p.write_bytes(_cell("XFD1048576")),
    ),
    Crafted(
        name="badref.xlsx",
        harm="a cell that no sheet has",
        write=lambda p: p.write_bytes(_cell("ZZZZZZZ99999999999")),
    ),
    Crafted(name="rowzero.xlsx", harm="a cell in row 0", write=lambda p: p.write_bytes(_cell("A0"))),
    Crafted(
        name="sstamp.xlsx",
        harm="one long text in 200,000 cells",
        write=lambda p: p.write_bytes(_stamp()),
        is_big=True,
    ),
    Crafted(name="bigcell.xlsx", harm="a text of 512 MB", write=_big_cell, is_big=True),
    Crafted(name="ws2g.xlsx", harm="2 GB of blanks", write=_blanks, is_big=True),
    Crafted(name="lyingzip.xlsx", harm="512 MB declared as 99 bytes", write=_lying, is_big=True),
    Crafted(
        name="xxe.xlsx",
        harm="reads a file of ours",
        write=lambda p: p.write_bytes(_doctype('<!ENTITY boom SYSTEM "file:///etc/passwd">')),
    ),
    Crafted(name="laughs.xlsx", harm="a billion laughs", write=lambda p: p.write_bytes(_doctype(_laughs()))),
    Crafted(
        name="quadratic.xlsx",
        harm="one long entity, many times",
        write=lambda p: p.write_bytes(
            _doctype(f'<!ENTITY x "{"x" * 100_000}"><!ENTITY boom "{"&x;" * 20_000}">')
        ),
    ),
    Crafted(
        name="dimension.xlsx",
        harm="a third row that the sheet denies",
        write=lambda p: p.write_bytes(
            _after_rows("", _HEADER + _ROW + _ROW.replace("2", "3"), before='<dimension ref="A1:B2"/>')
        ),
    ),
    Crafted(
        name="alldimension.xlsx",
        harm="two rows that claim to be all",
        write=lambda p: p.write_bytes(_after_rows("", before='<dimension ref="A1:XFD1048576"/>')),
    ),
    Crafted(
        name="merged.xlsx",
        harm="100,000 times all cells merged",
        write=lambda p: p.write_bytes(
            _after_rows("<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 100_000 + "</mergeCells>")
        ),
    ),
    Crafted(
        name="count.xlsx",
        harm="a count of texts that asks for all memory",
        write=lambda p: p.write_bytes(
            zip_of(
                parts(
                    strings=f'<sst {_MAIN} count="4294967295" uniqueCount="4294967295"><si><t>a</t></si></sst>'
                )
            )
        ),
    ),
    Crafted(
        name="noindex.xlsx",
        harm="a text that is not there",
        write=lambda p: p.write_bytes(
            zip_of(
                parts('<row r="1"><c r="A1" t="s"><v>4294967295</v></c><c r="B1" t="s"><v>-1</v></c></row>')
            )
        ),
    ),
    Crafted(
        name="deep.xlsx",
        harm="a million elements in each other",
        write=lambda p: p.write_bytes(zip_of(parts(_HEADER + "<row>" * 1_000_000 + "</row>" * 1_000_000))),
    ),
    Crafted(
        name="rows.xlsx",
        harm="five million empty rows",
        write=lambda p: p.write_bytes(zip_of(parts(_HEADER + _ROW + "<row/>" * 5_000_000))),
        is_big=True,
    ),
    Crafted(
        name="unordered.xlsx",
        harm="rows backwards, cells twice",
        write=lambda p: p.write_bytes(zip_of(parts(_ROW + _ROW + _HEADER + _HEADER))),
    ),
    Crafted(
        name="sheets.xlsx",
        harm="20,000 sheets of one part",
        is_big=True,
        write=lambda p: p.write_bytes(
            zip_of(
                parts(
                    book=_BOUNDARY["xl/workbook.xml"].replace(
                        '<sheet name="S" sheetId="1" r:id="rId1"/>',
                        _many('<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>', 20_000),
                    )
                )
            )
        ),
    ),
    Crafted(
        name="formats.xlsx",
        harm="300,000 number formats, one of 10 MB",
        write=lambda p: p.write_bytes(
            zip_of(
                parts(
                    styles=f"<styleSheet {_MAIN}><numFmts>"
                    + _many('<numFmt numFmtId="{n}" formatCode="0"/>', 300_000)
                    + f'<numFmt numFmtId="9" formatCode="{"y" * (10 * MIB)}"/></numFmts></styleSheet>'
                )
            )
        ),
    ),
    Crafted(
        name="dates.xlsx",
        harm="dates beyond every calendar",
        write=lambda p: p.write_bytes(
            zip_of(
                parts(
                    _HEADER
                    + _many(
                        '<row r="{n}"><c r="A{n}" s="1"><v>{n}e{n}</v></c><c r="B{n}" s="1"><v>-{n}</v></c></row>',
                        400,
                    ),
                    styles=f'<styleSheet {_MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
                )
            )
        ),
    ),
    Crafted(name="twice.xlsx", harm="two parts of one name", write=_twice),
    Crafted(
        name="outside.xlsx",
        harm="a sheet outside of the archive",
        write=lambda p: p.write_bytes(
            zip_of(
                {
                    **parts(),
                    "xl/_rels/workbook.xml.rels": parts()["xl/_rels/workbook.xml.rels"].replace(
                        b"worksheets/sheet1.xml", b"../../../../../../etc/passwd"
                    ),
                }
            )
        ),
    ),
    Crafted(
        name="overlap.xlsx",
        harm="60,000 names for one part",
        write=lambda p: p.write_bytes(
            overlapping(zip_of({"xl/workbook.xml": b" " * (16 * MIB)}), entries=60_000)
        ),
    ),
    Crafted(
        name="controls.xlsx",
        harm="control characters that XML has not",
        write=lambda p: p.write_bytes(
            zip_of(
                parts(
                    _HEADER
                    + '<row r="2"><c r="A2" t="inlineStr"><is><t>_x0000_\x01&#0;\ufffe</t></is></c></row>'
                )
            )
        ),
    ),
    Crafted(
        name="rows.ods",
        harm="a row repeated a billion times",
        write=lambda p: p.write_bytes(_ods('table:number-rows-repeated="1000000000"')),
    ),
    Crafted(
        name="minus.ods",
        harm="a row repeated -1 times",
        write=lambda p: p.write_bytes(_ods('table:number-rows-repeated="-1"')),
    ),
    Crafted(
        name="cycle.xls", harm="sectors that follow themselves", write=lambda p: p.write_bytes(_compound(0))
    ),
    Crafted(
        name="sectors.xls", harm="four billion sectors", write=lambda p: p.write_bytes(_compound(0xFFFFFFF0))
    ),
    Crafted(
        name="binary.xlsb",
        harm="a binary sheet of noise",
        write=lambda p: p.write_bytes(zip_of({**parts(), "xl/workbook.bin": bytes(range(256)) * 400})),
    ),
)
"""Workbooks of all kinds."""
