"""A source's raw rows as a relation with business keys, ready to be judged, mapped or looked up."""

from collections.abc import Iterable

from aformity_pipelines.domain.customer import Source
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.mapping.sql import bind, headers_in
from aformity_pipelines.stages.expressions import require_wave_conditions
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet, require
from aformity_pipelines.stages.rejected import open_rejected
from aformity_pipelines.stages.run import Run


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
    )
    table = parquet(folder_of(run, "raw_file", source) / TABLE)
    require_wave_conditions(run, raw, table)
    run.connection.execute(
        f"create or replace temp view {raw.relation} as select r.row_id, r.row, {_row_key(source, declared, raw)}"
        f" as row_key, {_wave(run, source, raw)} as wave, r.* exclude (row_id, row) from {table} r"
    )
    return raw


def open_all(run: Run, sources: Iterable[str]) -> dict[str, RawRelation]:
    """Return the relations of several sources, by name."""
    return {source: open_raw(run, source) for source in dict.fromkeys(sources)}


def _row_key(source: str, declared: Source, raw: RawRelation) -> str:
    """Return the SQL of the business key; the row id where the key is missing or blank."""
    if not declared.key or any(header not in raw.internal for header in declared.key):
        return "r.row_id"
    values = [f"({raw.filled(header)})" for header in declared.key]
    if len(values) > 1:
        # `a|b` with `c` is another row than `a` with `b|c`.
        values = [f"replace(replace({value}, '\\', '\\\\'), '|', '\\|')" for value in values]
    parts = " || '|' || ".join(values)
    return f"coalesce({literal(source + ':')} || {parts}, r.row_id)"


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
