"""Registering deliveries: what is taken in, what is refused, what the register says."""

import os
from datetime import date
from pathlib import Path

import pytest

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.register import (
    REGISTER,
    all_deliveries,
    copy_of,
    deliveries,
    find_deliveries,
    register,
)

DAY = date(2026, 1, 31)


def take(path: Path, into: Path, source: str = "crm") -> Delivery:
    return register(path, into=into, received_on=DAY, received_by="jo", source=source)


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_the_copy_is_named_by_its_hash_and_read_only(tmp_path: Path) -> None:
    delivery = take(put(tmp_path / "Customers.CSV", b"abc"), tmp_path / "into")
    copy = copy_of(delivery, tmp_path / "into")
    assert copy.name == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.csv"
    assert copy.read_bytes() == b"abc"
    assert copy.stat().st_mode & 0o777 == 0o400
    assert (delivery.file_name, delivery.size, delivery.id) == ("Customers.CSV", 3, "ba7816bf")
    assert delivery.row_id(12) == "crm@ba7816bf#0000012"


def test_registering_again_changes_nothing(tmp_path: Path) -> None:
    first = take(put(tmp_path / "a.csv", b"abc"), tmp_path / "into")
    before = (tmp_path / "into" / REGISTER).read_bytes()
    second = take(put(tmp_path / "renamed.csv", b"abc"), tmp_path / "into")
    assert second == first
    assert (tmp_path / "into" / REGISTER).read_bytes() == before


def test_registering_again_does_not_write_the_copy_again(tmp_path: Path) -> None:
    first = take(put(tmp_path / "a.csv", b"abc"), tmp_path / "into")
    before = copy_of(first, tmp_path / "into").stat().st_ino
    take(tmp_path / "a.csv", tmp_path / "into")
    assert copy_of(first, tmp_path / "into").stat().st_ino == before


def test_a_lost_copy_is_written_again(tmp_path: Path) -> None:
    first = take(put(tmp_path / "a.csv", b"abc"), tmp_path / "into")
    copy_of(first, tmp_path / "into").unlink()
    assert copy_of(take(tmp_path / "a.csv", tmp_path / "into"), tmp_path / "into").read_bytes() == b"abc"


def test_a_name_of_wildcards_is_only_a_name(tmp_path: Path) -> None:
    put(tmp_path / "customers1.csv", b"the wrong file")
    path = put(tmp_path / "customers[1].csv", b"the right file")
    assert find_deliveries(tmp_path, "customers[1].csv") == (tmp_path / "customers1.csv", path)
    delivery = take(path, tmp_path / "into")
    assert copy_of(delivery, tmp_path / "into").read_bytes() == b"the right file"


def test_files_are_found_by_name_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt", ".hidden.csv"):
        put(tmp_path / name, b"")
    assert [path.name for path in find_deliveries(tmp_path, "*.csv")] == ["a.csv", "b.csv"]


def test_the_latest_delivery_of_each_source_counts(tmp_path: Path) -> None:
    into = tmp_path / "into"
    old = take(put(tmp_path / "a.csv", b"1"), into, "crm")
    other = take(put(tmp_path / "b.csv", b"1"), into, "billing")
    new = take(put(tmp_path / "a.csv", b"2"), into, "crm")
    assert all_deliveries(into) == (old, other, new)
    assert deliveries(into) == (other, new)


def test_a_line_that_was_never_finished_is_not_a_delivery(tmp_path: Path) -> None:
    into = tmp_path / "into"
    first = take(put(tmp_path / "a.csv", b"1"), into)
    with (into / REGISTER).open("ab") as opened:
        opened.write(b'{"file_name":"half')
    assert all_deliveries(into) == (first,)
    second = take(put(tmp_path / "a.csv", b"2"), into)
    assert all_deliveries(into) == (first, second)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    into = tmp_path / "into"
    take(put(tmp_path / "a.csv", b"1"), into)
    with (into / REGISTER).open("ab") as opened:
        opened.write(b"{}\n")
    with pytest.raises(ValueError, match=r"deliveries.jsonl:2: not a delivery"):
        all_deliveries(into)


def make_symlink(path: Path) -> None:
    path.symlink_to(put(path.with_name("target"), b"secret"))


def make_hard_link(path: Path) -> None:
    path.hardlink_to(put(path.with_name("target"), b"secret"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_symlink, "is a symlink"),
        (make_hard_link, "is a hard link: the file has 2 names"),
        (os.mkfifo, "is a FIFO"),
        (Path.mkdir, "is a directory"),
        (lambda path: None, "cannot be opened"),
    ],
    ids=["symlink", "hard link", "FIFO", "directory", "absent"],
)
def test_only_plain_files_with_one_name_are_taken(tmp_path: Path, make, reason: str) -> None:
    make(tmp_path / "x.csv")
    with pytest.raises(DeliveryRefused, match=reason):
        take(tmp_path / "x.csv", tmp_path / "into")
    assert list((tmp_path / "into").iterdir()) == []


def test_a_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="is a device"):
        take(Path("/dev/zero"), tmp_path / "into")
