"""A folder that is rebuilt as a whole: the old one or the new one, also where two folders cannot be exchanged."""

from pathlib import Path

import pytest

from aformity_pipelines.files import exchange
from aformity_pipelines.files.exchange import rebuilt


def build(folder: Path, word: str) -> None:
    with rebuilt(folder) as building:
        (building / f"{word}.txt").write_text(word)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_first_and_every_later_one_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    build(tmp_path / "new" / "site", "one")
    build(tmp_path / "new" / "site", "two")

    assert names(tmp_path / "new" / "site") == ["two.txt"]
    assert names(tmp_path / "new") == [".site.lock", "site"]


def test_where_folders_cannot_be_exchanged_it_takes_two_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_exchange", lambda one, other: False)
    build(tmp_path / "site", "one")
    build(tmp_path / "site", "two")

    assert names(tmp_path / "site") == ["two.txt"]
    assert names(tmp_path) == [".site.lock", "site"]


def test_an_error_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    build(tmp_path / "site", "one")

    def fail() -> None:
        with rebuilt(tmp_path / "site") as building:
            (building / "half.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert names(tmp_path / "site") == ["one.txt"]
    assert names(tmp_path) == [".site.lock", "site"]


def test_what_a_killed_builder_left_is_not_in_the_next_one(tmp_path: Path) -> None:
    (tmp_path / ".site.building").mkdir()
    (tmp_path / ".site.building" / "half.txt").write_text("half")

    build(tmp_path / "site", "one")

    assert names(tmp_path / "site") == ["one.txt"]
