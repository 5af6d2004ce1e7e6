"""What a statement of a section may read, and what a query that may only count may return."""

import json
import re
from collections.abc import Iterator
from typing import Any

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.stages.graph import STAGES
from aformity_pipelines.stages.run import Run

WORKING = "answer_"
"""Begins the names of tables that sections make for themselves."""
LISTS = frozenset({"unnest", "range", "generate_series"})
"""The table functions that read nothing."""
_ROW_ID = re.compile(r"^[a-z][a-z0-9_]*@[0-9a-f]{8}#\d+(/[a-z][a-z0-9_]*)?$")
_MAKES = re.compile(
    rf"^\s*(?:create or replace temp table {WORKING}\w+ (?:as\s+|\([^)]*\)\s*$)|insert into {WORKING}\w+ )"
)


class Unmasked(Exception):
    """A section asked for a table that may hold personal values: a fault of ours."""


def tables_read(run: Run, statement: str) -> set[str]:
    """Return the tables and functions that a statement reads rows from, as DuckDB's own parser sees them."""
    sql = _MAKES.sub("", statement, count=1)
    if not sql:
        return set()
    row = run.connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    parsed = json.loads(row[0]) if row else {}
    if parsed.get("error", True):
        raise Unmasked(f"a section of the launch record asks what is not a SELECT: {sql}")
    named, own = set[str](), set[str]()
    for node in _nodes(parsed):
        if node.get("type") == "BASE_TABLE":
            named.add(".".join(filter(None, (node["schema_name"], node["table_name"]))))
        elif node.get("type") == "TABLE_FUNCTION":
            named.add(node["function"]["function_name"])
        own |= {each["key"] for each in node.get("cte_map", {}).get("map", ())}
    return named - own - LISTS


def require_no_values(run: Run, rows: list[tuple[Any, ...]], also: frozenset[str] = frozenset()) -> None:
    """Raise Unmasked where a row holds a text that is neither a row id nor a name of ours."""
    names = _names(run) | also
    if any(text not in names and not _ROW_ID.match(text) for text in _texts(rows)):
        raise Unmasked("a query that may only count returns texts that are neither row ids nor names of ours")


def _names(run: Run) -> frozenset[str]:
    """Return the texts that are ours and not a row's: of config, of the log, of the words for fates."""
    migration, customer = run.migration, run.migration.customer
    fields = migration.destination.field_names()
    return frozenset(
        (
            *migration.destination.entities,
            *fields,
            *(name.partition(".")[2] for name in fields),
            *customer.sources,
            *(wave.name for wave in customer.waves),
            *(entry.id for entry in migration.log),
            *Fate,
            *Reason,
            *STAGES,
        )
    )


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | tuple):
        for member in part:
            yield from _texts(member)


def _nodes(part: object) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    members = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for member in members:
        yield from _nodes(member)
