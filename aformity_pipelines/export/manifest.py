"""The manifest of an export: every file with its hash and counts, the fates, what was decided and by which versions."""

from pathlib import Path

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.files.fingerprint import canonical_json, fingerprint, sha256_of


class FileEntry(Document):
    """One file beside the manifest."""

    path: str
    entity: str | None
    """The entity whose new records it holds; None for other files."""
    format: str
    rows: int
    size: int
    sha256: str
    updates: str | None = None
    """The entity of which it holds records that are in the product already and change."""


class Versions(Document):
    """What the export was made with."""

    package: str
    destination: str
    destination_version: str
    suites: dict[str, str]
    """`entity/gate` -> fingerprint of the suite."""
    models: str
    """Fingerprint of the SQL models."""
    mappings: dict[str, str]


class LeftOut(Document):
    """An entity that this export does not hold."""

    entity: str
    why: str


class Manifest(Document):
    """`manifest.json`."""

    schema_version: str = "2"
    customer: str
    wave: str
    builds_on: tuple[str, ...] = ()
    """The versions that are in the product, or go there before this one, in order: `wave_1/v0008-4a873acd`."""
    load_order: tuple[str, ...]
    files: tuple[FileEntry, ...]
    fates: dict[str, dict[str, int]]
    created: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records that are new to the product, for every entity that is not left out."""
    updated: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records that are in the product and change, for every entity that is not left out."""
    left_out: tuple[LeftOut, ...]
    blanked_links: dict[str, int]
    """`entity.field` -> records whose link waits for a record that is not exported yet."""
    decisions: tuple[str, ...]
    log_seq: int
    log_sha256: str
    deliveries: dict[str, str]
    """Source -> SHA-256 of the delivery."""
    rejected: dict[str, int] = Setting(default_factory=dict)
    """Source -> records of the delivery that could not be read, where there are any; the fates count them too."""
    versions: Versions
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the bytes-stable JSON of the manifest."""
        return canonical_json(self.model_dump(mode="json")) + "\n"

    def content_id(self) -> str:
        """Return the fingerprint that names this content; equal for equal exports."""
        return fingerprint(self.text())


def file_entry(path: Path, *, rows: int, entity: str | None = None, updates: str | None = None) -> FileEntry:
    """Describe a file that was just written."""
    return FileEntry(
        path=path.name,
        entity=entity,
        updates=updates,
        format=path.suffix.lstrip("."),
        rows=rows,
        size=path.stat().st_size,
        sha256=sha256_of(path),
    )


def problems_of(folder: Path, *, only: str = "") -> tuple[str, ...]:
    """Return what does not agree with the manifest in a published folder; empty when it verifies.

    `only`: the format of the files that are looked at, such as `parquet`; all of them where it is empty.
    """
    if not (folder / "manifest.json").is_file():
        return ("manifest.json is missing",)
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_text(encoding="utf-8"))
    found = []
    for entry in manifest.files:
        if only not in ("", entry.format):
            continue
        path = folder / entry.path
        if not path.is_file():
            found.append(f"{entry.path} is missing")
        elif path.stat().st_size != entry.size or sha256_of(path) != entry.sha256:
            found.append(f"{entry.path} is not the file that was published")
    return tuple(found)
