"""Stage outputs on disk: tables first, the record last; and the check that guards every later stage."""

from collections.abc import Callable
from pathlib import Path

import duckdb
from pydantic import ValidationError

from aformity_pipelines.domain.sql_text import PARQUET, literal
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.files.atomic import replace_with, write_bytes
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.stages.run import Run

TABLE = "table.parquet"
FINDINGS = "findings.parquet"
REJECTS = "rejects.parquet"
"""Beside a raw table: the records that could not be read (row_id, row, reason, raw, bytes)."""
CARRIED = "carried.parquet"
"""Beside a raw table: rows that only earlier deliveries held (row_id, row, place, c0001 ...)."""
RECORD = "stage.json"
STAGES_WITHOUT_WAVES = frozenset({"raw_file"})
STAGES_WITH_A_TABLE = frozenset({"raw_file", "mapped", "transformed"})


class Stopped(Exception):
    """Somebody must act first; nothing later may run, and trying again changes nothing."""


class GateClosed(Stopped):
    """A gate is closed and somebody must decide."""


class DeliveryWaits(Stopped):
    """A delivery waits for an answer about its format, or for another file instead of it."""


class StageMissing(Exception):
    """A stage before this one has not run, or its output is not what it recorded."""


def folder_of(run: Run, stage: str, name: str) -> Path:
    """Return where a stage keeps its output."""
    return run.workspace.build(run.slug, stage, name, None if stage in STAGES_WITHOUT_WAVES else run.wave)


def read_record(run: Run, stage: str, name: str) -> StageRecord | None:
    """Return what a stage recorded last, or None where it has not run or another version wrote it in another form."""
    path = folder_of(run, stage, name) / RECORD
    try:
        return StageRecord.model_validate_json(path.read_bytes()) if path.is_file() else None
    except ValidationError:
        return None  # the build is a cache: what cannot be read is made again


def write_record(run: Run, record: StageRecord) -> StageRecord:
    """Store a stage's record with the hash of every file beside its table; from here on the stage has happened."""
    folder = folder_of(run, record.stage, record.name)
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    # A name with a dot is what a killed run left half-written: no output.
    outputs = (p for p in files if p.is_file() and p.name not in {TABLE, RECORD} and p.name[0] != ".")
    kept = {p.name: sha256_of(p) for p in outputs}
    stored = record.model_copy(update={"beside": kept})
    write_bytes(folder / RECORD, stored.model_dump_json(indent=1).encode() + b"\n")
    return stored


def altered_file(run: Run, record: StageRecord) -> str | None:
    """Return the name of a file of a stage that is not there as the stage left it, or None."""
    expected = dict(record.beside)
    if record.stage in STAGES_WITH_A_TABLE and record.waits is None:
        expected[TABLE] = record.output
    folder = folder_of(run, record.stage, record.name)
    for name, sha256 in expected.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != sha256:
            return name
    return None


def require(run: Run, stage: str, name: str) -> StageRecord:
    """Return the record of a stage that ran, whose files are untouched and whose gate is open."""
    record = read_record(run, stage, name)
    where = f"{stage} {name} of {run.slug}"
    raw = read_record(run, "raw_file", name) if stage == "validated" else None
    if raw:
        refuse_stopped(raw)
    if record is None:
        raise StageMissing(f"{where} has not run for {run.wave}; run it first")
    refuse_stopped(record)
    if raw and (raw.output, raw.beside.get(CARRIED, "")) != (record.output, record.inputs.get("carried", "")):
        raise StageMissing(f"{where} judged another delivery than the one that was read since; run it again")
    if altered := altered_file(run, record):
        raise StageMissing(f"{where}: its {altered} is not the one that was judged; run {stage} again")
    return record


def is_current(record: StageRecord | None, run: Run, inputs: dict[str, str]) -> bool:
    """Whether a stage's record was made from exactly these inputs and its files are still there, untouched.

    A refused delivery never is: the machine may have been busy, or a reader of ours at fault, so it is tried again.
    """
    if record is None or (record.waits and record.waits.refused):
        return False
    return record.inputs == inputs and altered_file(run, record) is None


def write_parquet(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> str:
    """Write a SELECT to a Parquet file in one step; return its SHA-256."""
    with replace_with(path) as temporary:
        connection.execute(f"copy ({select}) to {literal(str(temporary))} {PARQUET}")
    return sha256_of(path)


def parquet(path: Path) -> str:
    """Return the SQL relation of a Parquet file of ours (its name holds no pattern)."""
    return f"read_parquet({literal(str(path))})"


def reuse_or(
    run: Run, stage: str, name: str, inputs: dict[str, str], make: Callable[[], StageRecord]
) -> tuple[StageRecord, bool]:
    """Return the stored record where nothing changed, else what `make` makes; and whether it was made.

    Raises GateClosed where the record's own gate is closed, DeliveryWaits where its delivery waits: what is to be
    known about that is stored by then.
    """
    stored = read_record(run, stage, name)
    is_reused = stored is not None and is_current(stored, run, inputs)
    record = stored if stored is not None and is_reused else make()
    refuse_stopped(record)
    return record, not is_reused


def stops(record: StageRecord) -> bool:
    """Whether nothing after this stage may run: its gate is closed, or its delivery waits."""
    return record.waits is not None or (record.verdict is not None and not record.verdict.is_open)


def refuse_stopped(record: StageRecord) -> None:
    """Raise GateClosed or DeliveryWaits where nothing after this stage may run."""
    if record.waits:
        raise DeliveryWaits(record.waits.explanation(record.name))
    if record.verdict and not record.verdict.is_open:
        raise GateClosed(record.verdict.explanation)


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Return column -> DuckDB type of a relation."""
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def count(connection: duckdb.DuckDBPyConnection, relation: str, where: str = "true") -> int:
    """Return how many rows of a relation meet a condition."""
    row = connection.execute(f"select count(*) from {relation} where {where}").fetchone()
    assert row is not None
    return int(row[0])
