"""The history of fates: one row followed through all published versions, its re-deliveries and the re-validations between.

A row that was delivered again has another id; its business key says which one it is, the n-th of its equals where a key
names several.  `why`, the launch record and the property tests ask here, so that they cannot tell different stories.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import duckdb

from aformity_pipelines.domain.fate_history import FateStep, TestedStep, Way
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.outputs import columns_of
from aformity_pipelines.stages.published_order import Version, published_in_order
from aformity_pipelines.stages.revalidation.rows import states_of_row
from aformity_pipelines.stages.run import Run

KNOWN = "asked_rows"
"""Temp table (asked, row_key, place): the rows that are followed; `place` among the rows of one key, from 1."""


def fate_history(run: Run, entity: str, row: str) -> Way:
    """Return the way of one row of an entity, by its row id in any version; empty where no version held it."""
    return fate_histories(run, entity, (row,)).get(row, ())


def fate_histories(run: Run, entity: str, rows: Iterable[str]) -> dict[str, Way]:
    """Return row id as it was asked for -> the way of that row; rows that no version held are left out."""
    versions, asked = published_in_order(run), tuple(dict.fromkeys(rows))
    if not versions or not asked:
        return {}
    _create_known(run.connection, versions, entity, asked)
    found: dict[str, list[tuple[int, FateStep]]] = {row: [] for row in asked}
    for place, version in enumerate(versions):
        for row, step in _steps_in(run.connection, version, entity):
            found[row].append((place, step))
    days = _days(versions)
    tested = _tested(run, entity, found, days)
    ways = {row: _merged(steps, tested.get(row, [])) for row, steps in found.items()}
    return {row: way for row, way in ways.items() if way}


def _create_known(
    connection: duckdb.DuckDBPyConnection, versions: Sequence[Version], entity: str, asked: Sequence[str]
) -> None:
    """Create `asked_rows` with the business key of each row, as the last version has it that holds the row."""
    keyed = " union all ".join(
        f"select row_id, row_key, place, {number} as number from ({_placed(version, entity)})"
        for number, version in enumerate(versions)
    )
    connection.execute(
        f"create or replace temp table {KNOWN} as select w.row as asked, k.row_key, k.place"
        " from (select unnest(?::varchar[]) as row) w left join"
        f" ({keyed}) k on k.row_id = w.row qualify row_number() over (partition by w.row order by k.number desc) = 1",
        [list(asked)],
    )


def _placed(version: Version, entity: str) -> str:
    """Return the SELECT of an entity's ledger in a version, with the place of each row among those of its key."""
    return (
        f"select *, row_number() over (partition by row_key order by row, row_id) as place"
        f" from {version.relation('ledger')} where entity = {literal(entity)}"
    )


def _steps_in(
    connection: duckdb.DuckDBPyConnection, version: Version, entity: str
) -> Iterator[tuple[str, FateStep]]:
    """Yield each asked row that a version holds, by id or else by key, with the fate that it gave it."""
    has_live = "live_since" in columns_of(connection, version.relation("ledger"))
    change = "l.change, l.live_since" if has_live else "null, null"
    rows = connection.execute(
        f"with l as materialized ({_placed(version, entity)}) select k.asked, l.row_id, l.fate, l.reason, l.because,"
        f" {change}, l.wave from {KNOWN} k join l on l.row_id = k.asked or (l.row_key = k.row_key"
        " and l.place = k.place and k.asked not in (select row_id from l)) order by all"
    ).fetchall()
    for asked, row, fate, reason, because, changed, since, wave in rows:
        yield (
            asked,
            FateStep(
                wave=version.wave,
                version=version.folder.name,
                as_of=version.as_of,
                row=row,
                fate=Fate(fate),
                reason=Reason(reason),
                because=because or "",
                change=changed or "",
                live_since=since or "",
                until=wave or "",
            ),
        )


def _days(versions: Sequence[Version]) -> tuple[date, ...]:
    """Return the day by which each version was there: its own, or that of one before it where it has none."""
    days, last = [], date.min
    for version in versions:
        last = max(last, version.as_of or last)
        days.append(last)
    return tuple(days)


def _tested(
    run: Run, entity: str, asked: Iterable[str], days: Sequence[date]
) -> dict[str, list[tuple[int, TestedStep]]]:
    """Return asked row -> (the place of the version that it follows, what a re-validation found), oldest first."""
    keys = dict(run.connection.execute(f"select asked, row_key from {KNOWN}").fetchall())
    named = {key: row for row, key in keys.items() if key is not None} | {row: row for row in keys}
    tested: dict[str, list[tuple[int, TestedStep]]] = {row: [] for row in asked}
    for then in states_of_row(run.workspace, run.slug, entity, named):
        row = named.get(then.line.row) or named[then.line.key]
        step = TestedStep(
            wave=then.wave,
            number=then.number,
            as_of=then.as_of,
            row=then.line.row,
            state=then.line.state,
            because=then.line.because,
            owner=then.line.owner,
            due=then.line.due,
        )
        tested[row].append((bisect_right(days, then.as_of) - 1, step))
    return tested


def _merged(steps: Sequence[tuple[int, FateStep]], tested: Sequence[tuple[int, TestedStep]]) -> Way:
    """Return fates and tests in one order: a test follows the version that was there on its day."""
    both: list[tuple[tuple[int, int], FateStep | TestedStep]] = [((place, 0), step) for place, step in steps]
    both += [((_shifted(place, step, steps), 1), step) for place, step in tested]
    return tuple(step for _, step in sorted(both, key=lambda each: each[0]))


def _shifted(place: int, test: TestedStep, steps: Sequence[tuple[int, FateStep]]) -> int:
    """Return the place that a test follows: on the day that its own wave was run it came before that run."""
    same_day = [p for p, step in steps if step.wave == test.wave and step.as_of == test.as_of and p <= place]
    return min(same_day) - 1 if same_day else place
