"""Rows stand behind the name of their file, which is read once."""

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_rows import rows_by_file
from tests.handoff.builders import full_record


def record(labels: dict[str, str], *files: str) -> LaunchRecord:
    known = full_record()
    lines = tuple(known.deliveries[0].model_copy(update={"file": file}) for file in files)
    return known.model_copy(update={"row_labels": labels, "deliveries": lines})


def shown(of: LaunchRecord) -> dict[str, list[str]]:
    return {place.file: [row.shown for row in place.rows] for place in rows_by_file(of, of.row_labels)}


def test_the_name_of_a_file_stands_once_for_all_of_its_rows() -> None:
    labels = {"a:1": "A-1 (a.csv, row 2)", "b:1": "B-1 (b.csv, row 9)", "a:2": "A-2 (a.csv, row 3)"}

    assert shown(record(labels, "a.csv", "b.csv")) == {
        "a.csv": ["A-1 (row 2)", "A-2 (row 3)"],
        "b.csv": ["B-1 (row 9)"],
    }


def test_a_row_without_a_key_is_named_by_its_number_and_why_it_could_not_be_read() -> None:
    labels = {"a:1": "a.csv, row 2", "a:2": "a.csv, row 3: 10 fields, the header has 9"}

    assert shown(record(labels, "a.csv")) == {"a.csv": ["row 2", "row 3: 10 fields, the header has 9"]}


def test_brackets_in_the_name_of_a_file_or_in_a_key_part_nothing() -> None:
    labels = {"a:1": "Ridge (North) (list (1).csv, row 2)", "a:2": "B (list.csv, row 3)"}

    assert shown(record(labels, "list.csv", "list (1).csv")) == {
        "list (1).csv": ["Ridge (North) (row 2)"],
        "list.csv": ["B (row 3)"],
    }


def test_a_label_whose_file_is_not_known_stays_as_it_is() -> None:
    assert shown(record({"a:1": "A-1 (old.csv, row 2)"}, "a.csv")) == {"": ["A-1 (old.csv, row 2)"]}
