"""Atomic writes: the old file or the new one, never a part."""

from pathlib import Path

import pytest

from aformity_pipelines.files.atomic import point_to, publish_folder, replace_with, write_bytes


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_bytes_replace_what_was_there(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "b.txt", b"old")
    write_bytes(tmp_path / "a" / "b.txt", b"new")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"new"
    assert names(tmp_path / "a") == ["b.txt"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_bytes(tmp_path / "b.txt", b"old")

    def fail() -> None:
        with replace_with(tmp_path / "b.txt") as temporary:
            temporary.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (tmp_path / "b.txt").read_bytes() == b"old"
    assert names(tmp_path) == ["b.txt"]


def test_the_old_file_stands_until_the_block_ends(tmp_path: Path) -> None:
    write_bytes(tmp_path / "b.txt", b"old")
    with replace_with(tmp_path / "b.txt") as temporary:
        temporary.write_bytes(b"new")
        assert (tmp_path / "b.txt").read_bytes() == b"old"


def test_a_folder_is_published_whole(tmp_path: Path) -> None:
    write_bytes(tmp_path / "staging" / "deep" / "x", b"1")
    publish_folder(tmp_path / "staging", tmp_path / "published" / "v1")
    assert (tmp_path / "published" / "v1" / "deep" / "x").read_bytes() == b"1"
    assert not (tmp_path / "staging").exists()


def test_a_published_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "staging").mkdir()
    (tmp_path / "v1").mkdir()
    with pytest.raises(FileExistsError, match="published already"):
        publish_folder(tmp_path / "staging", tmp_path / "v1")


def test_a_pointer_names_a_neighbour(tmp_path: Path) -> None:
    point_to(tmp_path / "current", "v1")
    point_to(tmp_path / "current", "v2")
    assert (tmp_path / "current").read_text() == "v2\n"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc"])
def test_a_pointer_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="neighbour"):
        point_to(tmp_path / "current", name)
