"""Files that arrive elsewhere: a folder of an object store or a server, looked at and fetched through fsspec.

Credentials come from the environment; what is there is never changed.  Keep out: when a file counts as complete, and
what becomes of it here.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec

from aformity_pipelines.files.atomic import put_new
from aformity_pipelines.files.fingerprint import canonical_json, fingerprint, sha256_of

ARRIVING = ".arriving-"
"""What the names of folders begin with in which a file lies before it is complete; no pattern finds them."""
MARKS = ("etag", "md5hash", "md5", "last_modified", "lastmodified", "mtime", "updated", "modified", "created")
"""What stores say of a file that changes with its bytes, as they call it."""
SHA_DIGITS = 8
BLOCK = 1 << 20


class Unreachable(Exception):
    """The place cannot be looked at, or a file cannot be fetched; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file that lies in a store, as it looks from outside."""

    name: str
    path: str
    """What the store calls it."""
    size: int
    mark: str
    """Changes when the file does."""


def files_at(url: str) -> tuple[RemoteFile, ...]:
    """Return the files that lie directly in the folder at `url`, by name; hidden ones and folders are left alone.

    Unreachable where the folder cannot be listed.
    """
    with _store(url) as (store, folder):
        store.invalidate_cache(folder)
        found = [entry for entry in store.ls(folder, detail=True) if entry["type"] == "file"]
    files = [_remote_file(entry) for entry in found]
    return tuple(sorted((each for each in files if _is_plain(each.name)), key=lambda each: each.name))


@contextmanager
def fetched(url: str, file: RemoteFile, intake: Path) -> Iterator[Path]:
    """Yield a complete copy of a file under its own name, in a hidden folder of `intake` that goes with the block.

    The caller holds the customer's lock: what a killed look left behind is removed first.  Unreachable where the file
    cannot be read, or is not as long as it looked: then it is still being written.
    """
    intake.mkdir(parents=True, exist_ok=True)
    for left in intake.glob(f"{ARRIVING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=intake, prefix=ARRIVING) as folder:
        copy = Path(folder, file.name)
        with _store(url) as (store, _), store.open(file.path, "rb") as there, copy.open("xb") as written:
            while block := there.read(BLOCK):
                written.write(block)
        if copy.stat().st_size != file.size:
            raise Unreachable(
                f"{file.name}: {copy.stat().st_size} bytes came of {file.size}; it is still being written"
            )
        yield copy


def put_into(intake: Path, copy: Path) -> Path:
    """Move a fetched file into `intake` and return where it lies; what lies there already stays as it is.

    Of a file of the same name with other bytes both are kept: the new one's name tells the beginning of its SHA-256.
    """
    sha256 = sha256_of(copy)
    for name in (
        copy.name,
        f"{copy.stem}.{sha256[:SHA_DIGITS]}{copy.suffix}",
        f"{copy.stem}.{sha256}{copy.suffix}",
    ):
        target = intake / name
        try:
            put_new(copy, target)
        except FileExistsError:
            if target.is_file() and not target.is_symlink() and sha256_of(target) == sha256:
                return target
        else:
            return target
    raise FileExistsError(f"{intake}: {copy.name} and every other name for it are taken; remove one of them")


@contextmanager
def _store(url: str) -> Iterator[tuple[Any, str]]:
    """Yield the store and the folder that a URL names; its faults as Unreachable, without what they quote."""
    try:
        store, folder = fsspec.core.url_to_fs(url)
        yield store, folder
    except Exception as fault:  # every store has faults of its own, and none of them may quote a secret
        scheme = url.partition("://")[0]
        kind = fault.args[0] if isinstance(fault, ImportError) and fault.args else type(fault).__name__
        raise Unreachable(f"{scheme}: the intake cannot be reached ({kind}); check `intake.url` and the credentials in the environment") from fault  # fmt: skip


def _remote_file(entry: dict[str, Any]) -> RemoteFile:
    told = {key: str(entry[key]) for key in sorted(entry) if key.replace("-", "_").lower() in MARKS}
    size = int(entry.get("size") or 0)
    return RemoteFile(
        name=str(entry["name"]).rstrip("/").rsplit("/", 1)[-1],
        path=str(entry["name"]),
        size=size,
        mark=fingerprint(str(size), canonical_json(told)),
    )


def _is_plain(name: str) -> bool:
    """Whether a name can be one of a file here: not hidden, nothing that leads elsewhere or cannot be seen."""
    return bool(name) and not name.startswith(".") and name == Path(name).name and name.isprintable()
