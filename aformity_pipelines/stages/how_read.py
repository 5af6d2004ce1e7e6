"""How two deliveries of a source were read, held against each other: format, encoding, signs, sheet, header row."""

import json
from pathlib import Path

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.earlier_delivery import ReadTable, told_of
from aformity_pipelines.stages.run import Run

ASPECTS = ("format", "encoding", "delimiter", "quote", "escape", "line_end", "comment")


def format_changes(run: Run, before: ReadTable, now: ReadTable) -> dict[str, tuple[str, str]]:
    """Return what of the format changed -> (before, now), in a fixed order; `none` where there was nothing of it."""
    then, today = _read(run, before), _read(run, now)
    return {
        name: (then.get(name) or "none", today.get(name) or "none")
        for name in (*ASPECTS, "sheet", "header_row", "renamed")
        if (then.get(name) or "none") != (today.get(name) or "none")
    }


def _read(run: Run, read: ReadTable) -> dict[str, str | None]:
    renamed = told_of(run, read.delivery.source, read.delivery.sha256).hints.renamed
    return _dialect(run, read.table) | {
        "sheet": read.sheet,
        "header_row": str(read.header_row) if read.header_row else None,
        "renamed": "; ".join(f"{new} is {old}" for old, new in sorted(renamed.items())),
    }


def _dialect(run: Run, table: Path) -> dict[str, str | None]:
    """Return what the table's own metadata says about the file it was read from."""
    found = run.connection.execute(
        f"select decode(value) from parquet_kv_metadata({literal(str(table))}) where decode(key) = 'dialect'"
    ).fetchall()
    known = json.loads(found[0][0]) if found else {}
    return {name: known.get(name) for name in ASPECTS}
