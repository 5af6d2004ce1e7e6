"""What earlier waves published: those rows are not judged or exported again, and their records can be pointed to."""

from pathlib import Path

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.fingerprint import fingerprint
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


def open_earlier(run: Run) -> None:
    """Create the view `earlier` (entity, row_id, record_key) of every row that an earlier wave exported."""
    selects = [
        f"select entity, row_id, record_key from read_parquet({literal(str(folder / LEDGER))})"
        f" where fate in ('{Fate.EXPORTED}', '{Fate.MERGED}')"
        for folder in _earlier_versions(run)
    ]
    union = " union ".join([NOTHING, *selects])
    run.connection.execute(f"create or replace temp table earlier as {union}")
