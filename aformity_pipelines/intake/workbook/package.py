"""The ZIP container of a workbook: its parts, read under a count of the bytes they inflate to.

What the container says about sizes is never believed.  Keep out: what the parts mean.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self
from xml.etree import ElementTree

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.refusal import DeliveryRefused

_BLOCK = 1 << 22
_SMALL_PART = 128 << 20
_AGAIN = "open it in Excel, save it as a new .xlsx file and send that"


@dataclass(slots=True)
class Package:
    """An open container.  Part names are looked up without regard to case, as Excel does."""

    job: Job
    _archive: zipfile.ZipFile
    _parts: dict[str, zipfile.ZipInfo]
    _inflated: int = field(default=0)

    @classmethod
    def opened(cls, job: Job) -> Self:
        """Open the job's file.  Raises DeliveryRefused if it is no sound container."""
        try:
            archive = zipfile.ZipFile(job.file)
        except (zipfile.BadZipFile, OSError, ValueError) as damage:
            raise broken(job, f"its container cannot be opened ({damage})") from damage
        parts: dict[str, zipfile.ZipInfo] = {}
        for part in archive.infolist():
            name = _plain(part.filename)
            if name in parts:
                raise broken(job, f"it holds the part {part.filename!r} twice")
            parts[name] = part
        return cls(job, archive, parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def __contains__(self, part: str) -> bool:
        """Whether there is such a part."""
        return _plain(part) in self._parts

    def names(self) -> tuple[str, ...]:
        """Return the names of all parts, in lower case."""
        return tuple(self._parts)

    def blocks(self, part: str) -> Iterator[bytes]:
        """Yield the bytes of a part, some megabytes at a time; nothing if there is no such part."""
        found = self._parts.get(_plain(part))
        if found is None:
            return
        with self._complaints(part), self._archive.open(found) as opened:
            while block := opened.read(_BLOCK):
                self._inflated += len(block)
                if self._inflated > self.job.limits.inflated:
                    raise beyond(self.job, "inflated", self.job.limits.inflated, f"bytes unpacked, in {part}")
                yield block

    def read(self, part: str) -> bytes:
        """Return a small part whole; b"" if there is none."""
        content = bytearray()
        for block in self.blocks(part):
            content += block
            if len(content) > _SMALL_PART:
                raise beyond(self.job, "small part", _SMALL_PART, f"bytes in {part}")
        return bytes(content)

    def tree(self, part: str) -> ElementTree.Element:
        """Return a small part as XML; an empty element if there is none."""
        return parsed(self.job, self.read(part), part)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part points to: id -> (last word of the relation's type, name of the part)."""
        place = PurePosixPath(part)
        found: dict[str, tuple[str, str]] = {}
        for element in self.tree(str(place.parent / "_rels" / f"{place.name}.rels")):
            target = element.get("Target", "").replace("\\", "/")
            if element.get("TargetMode") != "External":
                kind = element.get("Type", "").rpartition("/")[2]
                found[element.get("Id", "")] = (kind, _resolved(place.parent, target))
        return found

    @contextmanager
    def _complaints(self, part: str) -> Iterator[None]:
        try:
            yield
        except RuntimeError as locked:
            raise DeliveryRefused(
                f"{self.job.name}: {part} in it is protected by a password; ask for the file without one"
            ) from locked
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as damage:
            raise broken(self.job, f"{part} cannot be unpacked ({damage})") from damage


def parsed(job: Job, content: bytes, part: str) -> ElementTree.Element:
    """Return XML as a tree; an empty element for no bytes.  Raises DeliveryRefused if it is none or declares entities."""
    if not content.strip():
        return ElementTree.Element("nothing")
    # No writer of workbooks declares a document type; entities in one are how XML bombs are built.
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise hostile(job, part)
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as damage:
        raise broken(job, f"{part} is no XML ({damage})") from damage


def local(name: str) -> str:
    """Return an element's or attribute's name without its namespace."""
    return name.rpartition("}")[2]


def attribute(element: ElementTree.Element, name: str) -> str | None:
    """Return an attribute whatever its namespace: strict workbooks have others."""
    return next((value for key, value in element.attrib.items() if local(key) == name), None)


def broken(job: Job, why: str) -> DeliveryRefused:
    """Return the refusal of a damaged workbook."""
    return DeliveryRefused(f"{job.name}: the workbook is damaged: {why}; {_AGAIN}")


def hostile(job: Job, part: str) -> DeliveryRefused:
    """Return the refusal of a workbook whose XML declares a document type."""
    return DeliveryRefused(
        f"{job.name}: {part} declares a document type or entities, which no spreadsheet program writes; {_AGAIN}"
    )


def beyond(job: Job, limit: str, most: int, what: str) -> DeliveryRefused:
    """Return the refusal of a workbook beyond one of the limits."""
    return DeliveryRefused(
        f"{job.name}: the workbook has more than {most:,} {what} (limit `{limit}`); ask for it in parts, or as .csv"
    )


def check_tables(job: Job, count: int, what: str = "sheets") -> None:
    """Raise DeliveryRefused if a workbook has more sheets, or tables in them, than one file may have."""
    if count > job.limits.tables:
        raise beyond(job, "tables", job.limits.tables, what)


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _resolved(folder: PurePosixPath, target: str) -> str:
    """Return a relation's target as a part's name: `../tables/table1.xml` from `xl/worksheets`."""
    steps: list[str] = []
    for step in (PurePosixPath(target) if target.startswith("/") else folder / target).parts:
        if step == "..":
            steps = steps[:-1]
        elif step not in {"/", "."}:
            steps.append(step)
    return "/".join(steps)
