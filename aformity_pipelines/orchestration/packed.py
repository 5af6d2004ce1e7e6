"""Dagster metadata that fits: texts, tables and what gives way, within 32 KiB an event.

What is said is the other modules'.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

import dagster as dg

LIMIT = 32 * 1024
TEXT_LIMIT = 2_000

Cell: TypeAlias = str | int
Described: TypeAlias = dict[str, dg.MetadataValue[Any]]


def joined(described: Described, more: Described) -> Described:
    """Return both; where they are too long together, the column schema gives way, and after it the longest of `more`."""
    both = described | more
    for name in ("dagster/column_schema", *sorted(more, key=lambda name: -size_of({name: more[name]}))):
        if size_of(both) > LIMIT:
            both.pop(name, None)
    return both


def cut(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return a text that is short enough for an event; a cut one says so."""
    return (
        text if len(text) <= limit else f"{text[: limit - 60].rstrip()} ... ({len(text)} characters in all)"
    )


def size_of(described: Mapping[str, dg.MetadataValue[Any]]) -> int:
    """Return the bytes that metadata takes in Dagster's event log."""
    return sum(len(name) + len(dg.serialize_value(cast(Any, value))) for name, value in described.items())


def within(rows: Iterable[dict[str, Cell]], limit: int) -> list[dict[str, Cell]]:
    """Return the first rows, as many as take at most `limit` bytes in Dagster's event log."""
    kept: list[dict[str, Cell]] = []
    for row in rows:
        limit -= len(dg.serialize_value(dg.TableRecord(dict(row))))
        if limit < 0:
            break
        kept.append(row)
    return kept


def table_of(rows: Sequence[Mapping[str, Cell]]) -> dg.MetadataValue[Any]:
    """Return rows as Dagster's table; the first one's keys are the columns."""
    columns = [
        dg.TableColumn(name=name, type="int" if isinstance(value, int) else "string")
        for name, value in (rows[0] if rows else {}).items()
    ]
    records = [dg.TableRecord(dict(row)) for row in rows]
    return dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns=columns))
