"""A delivery held against the one before: rows by business key, columns, order and format; counts that may be stored."""

from pathlib import Path

import pytest

from aformity_pipelines.domain.deliveries_shown import RowShown
from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import raw_file
from aformity_pipelines.stages.outputs import folder_of
from aformity_pipelines.stages.redelivered import REDELIVERY, compared_today, comparison_of
from aformity_pipelines.stages.rows_differing import rows_differing
from tests.builders.two_sources import a_run, project

pytestmark = pytest.mark.slow

HEADER = "No,Name,Mail,Company\n"
FIRST = (
    HEADER + "1,Ana,ana@a.example,007\n2,Bo,bo@a.example,007\n3,Cy,cy@a.example,008\n4,Di,di@a.example,008\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = project(tmp_path / "project", files={"companies.csv": "ID,Name\n", "people.csv": FIRST})
    raw_file.run_raw_file(a_run(made), "people")
    return made


def again(workspace: Workspace, content: str | bytes, name: str = "people_2.csv") -> Redelivery:
    """Deliver people once more and return what differs."""
    (workspace.intake("tiny") / name).write_bytes(content.encode() if isinstance(content, str) else content)
    raw_file.run_raw_file(a_run(workspace), "people")
    found = comparison_of(a_run(workspace), "people")
    assert found is not None
    return found


def counts(found: Redelivery) -> tuple[int, int, int, int]:
    return found.added, found.removed, found.changed, found.unchanged


def differing(workspace: Workspace) -> tuple[RowShown, ...]:
    run = a_run(workspace)
    pair = compared_today(run, "people")
    assert pair is not None
    return rows_differing(run, "people", *pair).rows


def test_a_first_delivery_has_nothing_to_be_compared_with(workspace: Workspace) -> None:
    assert comparison_of(a_run(workspace), "people") is None


def test_rows_are_told_apart_by_their_key_wherever_they_stand(workspace: Workspace) -> None:
    now = (
        HEADER
        + "5,Ed,ed@a.example,007\n2,Bob,bo@b.example,007\n1,Ana,ana@a.example,007\n4,Di,di@a.example,008\n"
    )
    found = again(workspace, now)

    assert counts(found) == (1, 1, 1, 2)
    assert found.changed_by_column == {"Name": 1, "Mail": 1}
    assert (found.rows_before, found.rows_now) == (4, 4)


@pytest.mark.parametrize(
    ("order", "moved"), [("1234", 0), ("2341", 1), ("4321", 3), ("2143", 2), ("1324", 1)]
)
def test_the_fewest_rows_that_moved_are_counted(workspace: Workspace, order: str, moved: int) -> None:
    lines = {line[0]: f"{line}\n" for line in FIRST.splitlines()[1:]}
    found = again(workspace, HEADER + "".join(lines[number] for number in order) + "\n")

    assert (counts(found), found.moved) == ((0, 0, 0, 4), moved)


def test_another_encoding_and_delimiter_change_no_cell(workspace: Workspace) -> None:
    found = again(workspace, FIRST.replace(",", ";").replace("\n", "\r\n").encode("utf-16"))

    assert counts(found) == (0, 0, 0, 4)
    assert found.format["delimiter"] == (",", ";")
    assert set(found.format) >= {"encoding", "delimiter", "line_end"}


def test_columns_that_came_went_and_moved_make_no_row_another_one(workspace: Workspace) -> None:
    now = "Mail,No,Company,Name,Age\nana@a.example,1,007,Ana,30\nbo@a.example,2,007,Bo,\n"
    found = again(workspace, now)

    assert counts(found) == (0, 2, 0, 2)
    assert found.columns.added == ("Age",)
    assert found.columns.moved


def test_a_row_under_a_reused_key_is_likely_another_thing(workspace: Workspace) -> None:
    found = again(workspace, FIRST.replace("2,Bo,bo@a.example,007", "2,Zoe,zoe@z.example,011"))

    assert (counts(found), found.replaced_rows) == ((0, 0, 1, 3), 1)


def test_a_key_that_names_two_rows_is_counted_once_and_its_rows_are_paired_in_order(
    workspace: Workspace,
) -> None:
    found = again(workspace, FIRST + "2,Bo second,bo2@a.example,008\n")

    assert (counts(found), found.reused_keys) == ((1, 0, 0, 4), 1)


def test_rows_without_a_key_are_known_by_all_that_stands_in_them(workspace: Workspace) -> None:
    again(workspace, FIRST + ",Nobody,n@a.example,007\n,Nobody,n@a.example,007\n")
    found = again(workspace, FIRST + ",Nobody,n@a.example,007\n,Other,n@a.example,007\n", "people_3.csv")

    assert (counts(found), found.without_key, found.reused_keys) == ((1, 1, 0, 5), 2, 0)


def test_rows_that_an_even_earlier_file_held_last_counted_before_too(workspace: Workspace) -> None:
    again(workspace, FIRST.replace("3,Cy,cy@a.example,008\n", ""))
    found = again(workspace, FIRST.replace("3,Cy", "3,Cyd"), "people_3.csv")

    assert (found.rows_before, counts(found)) == (4, (0, 0, 1, 3))
    (row,) = differing(workspace)
    assert (row.key, row.before_row and row.before_row[-1]) == ("people:3", "4")


def test_what_is_stored_holds_no_value(workspace: Workspace) -> None:
    again(workspace, FIRST.replace("Bo,bo@a.example", "Secret,hidden@a.example"))

    stored = (folder_of(a_run(workspace), "raw_file", "people") / REDELIVERY).read_text()
    assert not [value for value in ("Secret", "hidden", "Bo", "ana@") if value in stored]


def test_cells_of_persons_are_tokens_where_rows_are_shown(workspace: Workspace) -> None:
    again(workspace, FIRST.replace("Bo,bo@a.example,007", "Bob,bo@a.example,011"))

    (row,) = differing(workspace)
    name, company = row.cells
    assert (company.header, company.before, company.now) == ("Company", "007", "011")
    assert name.header == "Name"
    assert {name.before, name.now}.isdisjoint({"Bo", "Bob"})


def test_the_same_delivery_read_again_is_compared_with_what_was_before_it(workspace: Workspace) -> None:
    first = again(workspace, FIRST.replace("Ana", "Anna"))
    folder = folder_of(a_run(workspace), "raw_file", "people")
    (folder / "stage.json").unlink()

    raw_file.run_raw_file(a_run(workspace), "people")

    assert comparison_of(a_run(workspace), "people") == first
