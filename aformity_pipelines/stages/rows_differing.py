"""Two deliveries row by row, cell by cell: for the people who run the migration, printed and never stored.

Tokens stand in place of personal values, unless the customer's policy shows them.
"""

from collections.abc import Mapping, Sequence

from aformity_pipelines.domain.deliveries_shown import CellShown, RowShown, RowsShown
from aformity_pipelines.domain.redelivery import RowChange
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.tokens import token_of
from aformity_pipelines.mapping.columns import internal_names
from aformity_pipelines.stages.earlier_delivery import ReadTable
from aformity_pipelines.stages.outputs import parquet
from aformity_pipelines.stages.personal import column_subject, personal
from aformity_pipelines.stages.redelivered import create_rows
from aformity_pipelines.stages.run import Run

MOST = 50
"""Rows that are shown before the rest is counted."""
DIFFERING = "differing_rows"
Cells = Mapping[str, Mapping[str, str | None]]
"""Row id -> header -> cell."""


def rows_differing(
    run: Run, source: str, before: Sequence[ReadTable], now: ReadTable, *, most: int = MOST
) -> RowsShown:
    """Return the first rows that were added, removed or changed, in the order of their keys, and how many there are."""
    create_rows(run, source, before, now, into=DIFFERING)
    differing = f"from {DIFFERING} where change <> '{RowChange.UNCHANGED}'"
    found = run.connection.execute(
        f"select row_key, change, before_row_id, row_id, columns {differing}"
        " order by change, coalesce(row_id, before_row_id) limit ?",
        [most],
    ).fetchall()
    ((total,),) = run.connection.execute(f"select count(*) {differing}").fetchall()
    changed = [each for each in found if each[1] == RowChange.CHANGED]
    then: dict[str, Mapping[str, str | None]] = {}
    for table in before:
        then |= _cells(run, table, [each[2] for each in changed])
    today = _cells(run, now, [each[3] for each in changed])
    return RowsShown(
        rows=tuple(
            RowShown(
                key=_key(run, source, key, row or before_row),
                change=RowChange(change),
                before_row=before_row,
                row=row,
                cells=_changes(run, source, columns, then.get(before_row, {}), today.get(row, {})),
            )
            for key, change, before_row, row, columns in found
        ),
        total=total,
    )


def _key(run: Run, source: str, key: str | None, row: str) -> str:
    """Return the row's business key; its row id where the key is blank, or personal."""
    declared = run.migration.customer.sources[source]
    hidden = personal(run.migration)
    is_personal = any(hidden.hides_column(source, header) for header in declared.key)
    return row if key is None or is_personal else key


def _changes(
    run: Run,
    source: str,
    headers: Sequence[str],
    before: Mapping[str, str | None],
    now: Mapping[str, str | None],
) -> tuple[CellShown, ...]:
    hidden, digest_key = personal(run.migration), run.digest_key()

    def shown(header: str, cell: str | None) -> str | None:
        if not cell or not hidden.hides_column(source, header):
            return cell
        return str(token_of(digest_key, column_subject(source, header), cell))

    return tuple(
        CellShown(header=header, before=shown(header, before.get(header)), now=shown(header, now.get(header)))
        for header in headers
    )


def _cells(run: Run, read: ReadTable, rows: Sequence[str]) -> Cells:
    """Return the cells of some rows of a delivery by header; rows of another one are not there."""
    prefix = read.delivery.row_id_prefix()
    own = [row for row in rows if row.startswith(prefix)]
    if not own:
        return {}
    names = internal_names(read.headers)
    wanted = ", ".join(map(literal, own))
    found = run.connection.execute(
        f"select row_id, {', '.join(names.values())} from {parquet(read.table)} where row_id in ({wanted})"
    ).fetchall()
    return {row: dict(zip(names, cells, strict=True)) for row, *cells in found}
