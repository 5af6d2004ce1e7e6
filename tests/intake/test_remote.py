"""Files that lie elsewhere: seen from outside, fetched whole, and put beside what is here without covering any of it."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from aformity_pipelines.intake.remote import Unreachable, fetched, files_at, put_into

URL = "memory://bucket/acme"


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/acme/companies.csv", b"ID\n1\n")
    yield memory
    memory.rm("/bucket", recursive=True)


def test_only_plain_files_directly_in_the_folder_are_seen(store: fsspec.AbstractFileSystem) -> None:
    store.pipe("/bucket/acme/older/companies.csv", b"x")
    store.pipe("/bucket/acme/.hidden.csv", b"x")
    store.pipe("/bucket/acme/back\\slash\x07.csv", b"x")

    assert [(file.name, file.size) for file in files_at(URL)] == [("companies.csv", 5)]


def test_a_file_that_changes_has_another_mark_and_one_that_does_not_keeps_it(
    store: fsspec.AbstractFileSystem,
) -> None:
    (first,), (again,) = files_at(URL), files_at(URL)
    store.pipe("/bucket/acme/companies.csv", b"ID\n2\n")
    (changed,) = files_at(URL)

    assert first.mark == again.mark
    assert changed.mark != first.mark


def test_a_folder_of_this_machine_is_a_place_as_well(tmp_path: Path) -> None:
    (tmp_path / "companies.csv").write_bytes(b"ID\n1\n")

    (file,) = files_at(f"file://{tmp_path}")
    with fetched(f"file://{tmp_path}", file, tmp_path / "intake") as copy:
        assert copy.read_bytes() == b"ID\n1\n"


def test_a_file_that_is_shorter_than_it_looked_is_not_taken(
    store: fsspec.AbstractFileSystem, tmp_path: Path
) -> None:
    (file,) = files_at(URL)
    store.pipe("/bucket/acme/companies.csv", b"ID")

    with pytest.raises(Unreachable, match=r"companies.csv: 2 bytes came of 5"), fetched(URL, file, tmp_path):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_file_of_the_same_name_stays_and_both_are_kept(
    store: fsspec.AbstractFileSystem, tmp_path: Path
) -> None:
    (tmp_path / "companies.csv").write_bytes(b"another")
    (file,) = files_at(URL)

    for _ in range(2):  # the second time there is nothing to do
        with fetched(URL, file, tmp_path) as copy:
            put_into(tmp_path, copy)

    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found.pop("companies.csv") == b"another"
    ((name, content),) = found.items()
    assert (name.startswith("companies."), name.endswith(".csv"), content) == (True, True, b"ID\n1\n")


@pytest.mark.parametrize("refusal", [None, errno.EPERM])
def test_a_file_that_is_dropped_in_between_is_never_replaced(
    store: fsspec.AbstractFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int | None
) -> None:
    target, linked, (file,) = tmp_path / "companies.csv", os.link, files_at(URL)

    def late(copy: Path, name: Path) -> None:
        if name == target:
            target.write_bytes(b"dropped by somebody")
        if refusal:
            raise OSError(refusal, "this file system knows no links")
        linked(copy, name)

    monkeypatch.setattr(os, "link", late)
    with fetched(URL, file, tmp_path) as copy:
        put = put_into(tmp_path, copy)
        assert not copy.exists()

    assert target.read_bytes() == b"dropped by somebody"
    assert (put != target, put.read_bytes()) == (True, b"ID\n1\n")


@pytest.mark.parametrize(
    "url", ["memory://no/such/folder", "nowhere://bucket/acme", "file:///no/such/folder"]
)
def test_a_place_that_cannot_be_reached_is_said_without_its_address(url: str) -> None:
    with pytest.raises(Unreachable) as told:
        files_at(url)

    assert "check `intake.url`" in str(told.value)
    assert "such" not in str(told.value)
    assert "acme" not in str(told.value)


class Terse(MemoryFileSystem):
    """A store that takes no further words when it is listed, as those over SFTP."""

    protocol = "terse"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.removeprefix("terse:/")))

    def ls(self, path: str, detail: bool = False) -> list[Any]:
        return list(super().ls(path, detail=detail))


class Failing(MemoryFileSystem):
    """A store with faults of its own kind, which quote what nobody may read."""

    protocol = "failing"

    def ls(self, path: str, detail: bool = False, **more: Any) -> list[Any]:
        class NoCredentials(Exception):
            pass

        raise NoCredentials("key AKIA-SECRET was refused")


def test_a_store_that_takes_no_further_words_is_listed(store: fsspec.AbstractFileSystem) -> None:
    fsspec.register_implementation("terse", Terse, clobber=True)

    assert [file.name for file in files_at("terse://bucket/acme")] == ["companies.csv"]


def test_a_fault_that_only_one_store_knows_is_told_without_what_it_quotes() -> None:
    fsspec.register_implementation("failing", Failing, clobber=True)

    with pytest.raises(Unreachable, match="NoCredentials") as told:
        files_at("failing://bucket/acme")

    assert "AKIA" not in str(told.value)


def test_what_a_killed_look_left_behind_goes_with_the_next_fetch(
    store: fsspec.AbstractFileSystem, tmp_path: Path
) -> None:
    (file,) = files_at(URL)
    left = tmp_path / ".arriving-killed"
    left.mkdir()
    (left / "companies.csv").write_bytes(b"half")

    with fetched(URL, file, tmp_path) as copy:
        assert [path.name for path in tmp_path.iterdir()] == [copy.parent.name]
