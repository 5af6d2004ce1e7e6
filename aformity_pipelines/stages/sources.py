"""A source's raw rows as a relation with business keys, ready to be judged, mapped or looked up.

A row without a usable key is known by all that stands in it: `source:~digest#n`, the n-th of its equals in the file.
So the key survives a delivery in which the row stands elsewhere, and any change in the row makes it another one.
"""

from collections.abc import Iterable, Sequence

from aformity_pipelines.domain.customer import Source, Vanished
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.mapping.sql import bind, headers_in
from aformity_pipelines.review.digest import create_digest_macro, shown_text
from aformity_pipelines.stages.expressions import require_wave_conditions
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet, require
from aformity_pipelines.stages.rejected import open_rejected
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.vanished import open_carried

DIGITS = 16
"""Of the digest in the key of a row that has none: two different rows in 100 million share them by chance."""


def open_raw(run: Run, source: str) -> RawRelation:
    """Create the view `raw_<source>` (row_id, row, row_key, wave, c0001 ...) and return it."""
    record = require(run, "raw_file", source)
    assert record.delivery is not None
    declared = run.migration.customer.sources[source]
    raw = RawRelation(
        source=source,
        relation=f"raw_{source}",
        internal=internal_names(record.delivery.headers),
        blanks=declared.blanks,
        rejected=open_rejected(run, source, record),
        carried=open_carried(run, source, record),
        left_out=declared.vanished is Vanished.EXCLUDE,
    )
    table = united(parquet(folder_of(run, "raw_file", source) / TABLE), raw.carried)
    require_wave_conditions(run, raw, table)
    key, joined = _row_key(run, declared, raw, table)
    run.connection.execute(
        f"create or replace temp view {raw.relation} as select r.row_id, r.row, {key}"
        f" as row_key, {_wave(run, source, raw)} as wave, r.* exclude (row_id, row) from {table} r{joined}"
    )
    return raw


def united(table: str, carried: str | None) -> str:
    """Return the rows of today's delivery, and behind them those that only earlier ones held."""
    if carried is None:
        return table
    return f"(select * from {table} union all by name select * exclude (place) from {carried} order by all)"


def open_table(run: Run, source: str, *, headers: Sequence[str], table: str, name: str) -> RawRelation:
    """Create the view `name` (row_id, row, row_key, c0001 ...) of any table that was read of a source's delivery."""
    declared = run.migration.customer.sources[source]
    raw = RawRelation(source=source, relation=name, internal=internal_names(headers), blanks=declared.blanks)
    key, joined = _row_key(run, declared, raw, table)
    run.connection.execute(
        f"create or replace temp view {name} as select r.row_id, r.row, {key} as row_key,"
        f" r.* exclude (row_id, row) from {table} r{joined}"
    )
    return raw


def open_all(run: Run, sources: Iterable[str]) -> dict[str, RawRelation]:
    """Return the relations of several sources, by name."""
    return {source: open_raw(run, source) for source in dict.fromkeys(sources)}


def _row_key(run: Run, declared: Source, raw: RawRelation, table: str) -> tuple[str, str]:
    """Return the SQL of the business key, and of the join that it needs where some rows have none."""
    is_keyed = bool(declared.key) and all(header in raw.internal for header in declared.key)
    key = declared_key(declared, raw) if is_keyed else "null"
    unkeyed_rows = f"from {table} r where {key} is null"
    if is_keyed and not run.connection.execute(f"select 1 {unkeyed_rows} limit 1").fetchall():
        return key, ""
    create_digest_macro(run.connection, run.digest_key())
    unkeyed = f"unkeyed_{raw.relation}"
    # Worked out once and kept: the view is read many times over, and a digest costs more than a join.
    content = f"left(keyed_digest({shown_text(raw, tuple(raw.internal))}), {DIGITS})"
    run.connection.execute(
        f"create or replace temp table {unkeyed} as select row_id, {literal(raw.source + ':~')} || content || '#'"
        " || row_number() over (partition by content order by row) as row_key"
        f" from (select r.row_id, r.row, {content} as content {unkeyed_rows})"
    )
    return f"coalesce({key}, u.row_key)", f" left join {unkeyed} u on u.row_id = r.row_id"


def declared_key(declared: Source, raw: RawRelation) -> str:
    """Return the SQL of the key that the source declares; NULL where a part of it is blank."""
    values = [f"({raw.filled(header)})" for header in declared.key]
    if len(values) > 1:
        # `a|b` with `c` is another row than `a` with `b|c`.
        values = [f"replace(replace({value}, '\\', '\\\\'), '|', '\\|')" for value in values]
    parts = " || '|' || ".join(values)
    return f"({literal(raw.source + ':')} || {parts})"


def _wave(run: Run, source: str, raw: RawRelation) -> str:
    first, *later = run.migration.customer.waves
    whens = []
    for wave in reversed(later):
        if source in wave.where:
            sql = wave.where[source]
            known = {h: raw.filled(h) for h in headers_in(sql) if h in raw.internal}
            if len(known) == len(headers_in(sql)):
                whens.append(f"when ({bind(sql, known)}) is true then {literal(wave.name)}")
    return f"case {' '.join(whens)} else {literal(first.name)} end" if whens else literal(first.name)
