"""What changed of the rows that a decision was shown, cell by cell: then, from the kept delivery, and now.

For the people who run the migration; nothing of this is stored or put into a record.  But it is printed, and what is
printed is kept: tokens stand in place of personal values, unless the customer's policy shows them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.decision_state import ChangedRow, ChangedValue
from aformity_pipelines.domain.decisions import RowDecision
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.tokens import token_of
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN
from aformity_pipelines.review.covered import CHANGED, COVERED, REASONS
from aformity_pipelines.review.shown import headers_shown
from aformity_pipelines.stages.earlier_delivery import delivered_now, open_delivery
from aformity_pipelines.stages.personal import column_subject, personal
from aformity_pipelines.stages.run import Run

MOST = 20
"""Rows of a decision that are shown with what changed."""
Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """How a subject reads one source: the headers that were shown, and how its row keys end."""

    source: str
    part: str
    headers: tuple[str, ...]

    def key_in_source(self, key: str) -> str:
        return key if self.part == MAIN else key.removesuffix(f"/{self.part}")

    def reads(self, row: str) -> bool:
        """Whether a row id is of this read."""
        source, _, rest = row.partition("@")
        return source == self.source and (rest.partition("/")[2] or MAIN) == self.part


def changed_rows(run: Run, raw: Mapping[str, RawRelation], decision: RowDecision) -> tuple[ChangedRow, ...]:
    """Return the rows that a decision was shown and no longer covers, the first 20; needs `covered`."""
    lost = run.connection.execute(
        f"select row_key, row_id, because from {COVERED} where decision = ? and not matches"
        " order by row_id nulls last, row_key limit ?",
        [decision.id, MOST],
    ).fetchall()
    altered = {row: key for key, row, because in lost if because == CHANGED}
    values: dict[str, tuple[ChangedValue, ...]] = {}
    for read in _reads(run, decision):
        if read.source in raw:
            own = {row: key for row, key in altered.items() if read.reads(row)}
            values |= dict(_changes(run, raw[read.source], read, decision, own))
    return tuple(
        ChangedRow(key=key, row=row, because=_because(because, changes), changes=changes)
        for key, row, because in lost
        for changes in (values.get(row, ()),)
    )


def _because(because: str, changes: Sequence[ChangedValue]) -> str:
    if because == CHANGED and changes and any(each.before != each.after for each in changes):
        return f"{', '.join(each.header for each in changes)} changed"
    return REASONS[because][0]


def _reads(run: Run, decision: RowDecision) -> Iterator[_Read]:
    covers = decision.covers
    if covers.subject not in run.migration.mappings:
        yield _Read(source=covers.subject, part=MAIN, headers=covers.fields)
        return
    for read in run.migration.reads_of(covers.subject):
        shown = headers_shown(run.migration, read, covers.fields)
        yield _Read(source=read.source, part=read.part, headers=shown)


def _changes(
    run: Run, raw: RawRelation, read: _Read, decision: RowDecision, rows: Mapping[str, str]
) -> Iterator[tuple[str, tuple[ChangedValue, ...]]]:
    """Yield row id -> the cells that are others now; all that were shown where it is not known what they were."""
    then = decision.covers.delivered.get(read.source)
    headers = tuple(header for header in read.headers if header in raw.internal)
    if not rows or not headers or then == delivered_now(run, read.source):
        return
    old = open_delivery(run, read.source, then) if then else None
    now = _cells(run, raw, headers, "row_id", [row.partition("/")[0] for row in rows])
    keys = [read.key_in_source(key) for key in rows.values()]
    before = _cells(run, old, headers, "row_key", keys) if old else {}
    hidden, digest_key = personal(run.migration), run.digest_key()

    def shown(header: str, cell: str | None) -> str | None:
        if not cell or not hidden.hides_column(read.source, header):
            return cell
        return str(token_of(digest_key, column_subject(read.source, header), cell))

    for row, key in rows.items():
        after, was = now.get(row.partition("/")[0]), before.get(read.key_in_source(key))
        if after is not None:
            pairs = zip(headers, was or (None,) * len(headers), after, strict=True)
            yield (
                row,
                tuple(
                    ChangedValue(header=header, before=shown(header, one), after=shown(header, other))
                    for header, one, other in pairs
                    if was is None or one != other
                ),
            )


def _cells(
    run: Run, raw: RawRelation, headers: Sequence[str], column: str, names: Iterable[str]
) -> dict[str, Cells]:
    """Return name -> delivered cells of the rows that are named alone; a header that is not there has none."""
    cells = ", ".join(raw.exact(header) if header in raw.internal else "null" for header in headers)
    wanted = ", ".join(literal(name) for name in dict.fromkeys(names))
    rows = run.connection.execute(
        f"select r.{column}, {cells} from {raw.relation} r where r.{column} in ({wanted})"
        f" qualify count(*) over (partition by r.{column}) = 1"
    ).fetchall()
    return {name: tuple(values) for name, *values in rows}
