"""Delimited text: every cell exact, every row number a spreadsheet's, or a clear question."""

import csv
import io
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.reading import WarningKind
from aformity_pipelines.intake.refusal import NotUnderstood

NASTY = [
    "",
    "007",
    "NULL",
    "#",
    "#N/A",
    'a "b" c',
    '"',
    '""',
    "a,b",
    "a;b",
    "x\ny",
    "x\r\ny",
    "\n",
    "\r",
    " ",
    " a ",
]
NASTY += [
    "1E5",
    "12.50",
    "02/03/04",
    "true",
    "\\",
    "'",
    "😀",
    "é",
    "\u2028",
    "\ufeff",
    "a\tb",
    "|",
    "\x1a",
    "0" * 300,
]
cell = st.sampled_from(NASTY) | st.text(
    alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8
)


@st.composite
def tables(draw, cells=cell):
    width = draw(st.integers(2, 5))
    return draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6))


def written(rows, *, delimiter: str, line_end: str, blanks: frozenset[int], quoting: int) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    for index, row in enumerate(rows):
        out.write(line_end * (index in blanks))
        # The csv module leaves a lone CR or LF of the other kind unquoted, so such rows are quoted whole.
        if any("\r" in text or "\n" in text for text in row):
            csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerow(row)
        else:
            writer.writerow(row)
    return out.getvalue()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=tables(),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]),
    blanks=st.frozensets(st.integers(1, 6)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    keep_last=st.booleans(),
)
def test_what_was_written_is_read(
    read_bytes, rows, delimiter, line_end, encoding, blanks, quoting, keep_last
):
    text = written(rows, delimiter=delimiter, line_end=line_end, blanks=blanks, quoting=quoting)
    text = text if keep_last else text.removesuffix(line_end)
    # At the very start of a file it is a byte order mark.
    assume(not text.startswith("\ufeff"))
    hints = {"encoding": encoding, "delimiter": delimiter, "header_row": 1}
    expected, number = [], 0
    for index, row in enumerate(rows):
        number += 1 + (index in blanks)
        expected.append((number, *row))

    with tempfile.TemporaryDirectory() as folder:
        read = read_bytes(text.encode(encoding), Path(folder), **hints)

    assert read.table.headers == tuple(rows[0])
    assert list(read.rows) == expected[1:]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=st.lists(cell, max_size=6), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_one_column_is_read(read_bytes, cells, quoting):
    text = written(
        [["h"], *([c] for c in cells)], delimiter=",", line_end="\n", blanks=frozenset(), quoting=quoting
    )
    with tempfile.TemporaryDirectory() as folder:
        read = read_bytes(
            text.encode(), Path(folder), delimiter=",", header_row=1, encoding="utf-8", quote='"'
        )
    assert list(read.rows) == [(row, cell) for row, cell in enumerate(cells, start=2)]


def test_row_numbers_count_blank_lines_and_titles_but_no_quoted_newline(read_bytes, tmp_path: Path) -> None:
    content = b'Export of contacts\n\nid,name,note\n\n1,Ann,"two\n\nlines"\n\n\n2,Bob,\n'
    read = read_bytes(content, tmp_path)
    assert read.table.headers == ("id", "name", "note")
    assert read.table.header_row == 3
    assert read.rows == ((5, "1", "Ann", "two\n\nlines"), (8, "2", "Bob", ""))
    assert [row_id.partition("#")[2] for row_id in read.row_ids] == ["0000005", "0000008"]


def test_a_row_id_names_source_delivery_and_row(read_bytes, tmp_path: Path) -> None:
    read = read_bytes(b"id,name\n1,Ann\n", tmp_path)
    sha256 = sha256_of(tmp_path / "in.csv")
    assert read.row_ids == (f"crm@{sha256[:8]}#0000002",)


def test_headers_are_kept_exactly_also_in_the_file(read_bytes, tmp_path: Path) -> None:
    read = read_bytes(b',Name,name, Name ,Name,"a ""q"" b"\n1,2,3,4,5,6\n', tmp_path)
    assert read.table.headers == ("", "Name", "name", " Name ", "Name", 'a "q" b')
    stored = duckdb.execute(
        "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE key = 'headers'", [str(read.table.parquet)]
    ).fetchone()
    assert stored == ('["","Name","name"," Name ","Name","a \\"q\\" b"]',)


def test_nothing_becomes_null(read_bytes, tmp_path: Path) -> None:
    read = read_bytes(b'a,b,c,d\n,"",NULL,null\n', tmp_path)
    assert read.rows == ((2, "", "", "NULL", "null"),)


def test_no_value_is_changed(read_bytes, tmp_path: Path) -> None:
    values = ("007", "1E5", "0x10", "1234567890123456789.10", "02/03/04", "TRUE", "#1", "12,50")
    content = ";".join("abcdefgh") + "\n" + ";".join(values) + "\n"
    assert read_bytes(content.encode(), tmp_path).rows == ((2, *values),)


def test_the_same_delivery_gives_the_same_bytes(read_bytes, tmp_path: Path) -> None:
    content = b"id,name\n" + b"".join(b"%d,name of %d\n" % (i, i % 1000) for i in range(300_000))
    read = read_bytes(content, tmp_path)
    first = sha256_of(read.table.parquet)
    assert sha256_of(read_bytes(content, tmp_path).table.parquet) == first
    assert (read.rows[0], read.rows[-1]) == ((2, "0", "name of 0"), (300_001, "299999", "name of 999"))
    assert [row[0] for row in read.rows] == list(range(2, 300_002))


def test_cp1252_with_semicolons_is_read_and_said_to_be_assumed(read_bytes, tmp_path: Path) -> None:
    read = read_bytes("Größe;Preis\r\nmüde;1,50 €\r\n".encode("cp1252"), tmp_path)
    assert read.table.headers == ("Größe", "Preis")
    assert read.rows == ((2, "müde", "1,50 €"),)
    assert (read.table.dialect.encoding, read.table.dialect.line_end) == ("cp1252", "CRLF")
    assert [warning.kind for warning in read.table.warnings] == [WarningKind.ENCODING_ASSUMED]
    assert "byte 2 (0xF6)" in read.table.warnings[0].example


def test_a_byte_order_mark_is_no_text(read_bytes, tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        read = read_bytes('"id",näme\n1,😀\n'.encode(encoding), tmp_path)
        assert read.table.headers == ("id", "näme")
        assert read.rows == ((2, "1", "😀"),)


def test_a_header_alone_is_a_table_without_rows(read_bytes, tmp_path: Path) -> None:
    read = read_bytes(b"id,name\n", tmp_path)
    assert (read.table.headers, read.table.rows) == (("id", "name"), 0)


def test_quotes_are_plain_text_when_told(read_bytes, tmp_path: Path) -> None:
    read = read_bytes(b'id,size\n1,5" pipe\n2,"x\n', tmp_path, quote="")
    assert read.rows == ((2, "1", '5" pipe'), (3, "2", '"x'))


def test_folders_named_like_patterns_do_no_harm(read_bytes, tmp_path: Path) -> None:
    folder = tmp_path / "a[1]*?"
    folder.mkdir()
    assert read_bytes(b"id,name\n1,Ann\n", folder).rows == ((2, "1", "Ann"),)


def test_a_long_file_with_blank_lines_keeps_its_numbers_across_blocks(read_bytes, tmp_path: Path) -> None:
    lines = [b"id,note", *(b"" if i % 7 == 0 else b'%d,"q\r\n%d"' % (i, i) for i in range(2, 90_000))]
    read = read_bytes(b"\r\n".join(lines), tmp_path)
    assert list(read.rows) == [(i, str(i), f"q\r\n{i}") for i in range(2, 90_000) if i % 7]


REFUSED = {
    "a long row": (
        b"a,b\n1,2\n1,2,3\n1,2\n",
        "1 records do not have the header's 2 fields: row 3 '1,2,3' has 3",
    ),
    "a short row": (b"a,b\n1,2\n1\n1,2\n", "row 3 '1' has 1"),
    "a shifted row": (b"a,b,c\n1,2,3\n,2,bob,\n4,5,6\n", "row 3 ',2,bob,' has 4"),
    "a row after blanks": (b"a,b\n\n1,2\n\n1\n2,3\n", "row 5 '1' has 1"),
    "a stray quote": (b'a,b\n1,2\n5" x 6" pipe,2\n3,4\n', "quote inside an unquoted field.*row 3"),
    "text after a quote": (b'a,b\n1,2\n"x" ,2\n3,4\n', "text after a closing quote: row 3"),
    "an open quote": (b'a,b\n1,2\n3,4\n"x,2\n3,4\n', "never closed: row 4.*quote"),
    "two kinds of line end": (b"a,b\r\n1,2\r\n1,2\n3,4\r\n", "line end of another kind"),
    "a lone CR": (b"a,b\n1,2\n1,\r2\n3,4\n", "line end of another kind.*row 3"),
    "no clear delimiter": (b"c0\nv0\na;b\n", "which character separates the fields is not clear"),
    "an unusual delimiter": (b"id%name\n1%Ann\n2%Bob\n", r'put `format: {delimiter: "%"}`'),
    "two delimiters": (b"a,b;c\n1,2;3\n4,5;6\n", "not clear"),
    "an uncommon title": (
        b"Report,Acme\nid,name,city\n1,Ann,Ulm\n2,Bob,Bonn\n",
        "row 1 above it.*header_row: 2",
    ),
    "a padded title": (b"Report,Acme,,\nid,name,city,zip\n1,Ann,Ulm,8\n", "names only some of the columns"),
    "no header": (b"1,a@x.com\n2,b@x.com\n", "looks like a record.*e-mail.*header_row: 1"),
    "only numbers": (b"1,2\n3,4\n", "numbers only"),
    "nothing": (b"", "0 bytes"),
    "blank lines": (b"\n\n", "the file is blank"),
    "UTF-16 without a mark": ("id,name\n1,Ann\n".encode("utf-16-le"), 'encoding: "utf-16-le"'),
    "UTF-8, then not": ("näme,x\nmü".encode() + b"\xfc,1\n", "valid UTF-8 up to byte 11, then not"),
    "gzip": (b"\x1f\x8b\x08rest", "compressed"),
    "a web page": (b"\xef\xbb\xbf\n<HTML><table>", "web page"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_broken_or_unclear_is_refused_with_a_reason(read_bytes, tmp_path, content, message) -> None:
    with pytest.raises(NotUnderstood, match=message):
        read_bytes(content, tmp_path)
    assert not (tmp_path / "build" / "raw.parquet").exists()
    assert not list(tmp_path.rglob(".*"))


WRONG_HINTS = {
    "encoding": ("näme,x\n1,ö\n".encode("cp1252"), {"encoding": "utf-8"}, r"byte 1 \(0xE4\) does not fit"),
    "unknown encoding": (b"a,b\n1,2\n", {"encoding": "utf-99"}, "unknown encoding 'utf-99'"),
    "codec of bytes": (b"a,b\n1,2\n", {"encoding": "base64"}, "'base64'"),
    "delimiter": (b"a,b\n1,2\n", {"delimiter": ";"}, r"no ';' between fields, but ','"),
    "header row": (b"Title\na,b\n1,2\n", {"header_row": 1}, "fields"),
    "header row on a blank": (b"a,b\n\n1,2\n", {"header_row": 2}, "row 2 should be the header but is blank"),
    "header row beyond": (b"a,b\n1,2\n", {"header_row": 9}, "row 9 should be the header"),
}


@pytest.mark.parametrize(("content", "hints", "message"), WRONG_HINTS.values(), ids=WRONG_HINTS)
def test_wrong_hints_are_refused_with_a_reason(read_bytes, tmp_path, content, hints, message) -> None:
    with pytest.raises(NotUnderstood, match=message):
        read_bytes(content, tmp_path, **hints)


def test_all_problems_are_told_at_once(read_bytes, tmp_path: Path) -> None:
    content = b"a,b\n1,2\n1\n1,2,3\n" + b"1,2\n" * 9 + b'x"y"z,2\n' + b"1\n" * 5
    with pytest.raises(NotUnderstood) as refused:
        read_bytes(content, tmp_path)
    width, quote = sorted(refused.value.questions, key=lambda question: "quote" in question.what)
    assert width.what.startswith("7 records do not have the header's 2 fields: row 3 '1' has 1, row 4")
    assert "row 14" in quote.what
