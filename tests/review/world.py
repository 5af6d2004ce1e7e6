"""Accounts of one source, the decisions on them, and what the decisions do to today's rows."""

from typing import Any

from tests.properties.settling import HEADERS, World

FIELDS_READ = {"id": "Key", "name": "Name", "parent": "Parent", "size": "Number", "kind": "Kind"}
MAPPINGS = (
    {
        "entity": "firm",
        "reads": [
            {"source": "firms", "fields": {name: {"from": header} for name, header in FIELDS_READ.items()}}
        ],
    },
    {
        "entity": "person",
        "reads": [{"source": "firms", "fields": {"id": {"from": "Key"}, "name": {"from": "Name"}}}],
    },
)


def firm(key: str, name: str = "Acme", kind: str = "live", **cells: str) -> tuple[str | None, ...]:
    values: dict[str, str | None] = {"Key": key, "Name": name, "Kind": kind, **cells}
    return tuple(values.get(header) for header in HEADERS)


def world(
    *firms: tuple[str | None, ...], unread: list[tuple[str, str]] | None = None, log: list[Any] | None = None
) -> World:
    """`unread`: reason and text of each record behind the firms that could not be read."""
    return World(
        cells={"firms": list(firms)}, mappings=MAPPINGS, log=log or [], rejects={"firms": unread or []}
    )


def decide(each: World, kind: str, *places: int, fields: str = "name", **more: Any) -> Any:
    """Decide about the rows at some places (from 0) as they are now."""
    outline = {
        "kind": kind,
        "subject": "firm",
        "rows": list(places),
        "fields": [fields],
        "field": "name",
        "value": "X",
    }
    return each.decide(outline | more)


def covered(each: World) -> list[tuple[Any, ...]]:
    """Return (decision, place from 0 or None, matches) of every covered row."""
    each.cover()
    found = each.connection.execute(
        "select decision, cast(split_part(row_id, '#', 2) as integer) - 2, matches from covered order by all"
    )
    return found.fetchall()


def mapped(each: World, *columns: str, entity: str = "firm") -> list[tuple[Any, ...]]:
    each.settle()
    return each.connection.execute(
        f"select {', '.join(columns)} from mapped_{entity} order by row_id"
    ).fetchall()
