"""Fixed width: columns cut every line, padding is the format's, and widths that nobody told are asked about."""

from pathlib import Path

import polars as pl
import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.read import read_file
from aformity_pipelines.intake.text.fixed_width import proposed_widths

LINES = b"ID    NAME        AMOUNT\n0001  Ann Lee        1.50\n\n0002  Bob           12.00\n0003  \xc3\x84nne Cy\n"
COMMAS = "id,name,x\n1,a  b,2\n2,c  d,3\n"


@pytest.fixture
def read(tmp_path: Path):
    def _read(content: bytes, **hints: object):
        file = tmp_path / "in.txt"
        file.write_bytes(content)
        job = Job(
            file=file,
            name="in.txt",
            hints=FormatHints.model_validate(hints),
            into=tmp_path,
            row_id_prefix="x#",
        )
        reading = read_file(job)
        return reading, pl.read_parquet(reading.tables[0].parquet).drop("row_id").rows()

    return _read


def test_told_widths_cut_characters_and_only_padding_is_left_off(read) -> None:
    reading, rows = read(LINES, widths=[6, 12, 7])
    (table,) = reading.tables
    assert table.headers == ("ID", "NAME", "AMOUNT")
    assert rows == [
        (2, "0001", "Ann Lee", "   1.50"),
        (4, "0002", "Bob", "  12.00"),
        (5, "0003", "Änne Cy", ""),
    ]
    assert {w.kind: w.count for w in table.warnings} == {"padding_removed": 5, "short_record_filled": 1}
    assert {s.kind: s.count for s in table.skipped} == {"header": 1, "blank": 1}
    assert (reading.format, reading.questions) == ("fixed_width", ())


def test_untold_widths_are_proposed_and_the_proposal_reads_the_same(read) -> None:
    reading, rows = read(LINES)
    (question,) = reading.questions
    assert question.proposal.widths[:2] == (6, 12)
    again, told = read(LINES, widths=question.proposal.widths)
    assert (again.questions, told) == ((), rows)


def test_an_underline_shows_the_columns(read) -> None:
    reading, rows = read(b"id   name\n---- -------\n1    Ann Lee\n22   Bob\n")
    assert reading.questions[0].proposal.widths == (5, 7)
    assert rows == [(3, "1", "Ann Lee"), (4, "22", "Bob")]


def test_bytes_that_are_no_text_cost_their_line_alone(read) -> None:
    reading, rows = read("id  náme\n1   á\n".encode() + b"2   \xff\n3   c\n", widths=[4, 4])
    assert (rows, reading.tables[0].rejected) == ([(2, "1", "á"), (4, "3", "c")], 1)


@pytest.mark.parametrize(
    "sample", [COMMAS, "a b c\n1 2 3\n4 5 6\n", "a\tb\n1  2\tx\n3  4\ty\n", "one\ntwo\n", ""]
)
def test_other_text_is_not_taken_for_fixed_width(sample: str) -> None:
    assert proposed_widths(sample) == ()
