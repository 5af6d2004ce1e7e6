"""What only seems to move because of what is in the product: said in a sentence, not as a change of rules or waves.

A rule is asked of a record that is live only when it changes, and what belongs to a wave that was loaded does not
launch with that wave any more.
"""

from collections.abc import Iterable, Iterator

import duckdb

from aformity_pipelines.domain.effect import RuleMove, WaveMove
from aformity_pipelines.domain.fates import Reason
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.graph import MAPPED, TRANSFORMED
from aformity_pipelines.stages.live import live_versions
from aformity_pipelines.stages.outputs import FINDINGS, folder_of, parquet
from aformity_pipelines.stages.whatif.played import Played
from aformity_pipelines.stages.whatif.row_moves import AFTER, BEFORE, PAIRS


def without_live(
    connection: duckdb.DuckDBPyConnection, moves: Iterable[RuleMove], before: Played, after: Played
) -> tuple[tuple[RuleMove, ...], tuple[str, ...]]:
    """Return the moves but for those of rules that merely judge live rows no more, and a note on each of these.

    Needs the ledgers of `row_moves`.
    """
    kept, notes = [], []
    for move in moves:
        fewer = move.failing_before - move.failing_after
        if fewer > 0 and _left_live(connection, move, before, after) == (fewer, fewer):
            notes.append(
                f"{move.rule}: {_rows(fewer, move.subject)} that {'breaks' if fewer == 1 else 'break'} it today would"
                " be in the product and judged no more until something in them changes; nothing about them is mended"
            )
        else:
            kept.append(move)
    return tuple(kept), tuple(notes)


def without_loaded(moves: Iterable[WaveMove], after: Played) -> tuple[tuple[WaveMove, ...], tuple[str, ...]]:
    """Return the moves but for those to waves that are loaded, and a note on each of these."""
    loaded = {each.wave for each in live_versions(after.run) if each.is_loaded}
    held = tuple(moves)
    notes = tuple(
        f"{_rows(move.rows, move.entity)} would belong to {move.after} instead of {move.before}; {move.after} is loaded"
        " already: once nothing holds them, they go out with the next export, of whatever wave"
        for move in held
        if move.after in loaded
    )
    return tuple(move for move in held if move.after not in loaded), notes


def _left_live(
    connection: duckdb.DuckDBPyConnection, move: RuleMove, before: Played, after: Played
) -> tuple[int, int]:
    """Return how many rows broke a rule and would not, and how many of them would have become live."""
    were, are = (" union ".join(_found(side, move)) for side in (before, after))
    if not were:
        return (0, 0)
    live = f"'{Reason.LIVE}'"
    row = connection.execute(
        f"select count(*), count(*) filter (where b.reason <> {live} and a.reason = {live}) from ({were}) k"
        f" join {PAIRS} p on p.entity = {literal(move.subject)} and p.before_id = k.row_id"
        f" join {BEFORE} b on b.entity = p.entity and b.row_id = p.before_id"
        f" left join {AFTER} a on a.entity = p.entity and a.row_id = p.after_id"
        f" where not exists (select 1 from ({are or 'select null as row_id where false'}) s"
        " where s.row_id = p.after_id)"
    ).fetchone()
    assert row is not None
    return (row[0], row[1])


def _found(side: Played, move: RuleMove) -> Iterator[str]:
    """Yield a SELECT (row_id) of the rows that break a rule on one side, for each stage that wrote some down."""
    for stage in (MAPPED, TRANSFORMED):
        path = folder_of(side.run, stage, move.subject) / FINDINGS
        if side.is_reached(stage, move.subject) and path.is_file():
            yield f"select distinct row_id from {parquet(path)} where rule = {literal(move.rule)}"


def _rows(number: int, subject: str) -> str:
    return f"{number:,} row{'' if number == 1 else 's'} of {subject}"
