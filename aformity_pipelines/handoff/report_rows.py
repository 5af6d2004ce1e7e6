"""Rows as the report lists them: by the file that they stood in, so that its name is read once and not with every row.

Pure, and no markup.  A label whose file was not delivered to this wave stays as the record wrote it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.launch_record import LaunchRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """One row: its id, and what a reader sees of it behind the file's name."""

    id: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRows:
    """The rows of one file, in the order in which they were named; `file` is empty where none is known."""

    file: str
    rows: tuple[ShownRow, ...]


def rows_by_file(record: LaunchRecord, ids: Iterable[str], entity: str = "") -> tuple[FileRows, ...]:
    """Return rows by file, the files in the order in which they are first named; by an entity's own keys, if one is named."""
    files = sorted({line.file for line in record.deliveries}, key=lambda name: (-len(name), name))
    found: dict[str, list[ShownRow]] = {}
    for id in ids:
        file, shown = _split(row_label(record, id, entity), files)
        found.setdefault(file, []).append(ShownRow(id=id, shown=shown))
    return tuple(FileRows(file=file, rows=tuple(rows)) for file, rows in found.items())


def row_label(record: LaunchRecord, id: str, entity: str = "") -> str:
    """Return what a reader sees of a row where it is named for an entity; its id where nothing else is known."""
    return record.row_labels.get(f"{entity} {id}") or record.row_labels.get(id, id)


def _split(label: str, files: Sequence[str]) -> tuple[str, str]:
    """Return a label's file and the rest: `A-1 (a.csv, row 2)` as `a.csv` and `A-1 (row 2)`."""
    for file in files:
        start, inner = f"{file}, row ", f" ({file}, row "
        if label.startswith(start):
            return file, f"row {label.removeprefix(start)}"
        if inner in label:
            key, _, row = label.rpartition(inner)
            return file, f"{key} (row {row}"
    return "", label
