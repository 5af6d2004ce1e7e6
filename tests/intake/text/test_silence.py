"""What could pass without a word: rows behind the sample, lost quotes' cousins, signs that may mean two things."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Reading, WarningKind
from aformity_pipelines.intake.refusal import NotUnderstood, QuestionKind
from aformity_pipelines.intake.text.read import read_text
from aformity_pipelines.intake.text.sample import HEAD_BYTES

Read = Callable[..., Reading]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_content(content: str | bytes, **hints: object) -> Reading:
        file, into = tmp_path / "in.csv", tmp_path / "read"
        into.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        told = FormatHints.model_validate(hints)
        return read_text(Job(file=file, name="in.csv", hints=told, into=into, row_id_prefix=""))

    return read_content


def records(count: int, start: int = 1) -> str:
    return "".join(
        f"{number},Name {number},u{number}@example.com\n" for number in range(start, start + count)
    )


def up_to_the_sample_end(below: str) -> str:
    """Records that `below` follows so that it ends right before the sample does."""
    head = "id,name,mail\n" + records(15_000)
    padding = HEAD_BYTES - len(head) - len(below) - len("0,,x\n") - 1
    return head + f"0,{'.' * padding},x\n" + below


@pytest.mark.parametrize(("below", "rejected"), [("\n\n", 0), ("99,,\n", 0), ("a remark\n", 1)])
def test_what_looks_like_notes_where_the_sample_is_cut_ends_no_table(read, below: str, rejected: int) -> None:
    reading = read(up_to_the_sample_end(below) + records(500, start=20_000))
    (table,) = reading.tables
    sparse = below == "99,,\n"
    assert (table.rows, table.rejected, reading.questions) == (15_501 + sparse, rejected, ())


def test_a_header_repeated_far_below_is_no_record(read) -> None:
    head = "id,name,mail\n"
    reading = read(head + records(60_000) + head + records(10))
    (table,) = reading.tables
    rejects = pq.read_table(table.rejects).to_pylist()
    assert [(one["row"], one["reason"], one["raw"]) for one in rejects] == [
        (60_002, "repeats the header in row 1", "id,name,mail")
    ]
    assert table.rows == 60_010


@pytest.mark.parametrize("below", ["Total,,35\n", "\nGrand total:,,35\n"])
def test_a_row_of_totals_is_asked_about(read, below: str) -> None:
    reading = read("id,name,amount\n1,Ann,10\n2,Bo,20\n3,Cy,5\n" + below)
    assert [question.proposal for question in reading.questions] == [FormatHints(last_row=4)]
    assert reading.tables[0].rows == 3


def test_addresses_in_a_table_with_colons_do_not_make_it_one_column(read) -> None:
    lines = "".join(f"{number}:yes:u{number}@example.com:A-{number}\n" for number in range(9))
    reading = read("id:active:mail:code\n" + lines)
    assert (reading.tables[0].headers, reading.questions) == (("id", "active", "mail", "code"), ())


def test_apostrophes_around_some_cells_are_asked_about(read) -> None:
    reading = read("id,name\n1,'Ann Lee'\n2,Bo Ek\n3,'Cy Day'\n4,Di Orr\n")
    assert [question.kind for question in reading.questions] == [QuestionKind.DIALECT]
    assert read("id,name\n1,'Ann Lee'\n2,Bo\n3,'Cy'\n", quote="'").questions == ()
    assert read("id,name\n1,'n/a'\n2,\"Bo, Ek\"\n3,'n/a'\n").questions == ()


def test_a_doubled_sign_between_two_columns_is_asked_about(read) -> None:
    reading = read("id||name\n1||Ann\n2||Bo\n3||Cy\n")
    assert [question.proposal for question in reading.questions] == [FormatHints(delimiter="||")]
    assert reading.tables[0].headers == ("id", "name")


def test_lines_found_to_be_comments_are_weighed_no_more(read) -> None:
    content = "# made, by us\nid\x1fname\n" + "".join(f"{n}\x1fa, b\n" for n in range(5)) + "# end\n"
    first = read(content)
    together = FormatHints()
    for question in first.questions:
        together = question.proposal.over(together)
    assert read(content, **together.model_dump(exclude_defaults=True)).questions == ()


def test_marks_that_nobody_sees_in_a_header_are_said(read) -> None:
    (table,) = read("\ufeff\ufeffid,na\u200bme\n1,Ann\n2,Bo\n".encode()).tables
    assert table.headers == ("\ufeffid", "na\u200bme")
    (warning,) = table.warnings
    assert (warning.kind, warning.count) == (WarningKind.CONTROL_CHARACTER, 2)
    assert r"'\ufeffid'" in warning.example


def test_utf_16_that_lacks_its_mark_is_a_question(read) -> None:
    with pytest.raises(NotUnderstood, match="does not fit encoding utf-16"):
        read(b"id,n\n1,a\n", encoding="utf-16")


def test_the_one_column_of_a_text_may_hold_any_sign(read) -> None:
    (table,) = read('id\n"a\x1fb"\n""\n"c ""d"""\n').tables
    assert pq.read_table(table.parquet)["c0001"].to_pylist() == ["a\x1fb", "", 'c "d"']


def test_a_person_can_say_that_commas_belong_to_the_only_column(read) -> None:
    (table,) = read("name\nLee, Ann\nEk, Bo\nDay, Cy\n", delimiter="\x1f", header_row=1).tables
    assert pq.read_table(table.parquet)["c0001"].to_pylist() == ["Lee, Ann", "Ek, Bo", "Day, Cy"]
