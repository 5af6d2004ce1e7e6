"""One table by its plan: every cell exact in every grammar, every row accounted for, the two readers agreed."""

import csv
import io
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aformity_pipelines.domain.delivery import FormatHints, ShortRecords
from aformity_pipelines.intake.job import Job, Limits
from aformity_pipelines.intake.reading import SkipKind, WarningKind
from aformity_pipelines.intake.refusal import DeliveryRefused, ReadersDisagree
from aformity_pipelines.intake.text import table as table_module
from aformity_pipelines.intake.text.agree import must_agree
from aformity_pipelines.intake.text.encoding import Utf8Text
from aformity_pipelines.intake.text.plan import Grammar, LineEnd, Plan
from aformity_pipelines.intake.text.table import read_table

COMMA = Grammar(delimiter=b",", quote=b'"')
ENDS = {"\n": LineEnd.LF, "\r\n": LineEnd.CRLF, "\r": LineEnd.CR}
NASTY = ["", "007", "NULL", "#", 'a "b" c', '"', '""', "a,b", "x\ny", "x\r\ny", "\n", "\r", " ", "\\", '\\"']
NASTY += ["'", "😀", "\u2028", "\ufeff", "a\tb", "||", "|", "\x1a", "\x00", ", ", "0" * 300, "\\n", "a\\"]
cells = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
grammars = st.sampled_from(
    [
        COMMA,
        Grammar(delimiter=b";", quote=b"'"),
        Grammar(delimiter=b"\t", quote=b'"', comment=b"#"),
        Grammar(delimiter=b"||", quote=b'"'),
        Grammar(delimiter=b", ", quote=b'"'),
        Grammar(delimiter=b",", quote=b'"', escape=b"\\"),
        Grammar(delimiter=b"\x1f", quote=b'"'),
    ]
)


def quoted(cell: str, grammar: Grammar) -> str:
    quote, escape = grammar.quote.decode(), grammar.escape.decode()
    if escape:
        cell = cell.replace(escape, escape * 2)
    return quote + cell.replace(quote, (escape or quote) + quote) + quote


def written(rows, grammar: Grammar, line_end: str, is_bare) -> bytes:
    """Every cell in quotes but those that need none and are to stand bare."""
    special = {*grammar.quote.decode(), *grammar.delimiter.decode(), "\r", "\n"}
    lines = []
    for row in rows:
        bare = [is_bare and cell != "" and not special & {*cell} for cell in row]
        # At the start of a line or of the file some characters would mean something.
        bare[0] = bare[0] and not row[0].startswith(("#", "\ufeff"))
        fields = [cell if plain else quoted(cell, grammar) for cell, plain in zip(row, bare, strict=True)]
        lines.append(grammar.delimiter.decode().join(fields) + line_end)
    return "".join(lines).encode()


@st.composite
def tables(draw):
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6))


any_table = given(
    rows=tables(),
    grammar=grammars,
    line_end=st.sampled_from(list(ENDS)),
    is_mixed=st.booleans(),
    is_bare=st.booleans(),
    block_bytes=st.sampled_from([3, 50, 1 << 18]),
)
damaged_table = given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=2, max_size=6),
    grammar=grammars,
    data=st.data(),
)
few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(few, max_examples=400)


def must_read_back(table_of, blocks_of, rows, grammar, line_end, is_mixed, is_bare, block_bytes) -> None:
    grammar = replace(grammar, line_end=LineEnd.MIXED if is_mixed else ENDS[line_end])
    plan = Plan(grammar=grammar, headers=tuple(rows[0]), header_row=1, header_rows=1, first_row=2)
    content = written(rows, grammar, line_end, is_bare)
    with tempfile.TemporaryDirectory() as folder, blocks_of(block_bytes):
        read = table_of(content, plan, Path(folder))
    assert read.rows == [(number, *row) for number, row in enumerate(rows[1:], start=2)]
    assert read.rejects == []


def must_lose_one_line(table_of, planned, rows, grammar, data) -> None:
    at = data.draw(st.integers(1, len(rows) - 1))
    delimiter, quote = grammar.delimiter.decode(), grammar.quote.decode()
    damage = data.draw(
        st.sampled_from(
            [f"1{quote}", f"{quote}1{quote}2", f"1{delimiter}2", delimiter * 5 + "1", f"{quote}1"]
        )
    )
    lines = [written([row], grammar, "\n", False) for row in rows]
    lines[at] = damage.encode() + b"\n"
    with tempfile.TemporaryDirectory() as folder:
        read = table_of(b"a\n" + b"".join(lines), planned("x y z", grammar), Path(folder))
    others = [(number, *row) for number, row in enumerate(rows, start=2) if number != at + 2]
    assert read.rows == others
    assert [(row, raw) for row, _, raw, _ in read.rejects] == [(at + 2, damage)]


@few
@any_table
def test_any_table_in_any_grammar_reads_back_exactly(table_of, blocks_of, **drawn) -> None:
    must_read_back(table_of, blocks_of, **drawn)


@few
@damaged_table
def test_one_damaged_line_costs_no_other(table_of, planned, **drawn) -> None:
    must_lose_one_line(table_of, planned, **drawn)


@pytest.mark.slow
@many
@any_table
def test_hundreds_of_tables_read_back_exactly(table_of, blocks_of, **drawn) -> None:
    must_read_back(table_of, blocks_of, **drawn)


@pytest.mark.slow
@many
@damaged_table
def test_one_damaged_line_of_hundreds_of_tables_costs_no_other(table_of, planned, **drawn) -> None:
    must_lose_one_line(table_of, planned, **drawn)


def test_the_csv_module_reads_the_same(table_of, planned, tmp_path) -> None:
    out = io.StringIO(newline="")
    rows = [[f"{i}", f'say "{i}"', "two\nlines" if i % 3 else "a,b"] for i in range(2_000)]
    csv.writer(out).writerows([["a", "b", "c"], *rows])
    plan = planned("a b c", replace(COMMA, line_end=LineEnd.CRLF))
    assert [list(row[1:]) for row in table_of(out.getvalue().encode(), plan, tmp_path).rows] == rows


def test_every_row_is_accounted_for_by_kind(table_of, planned, tmp_path: Path) -> None:
    content = b"Report\n\na,b\n1,2\n# no\n3\n4,5\n\nSource: us\n"
    grammar = replace(COMMA, comment=b"#")
    plan = planned("a b", grammar, header_row=3, first_row=4, last_row=8)
    read = table_of(content, plan, tmp_path)
    assert read.rows == [(4, "1", "2"), (7, "4", "5")]
    assert read.rejects == [(6, "1 field, the header has 2", "3", b"3")]
    assert [(skip.kind, skip.count, skip.row, skip.example) for skip in read.table.skipped] == [
        (SkipKind.TITLE, 1, 1, "Report"),
        (SkipKind.HEADER, 1, 3, "a,b"),
        (SkipKind.BLANK, 2, 2, ""),
        (SkipKind.NOTE, 1, 9, "Source: us"),
        (SkipKind.COMMENT, 1, 5, "# no"),
    ]
    assert (read.table.first_row, read.table.last_row) == (4, 7)


def test_rows_of_another_table_are_its_own(table_of, planned, tmp_path: Path) -> None:
    content = b"a,b\n1,2\n\nx,y\n3,4\n"
    first = planned("a b", last_row=3)
    second = planned("x y", header_row=4, first_row=5)
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    reads = [
        table_of(content, first, tmp_path / "1", others=(second,)),
        table_of(content, second, tmp_path / "2", number=2, others=(first,)),
    ]
    assert [read.rows for read in reads] == [[(2, "1", "2")], [(5, "3", "4")]]
    counts = [{skip.kind: skip.count for skip in read.table.skipped} for read in reads]
    assert [count[SkipKind.OTHER_TABLE] for count in counts] == [2, 3]


def test_a_table_without_a_header_begins_in_row_1(table_of, planned, tmp_path: Path) -> None:
    plan = planned("col_0 col_1", header_row=0, header_rows=0, first_row=1)
    read = table_of(b"1,2\n3\n", plan, tmp_path)
    assert read.rows == [(1, "1", "2")]
    assert read.rejects[0][1] == "1 field, the others have 2"


def test_short_records_are_filled_when_told_and_counted(table_of, planned, tmp_path: Path) -> None:
    plan = planned("a b c", short_records=ShortRecords.FILL)
    read = table_of(b'a,b,c\n1\n"2",""\n3,4,5\n6,7,8,9\n', plan, tmp_path)
    assert read.rows == [(2, "1", "", ""), (3, "2", "", ""), (4, "3", "4", "5")]
    (warning,) = read.table.warnings
    assert (warning.kind, warning.count, warning.example) == (
        WarningKind.SHORT_RECORD_FILLED,
        2,
        "row 2: '1'",
    )
    assert [row for row, *_ in read.rejects] == [5]


def test_characters_that_no_screen_shows_are_kept_and_counted(table_of, planned, tmp_path: Path) -> None:
    content = "a,b\n1\x00,\x002\n\ufeff,\u2028\n\x1a".encode()
    read = table_of(content, planned("a b"), tmp_path)
    assert read.rows == [(2, "1\x00", "\x002"), (3, "\ufeff", "\u2028")]
    (warning,) = read.table.warnings
    assert (warning.kind, warning.count) == (WarningKind.CONTROL_CHARACTER, 4)
    assert warning.example.startswith("2 NUL, first in row 2")
    assert [(skip.kind, skip.row) for skip in read.table.skipped][-1] == (SkipKind.NOTE, 4)


def test_mixed_line_ends_are_read_and_counted(table_of, planned, tmp_path: Path) -> None:
    plan = planned("a b", replace(COMMA, line_end=LineEnd.MIXED))
    read = table_of(b'a,b\n1,2\r\n3,"x\ry"\n5,6\r7,8\n', plan, tmp_path)
    assert [row[1:] for row in read.rows] == [("1", "2"), ("3", "x\ry"), ("5", "6"), ("7", "8")]
    (warning,) = read.table.warnings
    assert warning.example == "1 CRLF, first in row 2, 1 CR, first in row 4; the others are LF"


SWALLOWED = {
    "two lost quotes": (b'1,"x\n2,y\n3,z"\n', 1),
    "two lost quotes, twice": (b'1,"x\n2,y\n3,""\n4,z"\n5,"x\n6,y\n7,z"\n', 2),
    "lines of one field": (b'1,"x\ny\nz"\n', 0),
    "lines of another width": (b'1,"x\n2,y,z\n3,z"\n', 0),
    "an address that ends otherwise": (b'1,"Main Street\nYork, UK\nEngland"\n', 0),
    "two lines, neither whole": (b'1,"x\n3,z"\n', 0),
}


@pytest.mark.parametrize(("content", "count"), SWALLOWED.values(), ids=SWALLOWED)
@pytest.mark.parametrize("fault", [b"", b'"x"y,0\n'], ids=["sound", "beside a broken record"])
def test_a_cell_that_holds_lines_like_records_is_warned_of(
    table_of, planned, tmp_path, content, count, fault
) -> None:
    read = table_of(b"a,b\n" + content + fault, planned("a b"), tmp_path)
    found = [warning for warning in read.table.warnings if warning.kind is WarningKind.RECORDS_IN_CELL]
    assert [warning.count for warning in found] == [count] * bool(count)
    if count:
        assert found[0].example.startswith("row 2 holds the line '2,y'")


def test_rejects_carry_the_bytes_and_the_headers(table_of, planned, tmp_path: Path) -> None:
    read = table_of(b"a,b\n\xff,2\n1,2\n", planned("a b"), tmp_path)
    assert read.rejects == [(2, "bytes that are no UTF-8", "\\xff,2", b"\xff,2")]
    metadata = pq.read_schema(read.table.rejects).metadata
    assert metadata[b"headers"] == b'["a","b"]'
    assert pq.read_table(read.table.rejects)["row_id"].to_pylist() == ["crm@0#0000002"]


@pytest.mark.parametrize(
    ("limits", "message"), [(Limits(rows=2), "2 rows"), (Limits(columns=1), "1 columns")]
)
def test_a_text_beyond_a_limit_is_refused(planned, tmp_path: Path, limits, message) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b"a,b\n1,2\n3,4\n")
    job = Job(file=file, name="in", hints=FormatHints(), into=tmp_path, row_id_prefix="", limits=limits)
    text = Utf8Text(path=file, start=0, encoding="utf-8", because="", is_assumed=False)
    with pytest.raises(DeliveryRefused, match=f"more than {message}"):
        read_table(text, planned("a b"), job, 1)


@pytest.mark.parametrize(
    "content", [b"a,b\n1,x\n3,4\n", b"a,b\n1,2\n", b"a,b\n1,2\n3,4\n5,6\n", b"a,b\n12,\n3,4\n"]
)
def test_two_readings_that_differ_in_a_cell_are_noticed(table_of, planned, tmp_path, content) -> None:
    read = table_of(content, planned("a b"), tmp_path)
    (tmp_path / "other").mkdir()
    expected = []

    def spy(parquet, width, stream, *, name) -> None:
        expected.extend(stream)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(table_module, "must_agree", spy)
        table_of(b"a,b\n1,2\n3,4\n", planned("a b"), tmp_path / "other")
    with pytest.raises(ReadersDisagree):
        must_agree(read.table.parquet, 2, expected, name="in.csv")


def test_where_duckdb_reads_otherwise_the_strict_tokenizer_decides(
    table_of, planned, tmp_path, monkeypatch
) -> None:
    wrong = "SELECT 2 AS row, 'x' AS c0001, 'y' AS c0002"
    monkeypatch.setattr(table_module, "rows_in_place", lambda path, plan: wrong)
    assert table_of(b"a,b\n1,2\n", planned("a b"), tmp_path).rows == [(2, "1", "2")]
