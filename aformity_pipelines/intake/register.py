"""Registering deliveries: copy while hashing, name the copy by its hash, write it into the register.

After this only the copy is read.  The customer's file name is kept as a text and never opened again.
"""

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.files.atomic import sync
from aformity_pipelines.files.fingerprint import canonical_json
from aformity_pipelines.intake.refusal import DeliveryRefused

REGISTER = "deliveries.jsonl"
_BLOCK = 1 << 20


def find_deliveries(intake_folder: Path, pattern: str) -> tuple[Path, ...]:
    """Return the paths in `intake_folder` whose names match `pattern` (`*`, `?`, `[...]`), by name.

    A name equal to the pattern matches too, whatever it holds.  Hidden names never match.  What kind
    of file each is, `register` decides.
    """
    names = sorted(entry.name for entry in intake_folder.iterdir())
    return tuple(intake_folder / name for name in names if is_match(name, pattern))


def is_match(name: str, pattern: str) -> bool:
    """Whether a file name is one that a source's pattern is about."""
    return not name.startswith(".") and (name == pattern or fnmatchcase(name, pattern))


def register(path: Path, *, into: Path, received_on: date, received_by: str, source: str) -> Delivery:
    """Take the file at `path` into the folder `into` and return its delivery.

    Same bytes, same copy: registering again changes nothing and returns what was registered first.
    Raises DeliveryRefused for anything but a plain file with one name.
    """
    into.mkdir(parents=True, exist_ok=True)
    if (known := _known(path, into, source)) is not None:
        return known
    sha256, size = _copy(path, into)
    delivery = Delivery(
        source=source,
        file_name=path.name,
        sha256=sha256,
        size=size,
        received_on=received_on,
        received_by=received_by,
    )
    known = {(d.source, d.sha256): d for d in all_deliveries(into)}.get((source, sha256))
    if known is None:
        _append(into / REGISTER, delivery)
    return known or delivery


def register_again(delivery: Delivery, *, into: Path, received_on: date, received_by: str) -> Delivery:
    """Write an older delivery into the register once more, so that it is its source's latest; return it so.

    Never done for a file that only comes again: going back is an act of somebody's.
    """
    again = replace(delivery, received_on=received_on, received_by=received_by)
    _append(into / REGISTER, again)
    return again


def _known(path: Path, into: Path, source: str) -> Delivery | None:
    """Return the delivery of these bytes if it is registered and its copy lies there, so that nothing is written."""
    candidates = [d for d in all_deliveries(into) if d.source == source]
    with _opened(path) as descriptor:
        if os.fstat(descriptor).st_size not in {each.size for each in candidates}:
            return None
        digest = hashlib.sha256()
        while block := os.read(descriptor, _BLOCK):
            digest.update(block)
    found = next((each for each in candidates if each.sha256 == digest.hexdigest()), None)
    return found if found is not None and copy_of(found, into).is_file() else None


def copy_of(delivery: Delivery, into: Path) -> Path:
    """Return where the delivery's immutable copy lies."""
    return into / f"{delivery.sha256}{_extension(delivery.file_name)}"


def deliveries(into: Path) -> tuple[Delivery, ...]:
    """Return the latest delivery of each source, in the order of the register."""
    latest: dict[str, Delivery] = {}
    for delivery in all_deliveries(into):
        latest.pop(delivery.source, None)
        latest[delivery.source] = delivery
    return tuple(latest.values())


def all_deliveries(into: Path) -> tuple[Delivery, ...]:
    """Return every delivery ever registered, oldest first.  Raises ValueError naming a damaged line."""
    path = into / REGISTER
    if not path.exists():
        return ()
    found: list[Delivery] = []
    for number, line in enumerate(_whole_lines(path.read_bytes()), start=1):
        try:
            values = json.loads(line)
            found.append(Delivery(**values | {"received_on": date.fromisoformat(values["received_on"])}))
        except (ValueError, TypeError, KeyError) as damage:
            raise ValueError(f"{path}:{number}: not a delivery ({damage}); restore this file") from damage
    return tuple(found)


def _whole_lines(content: bytes) -> list[bytes]:
    # A line without its newline was being written when the machine stopped: it was never acknowledged.
    return content.split(b"\n")[:-1]


def _append(path: Path, delivery: Delivery) -> None:
    line = canonical_json(asdict(delivery) | {"received_on": delivery.received_on.isoformat()})
    with path.open("ab") as opened:
        kept = path.read_bytes().rfind(b"\n") + 1
        opened.truncate(kept)
        opened.write(line.encode() + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
    sync(path.parent)


def _copy(path: Path, into: Path) -> tuple[str, int]:
    """Copy the file to its hash name and return (SHA-256, bytes)."""
    incoming = into / f".incoming.{os.getpid()}.tmp"
    try:
        with _opened(path) as descriptor:
            sha256, size = _hash_while_copying(descriptor, path, incoming)
        incoming.chmod(0o400)
        sync(incoming)
        incoming.replace(into / f"{sha256}{_extension(path.name)}")
        sync(into)
    finally:
        incoming.unlink(missing_ok=True)
    return sha256, size


def _hash_while_copying(descriptor: int, path: Path, incoming: Path) -> tuple[str, int]:
    before = os.fstat(descriptor)
    digest = hashlib.sha256()
    size = 0
    incoming.unlink(missing_ok=True)
    with incoming.open("xb") as written:
        while block := os.read(descriptor, _BLOCK):
            digest.update(block)
            size += written.write(block)
    after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (size, after.st_mtime_ns):
        raise DeliveryRefused(f"{path}: changed while it was read; wait until it is written completely")
    return digest.hexdigest(), size


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a plain file with one name for reading, or raise DeliveryRefused.  Never follows, never waits."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DeliveryRefused(f"{path}: {_why_not_opened(error)}") from error
    try:
        status = os.fstat(descriptor)
        if reason := _why_not_plain(status):
            raise DeliveryRefused(f"{path}: {reason}; put a plain copy of the file there")
        yield descriptor
    finally:
        os.close(descriptor)


def _why_not_opened(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "is a symlink; put a plain copy of the file there"
    if error.errno == errno.ENXIO:
        return "is a socket or a device; put a plain copy of the file there"
    return f"cannot be opened ({error.strerror}); check that it exists and may be read"


def _why_not_plain(status: os.stat_result) -> str | None:
    kinds = {stat.S_IFDIR: "is a directory", stat.S_IFIFO: "is a FIFO", stat.S_IFREG: None}
    kind = kinds.get(stat.S_IFMT(status.st_mode), "is a device")
    if kind is None and status.st_nlink != 1:
        return f"is a hard link: the file has {status.st_nlink} names, so others can change it"
    return kind


def _extension(file_name: str) -> str:
    suffix = Path(file_name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
