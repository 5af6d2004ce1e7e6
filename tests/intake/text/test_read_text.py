"""Delimited text: every cell exact, every row number a spreadsheet's, or a clear question."""

from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import WarningKind
from aformity_pipelines.intake.refusal import NotUnderstood
from aformity_pipelines.intake.text.read import read_text


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
    read = read_bytes(b'a,b,c,d\n,"",NULL,null\n', tmp_path, header_row=1)
    assert read.rows == ((2, "", "", "NULL", "null"),)


def test_no_value_is_changed(read_bytes, tmp_path: Path) -> None:
    values = ("007", "1E5", "0x10", "1234567890123456789.10", "02/03/04", "TRUE", "#1", "12,50")
    content = ";".join("abcdefgh") + "\n" + ";".join(values) + "\n"
    assert read_bytes(content.encode(), tmp_path).rows == ((2, *values),)


def test_the_same_delivery_gives_the_same_bytes(read_bytes, tmp_path: Path) -> None:
    content = b"id,name\n" + b"".join(b"%d,name of %d\n" % (i, i % 1000) for i in range(130_000))
    read = read_bytes(content, tmp_path)
    first = sha256_of(read.table.parquet)
    assert sha256_of(read_bytes(content, tmp_path).table.parquet) == first
    assert (read.rows[0], read.rows[-1]) == ((2, "0", "name of 0"), (130_001, "129999", "name of 999"))
    assert [row[0] for row in read.rows] == list(range(2, 130_002))


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
    lines = [b"id,note", *(b"" if i % 7 == 0 else b'%d,"q\r\n%d"' % (i, i) for i in range(2, 30_000))]
    read = read_bytes(b"\r\n".join(lines), tmp_path)
    assert list(read.rows) == [(i, str(i), f"q\r\n{i}") for i in range(2, 30_000) if i % 7]


QUARANTINED = {
    "a long row": (b"1,2,3\n", "3 fields, the header has 2"),
    "a shifted row": (b",2,bob,\n", "4 fields, the header has 2"),
    "a stray quote": (b'5" x 6" pipe,2\n', "a quote inside an unquoted field, or text after a closing quote"),
    "text after a quote": (b'"x" ,2\n', "a quote inside an unquoted field, or text after a closing quote"),
    "an open quote": (b'"x,2\n', "a quote inside an unquoted field, or text after a closing quote"),
    "another line end": (b"1,x\ry\n", "a line end of another kind than the file's"),
    "bytes that are no text": (b"\xff\xfe\x80,2\n", "bytes that are no UTF-8"),
}


@pytest.mark.parametrize(("line", "reason"), QUARANTINED.values(), ids=QUARANTINED)
def test_one_bad_record_is_set_apart_and_no_other(table_of, planned, tmp_path, line, reason) -> None:
    good = [b'%d,"name of %d"\n' % (number, number) for number in range(2, 30)]
    good[7] = line
    read = table_of(b"id,name\n" + b"".join(good), planned("id name"), tmp_path)
    assert [(row, reason) for row, reason, _, _ in read.rejects] == [(9, reason)]
    assert [row[0] for row in read.rows] == [number for number in range(2, 30) if number != 9]
    assert all(row[1:] == (str(row[0]), f"name of {row[0]}") for row in read.rows)


def test_what_only_a_person_can_settle_is_asked_and_read_by_the_best_guess(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b"1,a@x.com\n2,b@x.com\n3,c@x.com\n")
    first = Job(file=file, name="in.csv", hints=FormatHints(), into=tmp_path / "1", row_id_prefix="")
    first.into.mkdir()
    asked = read_text(first)
    assert asked.questions
    hints = FormatHints()
    for question in asked.questions:
        hints = question.proposal.over(hints)
    told = Job(file=file, name="in.csv", hints=hints, into=tmp_path / "2", row_id_prefix="")
    told.into.mkdir()
    answered = read_text(told)
    assert answered.questions == ()
    assert [(t.headers, t.rows) for t in answered.tables] == [(t.headers, t.rows) for t in asked.tables]


def test_a_table_that_is_not_there_is_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b"id,name\n1,Ann\n2,Bob\n")
    job = Job(file=file, name="in.csv", hints=FormatHints(table=3), into=tmp_path, row_id_prefix="")
    with pytest.raises(NotUnderstood, match="table 3 is asked for, the file has 1"):
        read_text(job)


def test_headers_that_are_easily_confused_are_named(read_bytes, tmp_path: Path) -> None:
    read = read_bytes(
        b"id,Name,name,Mail,,\xef\xbb\xbfmail\n1,2,3,4,5,6\n2,2,3,4,5,6\n", tmp_path, header_row=1
    )
    found = {warning.kind: (warning.count, warning.example) for warning in read.table.warnings}
    assert found[WarningKind.DUPLICATE_HEADER] == (4, "'Name' and 'name'; 'Mail' and '\\ufeffmail'")
    assert found[WarningKind.EMPTY_HEADER] == (1, "column 5")
