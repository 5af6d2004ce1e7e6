"""When a file counts as complete: two looks agree, file by file, and a lost memory only costs two more looks."""

import pytest

from aformity_pipelines.orchestration.arrivals import Looks, Memory, remembered


def test_a_file_is_complete_at_the_second_look_that_agrees_and_only_once() -> None:
    looks = Looks()
    found = []
    for _ in range(4):
        complete = looks.complete({"a.csv": "10"})
        found.append(complete)
        looks = looks.after({"a.csv": "10"}, complete)

    assert found == [(), ("a.csv",), (), ()]


def test_a_file_that_grows_keeps_no_other_waiting() -> None:
    looks = Looks().after({"a.csv": "10", "b.csv": "1"})

    assert looks.complete({"a.csv": "10", "b.csv": "2"}) == ("a.csv",)


def test_a_file_that_changed_after_it_was_taken_is_looked_at_again() -> None:
    taken = Looks().after({"a.csv": "10"}).after({"a.csv": "10"}, ("a.csv",))

    changed = taken.after({"a.csv": "11"})

    assert taken.complete({"a.csv": "11"}) == ()
    assert changed.complete({"a.csv": "11"}) == ("a.csv",)


def test_what_was_remembered_is_read_back() -> None:
    memory = Memory(folder=Looks(seen={"a": "1"}, taken={"a": "1"}), register="7")

    assert remembered(memory.text()) == memory


@pytest.mark.parametrize(
    "cursor", [None, "", "not json", "[]", '{"look": [["a", 1, 2]]}', '{"folder": {"x": 1}}']
)
def test_a_cursor_of_another_form_is_an_empty_memory(cursor: str | None) -> None:
    assert remembered(cursor) == Memory()
