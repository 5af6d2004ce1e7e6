"""The product's importer and what an import may never meet, in plain Python: the files of published versions, nothing else.

Keep out: the package.  What it writes is read here as somebody else's importer would read it.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

Record = Mapping[str, str]
Key = tuple[str, str]
"""Entity and the key of the record in the product."""


class ImportFailed(AssertionError):
    """A record came twice, or a change came for a record that is not there."""


@dataclass
class Product:
    """What is in the product: each record as the latest export that was imported says."""

    records: dict[Key, Record] = field(default_factory=dict)
    created_by: dict[Key, str] = field(default_factory=dict)
    """Record -> the version that brought it."""
    changed_by: dict[Key, list[str]] = field(default_factory=dict)
    """Record -> the versions that changed it."""

    def load(self, folder: Path) -> None:
        """Import one version: parents first, new records before changes."""
        listed = told(folder)
        name = name_of(folder)
        for entity in listed["load_order"]:
            for path in _paths(folder, listed, entity, "entity"):
                for record in _read(path):
                    key = (entity, record["external_id"])
                    if key in self.records:
                        raise ImportFailed(f"{name} creates {key}, which {self.created_by[key]} brought")
                    self.records[key] = record
                    self.created_by[key] = name
            for path in _paths(folder, listed, entity, "updates"):
                for record in _read(path):
                    key = (entity, record["external_id"])
                    if key not in self.records:
                        raise ImportFailed(f"{name} changes {key}, which is not there")
                    self.records[key] = record
                    self.changed_by.setdefault(key, []).append(name)


def product_after(published: Path, folder: Path) -> tuple[Product, Product]:
    """Return the product before a version is imported, and after it; `published` holds one folder for each wave."""
    before, after = Product(), Product()
    for product in (before, after):
        for name in told(folder)["builds_on"]:
            product.load(published / name)
    after.load(folder)
    return before, after


def told(folder: Path) -> dict[str, Any]:
    """Return a version's manifest."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def name_of(folder: Path) -> str:
    """Return a version as manifests name it."""
    return f"{folder.parent.name}/{folder.name}"


def damage(published: Path) -> Iterator[str]:
    """Yield what is half-published: files that are missing, are others or are too many, versions built on nothing."""
    for folder in sorted(published.glob("*/v*")):
        name = name_of(folder)
        listed = told(folder)
        for each in listed["files"]:
            path = folder / each["path"]
            if not path.is_file() or sha256(path.read_bytes()).hexdigest() != each["sha256"]:
                yield f"{name}: {each['path']} is not as the manifest says"
        yield from (
            f"{name}: {each} is gone" for each in listed["builds_on"] if not (published / each).is_dir()
        )
    for wave in sorted(path for path in published.glob("*") if path.is_dir()):
        current = wave / "current"
        if current.is_file() and not (wave / current.read_text(encoding="utf-8").strip()).is_dir():
            yield f"{wave.name}: what it points to is not there"


def _paths(folder: Path, listed: Mapping[str, Any], entity: str, role: str) -> Iterator[Path]:
    for each in listed["files"]:
        if each["format"] == "csv" and each.get(role) == entity:
            yield folder / each["path"]


def _read(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened)
