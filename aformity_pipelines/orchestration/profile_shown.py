"""A raw table's profile as Dagster metadata: columns, keys, duplicates, and what changed since the last delivery.

Headers and counts; no value of a customer is known here.
"""

import dagster as dg

from aformity_pipelines.domain.profile import ColumnSummary, StoredProfile
from aformity_pipelines.orchestration.packed import Cell, Described, cut, table_of, within
from aformity_pipelines.profile.table import changes_since

COLUMNS_LIMIT = 14 * 1024
FIRST_DELIVERY = "the first delivery of this source"
SAME = "the same columns as before"


def of_profile(stored: StoredProfile) -> Described:
    """Return what fits of a profile, most telling first."""
    table, changes = stored.table, changes_since(stored)
    rows = within((_row(column, table.rows) for column in table.columns), COLUMNS_LIMIT)
    said = FIRST_DELIVERY if changes is None else " ".join(changes.sentences()) or SAME
    parts: Described = {
        "columns_since_last_delivery": dg.MetadataValue.text(cut(said)),
        "likely_key": dg.MetadataValue.text(
            cut("; ".join(" + ".join(key.headers) for key in table.keys)) or "none"
        ),
        "duplicate_rows": dg.MetadataValue.int(table.duplicates),
        "columns": table_of(rows),
    }
    if near := ", ".join(
        f"{each.header}: {each.blank} blank, {each.repeated} repeated" for each in table.near_keys
    ):
        parts["nearly_a_key"] = dg.MetadataValue.text(cut(near))
    if len(rows) < len(table.columns):
        parts["columns_not_listed"] = dg.MetadataValue.int(len(table.columns) - len(rows))
    return parts


def _row(column: ColumnSummary, rows: int) -> dict[str, Cell]:
    unusual = ", ".join(f"{kind.value}: {count}" for kind, count in column.unusual_rows.items())
    return {
        "column": cut(column.header, 100),
        "type": column.type.value,
        "format": column.format,
        "filled": column.filled,
        "of_rows": rows,
        "distinct": column.distinct,
        "length": f"{column.shortest}-{column.longest}",
        "unusual": cut(unusual, 200),
    }
