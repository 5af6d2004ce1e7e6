"""Which of several tables is proposed: the largest, by hints that single it out, and only its questions."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.delivered import one_table
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.read import read_file
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind

PEOPLE = (("id", "born"), ("1", "1990-01-31"), ("2", "1985-12-01"), ("3", "1971-07-14"))
LEGEND = (("code", "since"), ("a", "2001-01-01"))
NUMBERS = (("11", "12"), ("13", "14"), ("15", "16"), ("17", "18"))


def csv(*rows: tuple[str, ...]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def zipped(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return path


def workbook(path: Path, **sheets: tuple[tuple[str, ...], ...]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def read(file: Path, **hints: object) -> RawTable:
    into = file.parent / f"tables_{len(list(file.parent.iterdir()))}"
    into.mkdir()
    told = FormatHints.model_validate(hints)
    return one_table(read_file(Job(file=file, name=file.name, hints=told, into=into, row_id_prefix="")))


def asked(file: Path) -> tuple[Question, ...]:
    with pytest.raises(NotUnderstood) as refused:
        read(file)
    return refused.value.questions


def taken(questions: tuple[Question, ...]) -> dict[str, object]:
    """Return the hints that take every proposal."""
    hints = FormatHints()
    for question in questions:
        hints = hints.over(question.proposal)
    return hints.model_dump(exclude_defaults=True)


@pytest.mark.parametrize(
    ("make", "hints"),
    [
        (lambda at: workbook(at / "x.xlsx", Legend=LEGEND, People=PEOPLE), {"sheet": "People"}),
        (lambda at: zipped(at / "x.zip", legend=csv(*LEGEND), people=csv(*PEOPLE)), {"member": "people.csv"}),
        (lambda at: text(at / "x.csv", csv(*LEGEND) + "\n" + csv(*PEOPLE)), {"table": 2}),
        (
            lambda at: zipped(at / "x.zip", a=csv(*LEGEND), b=csv(*LEGEND) + "\n" + csv(*PEOPLE)),
            {"member": "b.csv", "table": 2},
        ),
    ],
    ids=["sheets", "files of an archive", "tables of a text", "tables of a file of an archive"],
)
def test_the_largest_table_is_proposed_and_taking_it_asks_nothing_more(tmp_path: Path, make, hints) -> None:
    file = make(tmp_path)
    questions = asked(file)
    table = read(file, **taken(questions))

    assert [question.kind for question in questions] == [QuestionKind.TABLE]
    assert (taken(questions), table.headers, table.rows) == (hints, ("id", "born"), 3)


@pytest.mark.parametrize(
    "make",
    [
        lambda at: workbook(at / "x.xlsx", Small=NUMBERS[:2], Large=NUMBERS),
        lambda at: zipped(at / "x.zip", small=csv(*NUMBERS[:2]), large=csv(*NUMBERS)),
    ],
    ids=["sheets", "files of an archive"],
)
def test_only_what_is_doubtful_about_the_largest_table_is_asked_beside(tmp_path: Path, make) -> None:
    questions = asked(make(tmp_path))

    assert sorted(question.kind for question in questions) == [QuestionKind.HEADER, QuestionKind.TABLE]
    assert read(make(tmp_path), **taken(questions)).rows == 4


def test_many_tables_are_counted_and_the_first_of_them_named(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", **{f"t{number:02d}": csv(*PEOPLE) for number in range(12)})

    (question,) = asked(file)

    assert "holds 12 tables (1: t00.csv, 3 records from row 2 on; " in question.what
    assert question.what.endswith("and 3 more)")


PAGES = csv(*PEOPLE) + csv(*PEOPLE[:1]) + "4,1966-02-03\n\n" + csv(*PEOPLE[:1]) + "5,1999-09-09\n"


def read_text(path: Path, hints: FormatHints) -> RawTable:
    path.write_text(PAGES, encoding="utf-8")
    into = path.with_suffix(".read")
    into.mkdir()
    return one_table(read_file(Job(file=path, name=path.name, hints=hints, into=into, row_id_prefix="x#")))


def test_a_header_on_each_page_makes_tables_until_somebody_says_that_it_repeats(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match=r"3 tables.*`header_repeats: true` instead"):
        read_text(tmp_path / "asked.csv", FormatHints())

    table = read_text(tmp_path / "told.csv", FormatHints(header_repeats=True))

    assert (table.rows, table.rejected, table.headers) == (5, 0, ("id", "born"))
    assert {each.kind.value: each.count for each in table.skipped} == {"header": 3, "blank": 1}
