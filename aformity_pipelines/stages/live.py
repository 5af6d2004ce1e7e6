"""What is live: the versions that an export builds on, their rows found again among today's, and their records.

What a run exported is known to every later one, of whatever wave: it is not created again, its changes are updates, and
others may point to it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import Entry, ExportLoaded
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.live import LiveVersion, live_names
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.export.live_records import LIVE_KEYS, LiveFile, create_live_keys, create_live_values
from aformity_pipelines.fates.claims import LIVE_ROWS, LIVE_ROWS_COLUMNS
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.review.shown import shown_rows
from aformity_pipelines.stages.found_again import IS_SHARED, again_ctes
from aformity_pipelines.stages.outputs import write_parquet
from aformity_pipelines.stages.published import (
    LEDGER,
    current_versions,
    folder_of_version,
    manifest_of,
    versions_before,
)
from aformity_pipelines.stages.run import Run

KEPT_ROWS, KEPT_CLAIMS = "live_rows.parquet", "claims.parquet"
"""Beside a transformed table: today's rows of the entity that are live, and which live record each of its records is."""
THEN = "live_then"
"""Temp table (entity, row_id, row_key, record_key, is_lead, place): the rows that are live, as their ledgers name them."""


def live_versions(run: Run) -> tuple[LiveVersion, ...]:
    """Return the published versions that an export of the run's wave builds on, in the order they were made.

    ConfigInvalid where one of them is gone.
    """
    loaded = loaded_versions(in_force(run.migration))
    current = current_versions(run.workspace, run.slug)
    names = live_names(
        run.wave,
        current=current,
        loaded=loaded,
        builds_on=built_on(run, (*current.values(), *loaded)),
    )
    return tuple(
        LiveVersion(wave=wave, version=version, is_loaded=f"{wave}/{version}" in loaded)
        for wave, _, version in (name.partition("/") for name in names)
    )


def loaded_versions(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the names of the versions that were loaded by decisions in force."""
    return frozenset(f"{each.wave}/{each.version}" for each in entries if isinstance(each, ExportLoaded))


def built_on(run: Run, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return each of these versions, and each that they build on -> what it builds on."""
    waves = tuple(wave.name for wave in run.migration.customer.waves)
    found = {name: versions_before(run.workspace, run.slug, waves, name) for name in names}
    behind = {each for before in found.values() for each in before} - found.keys()
    return found | {name: versions_before(run.workspace, run.slug, waves, name) for name in sorted(behind)}


def live_names_of(run: Run) -> tuple[str, ...]:
    """Return the names of the live versions, as manifests and inputs of stages have them."""
    return tuple(each.name for each in live_versions(run))


def judged_waves(run: Run) -> tuple[str, ...]:
    """Return the waves whose rows gates judge: those up to the run's, and those of which something is live."""
    chosen = {*run.waves_in_scope(), *(each.wave for each in live_versions(run))}
    return tuple(wave.name for wave in run.migration.customer.waves if wave.name in chosen)


def judged_sql(run: Run) -> str:
    """Return the judged waves as a SQL list."""
    return f"({', '.join(map(literal, judged_waves(run)))})"


def open_live(
    run: Run,
    raw: Mapping[str, RawRelation],
    entities: Iterable[str],
    *,
    beside: Iterable[str] = (),
    kept: Mapping[str, str] | None = None,
) -> None:
    """Create `live_keys` (the live records) and `live_rows` (today's rows that are live) of some entities.

    Of those `beside` them only the records are told; the rows of those in `kept` are read from the relation that
    `keep_live` left of them.

    A row that was delivered again has another id; its business key says which one it is, where that key named as
    many rows then as it does now: the first then is the first now.  A row that is no longer delivered has no line; its
    record is live all the same.
    """
    names, connection = live_names_of(run), run.connection
    found, chosen = kept or {}, tuple(entities)
    wanted = tuple(entity for entity in chosen if entity not in found)
    files = {entity: _files(run, names, entity) for entity in dict.fromkeys((*chosen, *beside))}
    create_live_keys(connection, run.migration.destination, files)
    connection.execute(f"create or replace temp table {LIVE_ROWS} ({LIVE_ROWS_COLUMNS})")
    for relation in found.values():
        connection.execute(f"insert into {LIVE_ROWS} by name select * from {relation}")
    if names and wanted:
        _find_again(run, raw, names, wanted)


def keep_live(run: Run, entity: str, claims: str, folder: Path) -> None:
    """Keep in `folder` what `open_live` found of an entity, and its `claims`, while anything is live."""
    selects = {KEPT_ROWS: f"select * from {LIVE_ROWS} where entity = {literal(entity)} order by row_id"}
    selects[KEPT_CLAIMS] = f"select * from {claims} order by record"
    for name, select in selects.items():
        if live_names_of(run):
            write_parquet(run.connection, select, folder / name)
        else:
            (folder / name).unlink(missing_ok=True)


def _find_again(
    run: Run, raw: Mapping[str, RawRelation], names: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    """Fill `live_rows` with the rows of some entities."""
    connection = run.connection
    connection.execute(f"create or replace temp table {THEN} as {_then(run, names, wanted)}")
    now = " union all ".join(
        f"select {literal(entity)} as entity, row_id, row_key"
        f" from ({shown_rows(run.migration, raw, entity, ())})"
        for entity in wanted
    )
    number = "cast(split_part(split_part(row_id, '#', 2), '/', 1) as integer)"
    again = again_ctes(by=("entity", "row_key"), order=f"{number}, row_id", latest="place")
    connection.execute(
        f"insert into {LIVE_ROWS} with then_ as (select * from {THEN}),"
        f" now_ as materialized ({now}), {again}"
        " select entity, row_id, record_key, is_lead"
        f" from (select * from then_ where {IS_SHARED}) semi join (select * from now_ where {IS_SHARED})"
        " using (entity, row_id)"
        " union all select entity, c.row_id, g.record_key, g.is_lead"
        " from came c join gone g using (entity, row_key, nth, times)"
    )


def open_live_values(run: Run, entity: str) -> str:
    """Create the relation of an entity's live records (record_key, fields), as the latest export has them; return its name."""
    described = run.migration.destination.entities[entity]
    return create_live_values(run.connection, entity, described, _files(run, live_names_of(run), entity))


def goes_out(run: Run, entity: str, *, record: str, wave: str) -> str:
    """Return the SQL condition that changes of a live record go out now: no decision puts it off to a later wave.

    `record` and `wave` are SQL; needs `covered`.
    """
    return (
        f"({wave} in {run.scope_sql()} or {record} not in (select row_id from {COVERED}"
        f" where subject = {literal(entity)} and kind = 'rows_deferred' and matches and row_id is not null))"
    )


def _then(run: Run, names: tuple[str, ...], entities: tuple[str, ...]) -> str:
    """Return the SELECT of the live rows, each as the last ledger names it that has it in the product."""
    columns = "entity, row_id, row_key, record_key"
    wanted = ", ".join(map(literal, entities)) or "''"
    selects = [
        f"select {columns}, fate = '{Fate.EXPORTED}' as is_lead, {place} as place"
        f" from read_parquet({literal(str(_folder(run, name) / LEDGER))})"
        f" where fate in ('{Fate.EXPORTED}', '{Fate.MERGED}') and entity in ({wanted})"
        for place, name in enumerate(names)
    ]
    if not selects:
        texts = ", ".join(f"cast(null as varchar) as {name}" for name in columns.split(", "))
        return f"select {texts}, false as is_lead, 0 as place where false"
    union = " union all ".join(selects)
    last = " qualify row_number() over (partition by entity, row_id order by place desc) = 1"
    return f"select * from ({union}){last if len(selects) > 1 else ''}"


def _files(run: Run, names: tuple[str, ...], entity: str) -> tuple[LiveFile, ...]:
    found = []
    for name in names:
        for file in manifest_of(run.workspace, run.slug, name).files:
            if file.format == "parquet" and entity in (file.entity, file.updates):
                path = str(_folder(run, name) / file.path)
                found.append(LiveFile(version=name, path=path, is_update=file.updates == entity))
    return tuple(found)


def _folder(run: Run, name: str) -> Path:
    return folder_of_version(run.workspace, run.slug, name)


__all__ = ["LIVE_KEYS", "LIVE_ROWS", "goes_out", "judged_sql", "judged_waves", "live_versions", "open_live"]
