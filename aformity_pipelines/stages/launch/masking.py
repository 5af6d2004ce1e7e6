"""How a table is masked: the SQL of its columns, tokens in place of what is personal, and the shape of a text."""

from collections.abc import Sequence

from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.review.tokens import token_sql
from aformity_pipelines.stages.outputs import columns_of
from aformity_pipelines.stages.personal import Personal, key_subject
from aformity_pipelines.stages.run import Run

PLACES = ("row_id", "row_ids", "source", "wave", "set_aside")
"""Columns of a stage's table that are ours; those that are neither these nor fields are not shown."""
BAD, BLANK = "__bad", "__blank"


def replaced(run: Run, hidden: Personal, name: str, table: str) -> str:
    """Return the SQL that replaces what is personal in a table beside an export; empty where nothing is."""
    columns: dict[str, str] = {}
    if name == "updates":
        hides = sorted(hidden.fields)
        columns = {"record_key": _keys(run, hidden)}
        columns |= {side: _by_field(hidden, hides, side) for side in ("before", "after")}
    elif name == "ledger":
        columns = {"record_key": _keys(run, hidden), "row_key": _row_keys(hidden)}
    elif name == "values" and "before" in columns_of(run.connection, table):
        columns = {
            "before": _by_field(hidden, sorted(hidden.delivered), "before"),
            "after": _by_field(hidden, sorted(hidden.fields), "after"),
        }
    replaced = ", ".join(f"{sql} as {column}" for column, sql in columns.items() if sql != column)
    return f" replace ({replaced})" if replaced else ""


def _keys(run: Run, hidden: Personal) -> str:
    """Return the SQL of a record's key in the ledger."""
    keys = {entity: run.migration.destination.entities[entity].key for entity in run.migration.entities()}
    whens = [
        f"when {literal(entity)} then {token_sql(hidden.subject(entity, key), 'record_key')}"
        for entity, key in keys.items()
        if hidden.hides(entity, key)
    ]
    return f"case entity {' '.join(whens)} else record_key end" if whens else "record_key"


def _row_keys(hidden: Personal) -> str:
    """Return the SQL of a source row's key in the ledger, the source in front of it left as it is."""
    whens = [
        f"when {literal(source)} then {literal(f'{source}:')}"
        f" || {token_sql(key_subject(source), f'substr(row_key, {len(source) + 2})')}"
        for source in sorted(hidden.keyed)
    ]
    return f"case source {' '.join(whens)} else row_key end" if whens else "row_key"


def _by_field(hidden: Personal, names: Sequence[str], column: str) -> str:
    whens = [
        f"when {literal(name)} then {token_sql(hidden.subject(*name.split('.')), column)}" for name in names
    ]
    return f"case entity || '.' || field {' '.join(whens)} else {column} end" if whens else column


def fields_sql(run: Run, hidden: Personal, entity: str, table: str) -> str:
    """Return the SELECT of a stage's table with its fields and the texts that did not fit them; nothing else."""
    fields = run.migration.destination.entities[entity].fields
    shown = []
    for column in columns_of(run.connection, table):
        field, is_bad = column.removesuffix(BAD), column.endswith(BAD)
        if column in PLACES and column not in fields:
            shown.append(identifier(column))
        elif field in fields:
            is_hidden = hidden.hides_delivered(entity, field) if is_bad else hidden.hides(entity, field)
            text = f"cast({identifier(column)} as varchar)"
            token = token_sql(hidden.subject(entity, field), text)
            shown.append(f"{token} as {identifier(column)}" if is_hidden else identifier(column))
            shown += [] if is_bad else [f"{identifier(column)} is null as {identifier(field + BLANK)}"]
    return f"select {', '.join(shown)} from {table}"


def is_blank(field: str, alias: str) -> str:
    """Return the SQL of whether a masked record has no value in a field; that costs no token."""
    return f"{alias}.{identifier(field + BLANK)}"


def mask(text: str) -> str:
    """Return the shape of a personal value: letters as `x` or `X`, digits as `9`, the rest as it stands."""
    return "".join(_masked(sign) for sign in text)


def _masked(sign: str) -> str:
    if sign.isalpha():
        return "X" if sign.isupper() else "x"
    return "9" if sign.isnumeric() else sign
