"""One text in five encodings and byte order marks, two of them wrong: all must read alike."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood
from benchmarks.corpus.figure import SHARED, Figure
from benchmarks.corpus.pollock import rows_of

FOLDER = SHARED / "case-salesforce-dataloader" / "files"


def figures() -> Iterator[Figure]:
    """Count how many of the variants read as most of them do; nothing if they are not here."""
    files = sorted(FOLDER.glob("csvtext*.csv"))
    if not files:
        return
    ours, naive = ([reader(path) for path in files] for reader in (_ours, _with_polars))
    alike = _alike(ours)
    yield Figure(
        corpus=f"case-salesforce-dataloader, {len(files)} byte order marks",
        measure="variants that read alike",
        floor=str(len(files)),
        naive=f"{_alike(naive)} (Polars)",
        ours=str(alike),
        holds=alike == len(files),
    )


def _alike(readings: list[str | None]) -> int:
    read = [one for one in readings if one is not None]
    return max((read.count(one) for one in read), default=0)


def _ours(path: Path) -> str | None:
    """Return the one table that is read without a question."""
    with tempfile.TemporaryDirectory(prefix="aformity-corpus-") as folder:
        job = Job(file=path, name=path.name, hints=FormatHints(), into=Path(folder), row_id_prefix="")
        try:
            reading = read_contained(job)
        except (NotUnderstood, DeliveryRefused):
            return None
        if reading.questions or len(reading.tables) != 1 or reading.tables[0].rejected:
            return None
        return repr([tuple(row) for row in rows_of(reading.tables[0])])


def _with_polars(path: Path) -> str | None:
    try:
        table = pl.read_csv(path, infer_schema=False, glob=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    return repr([tuple(table.columns), *table.rows()])
