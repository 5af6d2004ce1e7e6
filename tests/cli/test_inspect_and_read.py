"""`aformity inspect` and `aformity read`: what they say and write, with which exit code, outside of any project."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as parquet
import pytest

from aformity_pipelines.cli.failures import FAILED
from aformity_pipelines.cli.format_options import as_options, hints_of
from aformity_pipelines.cli.main import main
from aformity_pipelines.cli.options import Unknown
from aformity_pipelines.cli.shown_text import shown
from aformity_pipelines.domain.delivery import FormatHints, ShortRecords
from aformity_pipelines.intake.contained import service
from aformity_pipelines.intake.contained.line import Line
from aformity_pipelines.intake.named_table import column_labels, rejects_beside

PEOPLE = b"id,Name\nC-1,Ann\nC-2,Bo\nC-3,[bold]Cy[/bold]\n"
BROKEN = b"id,Name\nC-1,Ann\nC-2,Bo,too,many\n" + b"".join(b"C-%d,Cy\n" % row for row in range(3, 60))
DOUBTFUL = b"id,Name,,Name\n" + b"".join(b"C-%d,Ann,x,y\n" % row for row in range(9))

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def aformity(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


def _rows(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()


def test_a_table_is_written_under_its_headers_with_row_and_sheet(aformity: Call, tmp_path: Path) -> None:
    Path("in.csv").write_bytes(PEOPLE)

    code, out, _ = aformity("read", "in.csv", "--out", "people.parquet", "--json")

    written = parquet.read_table(tmp_path / "people.parquet")
    assert (code, json.loads(out)["rows"]) == (0, 3)
    assert written.column_names == ["id", "Name", "_row", "_sheet"]
    assert written.to_pylist()[0] == {"id": "C-1", "Name": "Ann", "_row": 2, "_sheet": None}
    assert json.loads(written.schema.metadata[b"headers"]) == ["id", "Name"]
    assert not (tmp_path / "people.rejects.parquet").exists()


def test_rejected_records_lie_beside_and_go_when_there_are_none(aformity: Call, tmp_path: Path) -> None:
    Path("in.csv").write_bytes(BROKEN)
    _, out, _ = aformity("read", "in.csv", "--out", "x.parquet", "--json")
    (reject,) = parquet.read_table(tmp_path / "x.rejects.parquet").to_pylist()

    Path("in.csv").write_bytes(PEOPLE)
    aformity("read", "in.csv", "--out", "x.parquet")

    assert json.loads(out)["rejected"] == 1
    assert (reject["_row"], reject["raw"]) == (3, "C-2,Bo,too,many")
    assert list(reject) == ["_row", "_sheet", "reason", "raw"]
    assert not (tmp_path / "x.rejects.parquet").exists()


def test_a_reader_that_cannot_be_started_is_said_as_no_fault_of_the_file(
    aformity: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("in.csv").write_bytes(PEOPLE)
    monkeypatch.setattr(service, "LINE", Line("no.such.zygote"))

    code, _, err = aformity("read", "in.csv", "--out", "x.parquet")

    assert code == FAILED
    assert "in.csv: was not read, through no fault of its own" in err
    assert "Traceback" not in err


def test_what_a_person_must_choose_is_asked_and_nothing_is_written(aformity: Call, tmp_path: Path) -> None:
    Path("in.csv").write_bytes(DOUBTFUL)
    (tmp_path / "x.parquet").write_bytes(b"what was there")

    code, out, _ = aformity("read", "in.csv", "--out", "x.parquet", "--json")

    (question,) = json.loads(out)["questions"]
    assert (code, question["kind"], question["options"]) == (3, "header", "--header-row 1")
    assert (tmp_path / "x.parquet").read_bytes() == b"what was there"


def test_the_options_that_are_proposed_settle_the_question_like_the_best_guess(
    aformity: Call, tmp_path: Path
) -> None:
    Path("in.csv").write_bytes(DOUBTFUL)

    guessed, out, _ = aformity("read", "in.csv", "--out", "a.parquet", "--accept-proposal", "--json")
    told, _, _ = aformity("read", "in.csv", "--out", "b.parquet", "--header-row", "1")

    assert (guessed, told) == (0, 0)
    assert json.loads(out)["assumed"][0]["options"] == "--header-row 1"
    assert _rows(tmp_path / "a.parquet") == _rows(tmp_path / "b.parquet")


@pytest.mark.parametrize("name", ["a*b[1]?.csv", "-x.csv", "b\udcff.csv", "ü '\".csv", "%s {0}.csv"])
def test_a_file_of_any_name_is_read_and_no_other(aformity: Call, tmp_path: Path, name: str) -> None:
    Path(name).write_bytes(PEOPLE)
    Path("acb1d.csv").write_bytes(b"id,Name\nwrong,file\n")

    code, out, _ = aformity("read", "--out", "x.parquet", "--json", "--", name)

    assert (code, len(_rows(tmp_path / "x.parquet"))) == (0, 3)
    assert json.loads(out)["rows"] == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("no.csv", "--out", "x.parquet"), "no.csv: cannot be opened (No such file or directory)"),
        ((".", "--out", "x.parquet"), ".: is no plain file"),
        (("in.csv", "--out", "in.csv"), "would overwrite the file that is read"),
        (("in.csv", "--out", "."), "is a folder"),
        (
            ("in.csv", "--out", "x.parquet", "--header-row", "two"),
            "--header-row: Input should be a valid integer",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    aformity: Call, arguments: tuple[str, ...], says: str
) -> None:
    Path("in.csv").write_bytes(PEOPLE)

    code, out, err = aformity("read", *arguments)

    assert (code, out) == (1, "")
    assert says in err.replace("\n", " ")
    assert Path("in.csv").read_bytes() == PEOPLE


def test_inspecting_says_what_a_file_is(aformity: Call) -> None:
    Path("in.csv").write_bytes(PEOPLE)

    code, out, _ = aformity("inspect", "in.csv")

    assert code == 0
    assert "3 records in rows 2 to 4, 2 columns, header: row 1" in out
    assert "Ann · Bo · [bold]Cy[/bold]" in out
    assert "key" in out


def test_inspecting_is_one_document_too(aformity: Call) -> None:
    Path("in.csv").write_bytes(BROKEN)

    code, out, _ = aformity("inspect", "in.csv", "--json")

    (file,) = json.loads(out)["files"]
    (table,) = file["tables"]
    assert (code, file["size"], len(file["sha256"])) == (0, len(BROKEN), 64)
    assert (table["rows"], table["rejected"], table["rejects"][0]["row"]) == (58, 1, 3)
    assert [column["header"] for column in table["profile"]["columns"]] == ["id", "Name"]


def test_inspecting_shows_everything_even_where_a_question_stands(aformity: Call) -> None:
    Path("in.csv").write_bytes(DOUBTFUL)

    code, out, _ = aformity("inspect", "in.csv")

    assert code == 3
    assert "to settle:" in out
    assert "here: --header-row 1" in out
    assert "9 records" in out


def test_a_refused_file_does_not_hide_the_others(aformity: Call) -> None:
    Path("in.csv").write_bytes(PEOPLE)

    code, out, _ = aformity("inspect", "no.csv", "in.csv")

    assert code == 1
    assert "refused: no.csv: cannot be opened" in out
    assert "3 records" in out


def test_files_that_belong_together_show_how(aformity: Call) -> None:
    Path("firms.csv").write_bytes(b"no,name\nA-1,x\nA-2,x\nA-3,y\n")
    Path("people.csv").write_bytes(b"firm,who\nA-1,Jo\nA-2,Jo\nA-3,Bo\nA-3,Bo\n")

    _, out, _ = aformity("inspect", "firms.csv", "people.csv")

    assert "people.csv: firm -> firms.csv: no (3 of 3 values)" in out


@pytest.mark.parametrize(
    ("headers", "labels"),
    [
        (("a", "b"), ("a", "b")),
        (("a", "a", "a"), ("a", "a__2", "a__3")),
        (("Name", "name"), ("Name", "name__2")),
        (("", "x", ""), ("column 1", "x", "column 3")),
        (("_row", "_SHEET"), ("_row__2", "_SHEET__2")),
        (("É", "é"), ("É", "é")),
    ],
)
def test_column_names_are_the_headers_as_far_as_they_differ(
    headers: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    assert column_labels(headers) == labels


def test_no_two_column_names_are_one_to_duckdb() -> None:
    labels = column_labels(["A", "a", "a__2", "A__2", "", "column 5", "É", "é", "ß", "SS"])

    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE t ({', '.join(f'{chr(34)}{label}{chr(34)} INT' for label in labels)})"
        )


@pytest.mark.parametrize(("out", "rejects"), [("a.parquet", "a.rejects.parquet"), ("a", "a.rejects.parquet")])
def test_rejects_have_a_name_of_their_own(out: str, rejects: str) -> None:
    assert rejects_beside(Path(out)).name == rejects


@pytest.mark.parametrize(
    "hints",
    [
        FormatHints(delimiter="\t", quote="", header_row=0),
        FormatHints(encoding="cp1252", delimiter=";", quote='"', escape="\\", comment="#"),
        FormatHints(sheet="It's 1", table=2, last_row=9, header_rows=2, short_records=ShortRecords.FILL),
        FormatHints(widths=(5, 10, 3), records="a.b", paths={"city": "address.city"}),
    ],
)
def test_hints_survive_being_typed_as_options(hints: FormatHints) -> None:
    import shlex

    words = iter(shlex.split(as_options(hints)))
    given: dict[str, Any] = {}
    for option, value in zip(words, words, strict=True):
        name = option.removeprefix("--").replace("-", "_")
        given[name] = [*given.get(name, []), value] if name == "paths" else value

    assert hints_of(given) == hints


def test_every_wrong_option_is_named_at_once() -> None:
    with pytest.raises(Unknown, match=r"--quote.*--header-row"):
        hints_of({"quote": "ab", "header_row": "-1"})


def test_what_a_terminal_would_obey_or_hide_is_a_token() -> None:
    assert shown("a\nb\t\x1b[31m\u200bc\u202e") == "a⏎b⇥⟦U+001B⟧[31m⟦U+200B⟧c⟦U+202E⟧"
    assert shown("abcdef", 4) == "abc…"
