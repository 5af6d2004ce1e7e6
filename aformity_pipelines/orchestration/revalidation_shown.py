"""A re-validation as Dagster metadata: counts, what changed and where it lies; no row and no value."""

from collections.abc import Iterable

import dagster as dg

from aformity_pipelines.domain.revalidation import Counted, Revalidation
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.packed import Cell, Described, cut, table_of, within
from aformity_pipelines.stages.revalidation.history import RECORD_FILE, ROWS_FILE, folder_of

LINES_LIMIT = 12 * 1024
SAYS_LIMIT = 200
NUMBER = "number"
"""Metadata: which re-validation of its wave it is; by it an event is found again."""


def of_revalidation(workspace: Workspace, slug: str, record: Revalidation, *, is_new: bool) -> Described:
    """Return what is shown of a wave that was tested again, most important first."""
    folder = folder_of(workspace, slug, record.wave, record.number)
    described: Described = {
        "as_of": dg.MetadataValue.text(record.as_of.isoformat()),
        NUMBER: dg.MetadataValue.int(record.number),
        "now_ready": dg.MetadataValue.int(record.ready),
        "still_blocked": dg.MetadataValue.int(record.still_blocked),
        "newly_blocked": dg.MetadataValue.int(record.newly_blocked),
        "overdue": dg.MetadataValue.int(record.overdue),
        "left": dg.MetadataValue.int(record.left),
        "states": table_of(_by_entity(record.lines)),
        "reasons": table_of(within((_reason(line) for line in record.lines), LINES_LIMIT)),
        "changed": dg.MetadataValue.text(cut("; ".join(record.changed) or "nothing since the last time")),
        "gates_closed": dg.MetadataValue.text(cut(", ".join(record.gates_closed) or "none")),
        "compared_with": dg.MetadataValue.text(_compared_with(record)),
        "redone": dg.MetadataValue.bool(is_new),
        "record": dg.MetadataValue.path(str(folder / RECORD_FILE)),
        "rows": dg.MetadataValue.path(str(folder / ROWS_FILE)),
    }
    return {name: value for name, value in described.items() if not _is_empty_table(value)}


def of_sendings(said: Iterable[str]) -> Described:
    """Return what became of the digests that were sent; nothing where none was to be."""
    words = "; ".join(said)
    return {"digests_sent": dg.MetadataValue.text(cut(words))} if words else {}


def _compared_with(record: Revalidation) -> str:
    return f"the one as of {record.previous_as_of}" if record.previous_as_of else "none before"


def _by_entity(lines: Iterable[Counted]) -> list[dict[str, Cell]]:
    """Return the rows of each entity in each state."""
    counts: dict[tuple[str, str], int] = {}
    for line in lines:
        place = (line.entity, line.state.value)
        counts[place] = counts.get(place, 0) + line.rows
    return [
        {"entity": entity, "state": state, "rows": rows} for (entity, state), rows in sorted(counts.items())
    ]


def _reason(line: Counted) -> dict[str, Cell]:
    return {
        "entity": line.entity,
        "state": line.state.value,
        "because": cut(line.because, SAYS_LIMIT),
        "rows": line.rows,
        "owner": line.owner,
        "due": line.due.isoformat() if line.due else "",
        "is_new": str(line.is_new).lower(),
    }


def _is_empty_table(value: object) -> bool:
    return isinstance(value, dg.TableMetadataValue) and not value.records
