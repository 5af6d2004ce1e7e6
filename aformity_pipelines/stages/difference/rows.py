"""Row by row and field by field: cells, fates and values of two sides, set-wise, the first rows in full.

Needs the ledgers of both sides.  Values of persons leave as tokens, unless the customer's policy shows them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.row_difference import ChangedText, RowDifference, RowDifferences, TextOf
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.tokens import token_of
from aformity_pipelines.export.live_records import create_live_values
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN
from aformity_pipelines.review.shown import headers_shown
from aformity_pipelines.stages.difference.sides import Side
from aformity_pipelines.stages.earlier_delivery import delivered_now, open_delivery
from aformity_pipelines.stages.keeping_stages import LEDGER_FILE
from aformity_pipelines.stages.outputs import parquet
from aformity_pipelines.stages.personal import Personal, column_subject, key_subject, personal
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.whatif.row_moves import PAIRS, create_ledgers

TEXTS = "row_texts"
"""Temp table (entity, before_id, after_id, of, source, name, before, after): cells and values that differ."""
ROWS = "row_changes"
"""Temp table (entity, before_id, after_id, row_key, change, fate_before, fate_after, has_text): the rows that differ."""
MOST = 20
IN_THE_PRODUCT = f"('{Fate.EXPORTED}', '{Fate.MERGED}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rows somebody wants to see."""

    entities: tuple[str, ...]
    field: str | None = None
    """Only rows in which this field, or a column that it is made of, differs."""
    limit: int = MOST


class NoLedger(ValueError):
    """Nobody knows where the rows of one side ended."""


def row_differences(run: Run, then: Side, now: Side, asked: Asked) -> RowDifferences:
    """Return the rows of some entities that differ.  NoLedger where one side has no fates to compare."""
    if now.folder is None or (then.name and then.folder is None):
        raise NoLedger(
            "the rows cannot be compared: where they would end now is not known; run the stages first"
        )
    create_ledgers(run.connection, then.folder, now.folder)
    _create_texts(run, then, now, asked)
    _create_rows(run, then, now, asked)
    counted = run.connection.execute(f"select change, count(*) from {ROWS} group by 1 order by 1").fetchall()
    return RowDifferences(rows=tuple(_listed(run, asked)), counts=dict(counted))


def _create_texts(run: Run, then: Side, now: Side, asked: Asked) -> None:
    run.connection.execute(
        f"create or replace temp table {TEXTS} (entity varchar, before_id varchar, after_id varchar,"
        " of varchar, source varchar, name varchar, before varchar, after varchar)"
    )
    cells = _redelivered(run, then, now, asked.entities)
    for entity in asked.entities:
        for read in run.migration.reads_of(entity):
            if read.source in cells:
                only = headers_shown(run.migration, read, (asked.field,)) if asked.field else None
                _insert_cells(run, entity, read.part, *cells[read.source], only=only)
        _insert_values(run, then, now, entity, asked.field)


def _redelivered(
    run: Run, then: Side, now: Side, entities: Iterable[str]
) -> dict[str, tuple[RawRelation, RawRelation]]:
    """Return source -> its rows then and now, of those sources whose delivery is another one and can be read."""
    sources = dict.fromkeys(read.source for entity in entities for read in run.migration.reads_of(entity))
    found: dict[str, tuple[RawRelation, RawRelation]] = {}
    for source in sources:
        before, after = then.deliveries.get(source), now.deliveries.get(source)
        if before and after and before != after and after == delivered_now(run, source):
            raw = open_delivery(run, source, before)
            if raw:
                found[source] = (raw, open_all(run, (source,))[source])
    return found


def _insert_cells(
    run: Run, entity: str, part: str, old: RawRelation, new: RawRelation, *, only: tuple[str, ...] | None
) -> None:
    """Note the cells under common headers that differ; a column that came or went is told by its name alone."""
    headers = [h for h in new.internal if h in old.internal and (only is None or h in only)]
    pairs = _texts({h: (old.exact(h, "b"), new.exact(h, "a")) for h in headers})
    if not pairs:
        return
    row = "split_part({side}, '/', 1)"
    is_part = f"case when contains(p.after_id, '/') then split_part(p.after_id, '/', 2) else '{MAIN}' end"
    run.connection.execute(
        f"insert into {TEXTS} select {literal(entity)}, before_id, after_id, '{TextOf.CELL}',"
        f" {literal(new.source)}, t.name, t.before, t.after from ("
        f" select p.before_id, p.after_id, unnest([{pairs}]) as t from {PAIRS} p"
        f" join {old.relation} b on b.row_id = {row.format(side='p.before_id')}"
        f" join {new.relation} a on a.row_id = {row.format(side='p.after_id')}"
        f" where p.entity = {literal(entity)} and {is_part} = {literal(part)})"
        " where t.before is distinct from t.after"
    )


def _insert_values(run: Run, then: Side, now: Side, entity: str, field: str | None) -> None:
    """Note the fields of records that are in the product then and now, or go there, under the row that leads each."""
    described = run.migration.destination.entities[entity]
    old, new = (
        create_live_values(run.connection, f"{name}__{entity}", described, side.files.get(entity, ()))
        for name, side in (("then", then), ("now", now))
    )
    fields = [name for name in described.fields if field in (None, name)]
    cell = "cast({side}.{name} as varchar)"
    pairs = _texts({f: tuple(cell.format(side=s, name=identifier(f)) for s in "ba") for f in fields})
    if not pairs or then.folder is None or now.folder is None:
        return
    ledgers = [
        f"(select row_id, record_key from {parquet(side.folder / LEDGER_FILE)} where entity = {literal(entity)}"
        " and record_key is not null and (record = row_id or record is null))"
        for side in (then, now)
        if side.folder
    ]
    run.connection.execute(
        f"insert into {TEXTS} select {literal(entity)}, before_id, after_id, '{TextOf.VALUE}', '', t.name, t.before,"
        f" t.after from (select p.before_id, p.after_id, unnest([{pairs}]) as t from {PAIRS} p"
        f" join {ledgers[0]} l on l.row_id = p.before_id join {ledgers[1]} m on m.row_id = p.after_id"
        f" join {old} b on b.record_key = l.record_key join {new} a on a.record_key = m.record_key"
        f" where p.entity = {literal(entity)}) where t.before is distinct from t.after"
    )


def _texts(pairs: Mapping[str, tuple[str, ...]]) -> str:
    """Return the SQL of (name, before, after) of each pair."""
    return ", ".join(
        f"{{'name': {literal(name)}, 'before': {before}, 'after': {after}}}"
        for name, (before, after) in pairs.items()
    )


def _create_rows(run: Run, then: Side, now: Side, asked: Asked) -> None:
    """Create `row_changes`: what only one side has, ended elsewhere, or differs in a text."""
    entities = ", ".join(map(literal, asked.entities)) or "''"
    has_text = (
        f"exists (select 1 from {TEXTS} t where t.entity = p.entity and t.before_id = p.before_id"
        " and t.after_id = p.after_id)"
    )
    # Of a row that was and is in the product it does not matter which export brought it there.
    is_same = f"(b.fate = a.fate and (b.fate in {IN_THE_PRODUCT} or (b.reason, b.because) is not distinct from (a.reason, a.because)))"
    differs = has_text if asked.field else f"({has_text} or not coalesce({is_same}, false))"
    run.connection.execute(
        f"create or replace temp table {ROWS} as select p.entity, p.before_id, p.after_id,"
        f" coalesce(a.row_key, b.row_key, '') as row_key, {has_text} as has_text,"
        " case when p.before_id is null then 'added' when p.after_id is null then 'removed' else 'changed' end"
        f" as change, {_fate('b')} as fate_before, {_fate('a')} as fate_after from {PAIRS} p"
        f" left join {_ledger(then)} b on b.entity = p.entity and b.row_id = p.before_id"
        f" left join {_ledger(now)} a on a.entity = p.entity and a.row_id = p.after_id"
        f" where p.entity in ({entities}) and {differs}"
    )


def _ledger(side: Side) -> str:
    columns = "entity, row_id, row_key, fate, reason, because"
    if side.folder is None:
        texts = ", ".join(f"cast(null as varchar) as {name}" for name in columns.split(", "))
        return f"(select {texts} where false)"
    return f"(select {columns} from {parquet(side.folder / LEDGER_FILE)})"


def _fate(side: str) -> str:
    return f"{side}.fate || ' (' || {side}.reason || coalesce(' ' || {side}.because, '') || ')'"


def _listed(run: Run, asked: Asked) -> Iterator[RowDifference]:
    """Yield the first rows with all their texts: changed values, then rows that came or went, then fates alone; each by entity and id."""
    order = " ".join(f"when {literal(each)} then {n}" for n, each in enumerate(asked.entities))
    rows = run.connection.execute(
        f"select entity, before_id, after_id, row_key, change, fate_before, fate_after from {ROWS}"
        f" order by not has_text, change = 'changed', case entity {order} end, coalesce(after_id, before_id) limit ?",
        [asked.limit],
    ).fetchall()
    hidden, key = personal(run.migration), run.digest_key()
    for entity, before_id, after_id, row_key, change, fate_before, fate_after in rows:
        texts = run.connection.execute(
            f"select of, source, name, before, after from {TEXTS}"
            " where entity = ? and before_id = ? and after_id = ? order by of, name",
            [entity, before_id, after_id],
        ).fetchall()
        yield RowDifference(
            entity=entity,
            row=after_id or before_id,
            key=_key_shown(hidden, key, row_key),
            row_before=before_id if after_id and before_id != after_id else None,
            change=change,
            fate_before=fate_before,
            fate_after=fate_after,
            texts=tuple(_shown(hidden, key, entity, *each) for each in texts),
        )


def _key_shown(hidden: Personal, key: bytes, row_key: str) -> str:
    """Return a row key (`source:key`) as it may be printed."""
    source, _, text = row_key.partition(":")
    return (
        f"{source}:{token_of(key, key_subject(source), text)}" if text and source in hidden.keyed else row_key
    )


def _shown(
    hidden: Personal, key: bytes, entity: str, of: str, source: str, name: str, *texts: str | None
) -> ChangedText:
    """Return a pair of texts as it may be printed: a token in place of a personal one."""
    is_cell = of == TextOf.CELL
    is_hidden = hidden.hides_column(source, name) if is_cell else hidden.hides(entity, name)
    subject = column_subject(source, name) if is_cell else hidden.subject(entity, name)
    before, after = (str(token_of(key, subject, text)) if text and is_hidden else text for text in texts)
    return ChangedText(of=TextOf(of), name=name, before=before, after=after)
