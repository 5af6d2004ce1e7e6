"""What earlier waves published: those rows are not judged or exported again, and their records can be pointed to."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.shown import shown_rows
from aformity_pipelines.stages.run import Run

LEDGER = "ledger.parquet"
CURRENT = "current"
NOTHING = (
    "select cast(null as varchar) as entity, cast(null as varchar) as row_id, cast(null as varchar) as record_key"
    " where false"
)


def current_version(published: Path) -> Path | None:
    """Return the folder of the current published version of a wave, or None."""
    pointer = published / CURRENT
    return published / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def _earlier_versions(run: Run) -> list[Path]:
    found = [current_version(run.workspace.published(run.slug, w)) for w in run.waves_in_scope()[:-1]]
    return [each for each in found if each is not None]


def earlier_exports(run: Run) -> str:
    """Return the fingerprint of what earlier waves published."""
    return fingerprint(*(folder.name for folder in _earlier_versions(run)))


def open_earlier(run: Run, raw: Mapping[str, RawRelation], entities: Iterable[str]) -> None:
    """Create the table `earlier` (entity, row_id, record_key) of every row of `entities` that is live already.

    A row that was delivered again has another id; its business key says which one it is, where that key named as
    many rows then as it does now.  A row that is no longer delivered keeps its old id: its record is live all the same.
    """
    selects = [
        f"select entity, row_id, row_key, record_key from read_parquet({literal(str(folder / LEDGER))})"
        f" where fate in ('{Fate.EXPORTED}', '{Fate.MERGED}')"
        for folder in _earlier_versions(run)
    ]
    if not selects:
        run.connection.execute(f"create or replace temp table earlier as {NOTHING}")
        return
    now = " union all ".join(
        f"select {literal(entity)} as entity, row_id, row_key"
        f" from ({shown_rows(run.migration, raw, entity, ())})"
        for entity in entities
    )
    run.connection.execute(
        "create or replace temp table earlier as"
        f" with live as (select entity, row_id, min(row_key) as row_key, min(record_key) as record_key"
        f" from ({' union all '.join(selects)}) group by all),"
        f" now_ as ({now}),"
        " moved as (select l.entity, l.row_key, min(l.record_key) as record_key, count(*) as n from live l"
        " where l.row_key is not null and not exists"
        " (select 1 from now_ n where n.entity = l.entity and n.row_id = l.row_id) group by all),"
        " found as (select n.entity, n.row_id, m.record_key, m.n, count(*) over (partition by n.entity, n.row_key) as now_n"
        " from now_ n join moved m on m.entity = n.entity and m.row_key = n.row_key)"
        " select entity, row_id, record_key from live"
        " union select entity, row_id, record_key from found where n = now_n"
    )
