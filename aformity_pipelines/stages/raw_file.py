"""raw_file: the delivery registered, copied while hashed, and read as exact text.

Nothing is typed, trimmed or judged here.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.stage_record import DeliveryRecord, StageRecord
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.delivered import read_delivery
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.intake.register import all_deliveries, copy_of, deliveries, find_deliveries, register
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet, reuse_or, write_record
from aformity_pipelines.stages.run import Run, digest_of

STAGE = "raw_file"


class NoDelivery(Exception):
    """No file of a source has been delivered."""


def register_new(run: Run, source: str) -> Delivery:
    """Register every file in `intake/` that is new for `source`; return the delivery that counts.

    The latest registered delivery counts; files that arrive together are registered in name order.
    """
    declared = run.migration.customer.sources[source]
    into = run.workspace.deliveries(run.slug)
    for path in find_deliveries(run.workspace.intake(run.slug), declared.file):
        register(path, into=into, received_on=run.as_of, received_by=run.by, source=source)
    known = [delivery for delivery in deliveries(into) if delivery.source == source]
    if not known:
        raise NoDelivery(
            f"customers/{run.slug}/intake: no file matches {declared.file!r} (source {source}); put the file there,"
            " or correct `file` in defs.yaml"
        )
    return known[-1]


def known_deliveries(run: Run, source: str) -> frozenset[str]:
    """Return the SHA-256 of every delivery of a source that was registered."""
    into = run.workspace.deliveries(run.slug)
    return frozenset(each.sha256 for each in all_deliveries(into) if each.source == source)


def run_raw_file(run: Run, source: str) -> tuple[StageRecord, bool]:
    """Read the source's delivery; return the stage's record and whether anything was done."""
    delivery = register_new(run, source)
    hints = run.migration.customer.sources[source].format
    inputs = {"delivery": delivery.sha256, "format": digest_of(hints.model_dump(mode="json"))}

    def make() -> StageRecord:
        folder = folder_of(run, STAGE, source)
        folder.mkdir(parents=True, exist_ok=True)
        copy = copy_of(delivery, run.workspace.deliveries(run.slug))
        with TemporaryDirectory(dir=folder, prefix=".reading-") as reading:
            raw = read_delivery(copy, hints, delivery=delivery, into=Path(reading))
            raw.parquet.replace(folder / TABLE)
        _check_stored(run, source, raw, folder / TABLE)
        return write_record(run, _record(source, inputs, delivery, raw, folder / TABLE))

    return reuse_or(run, STAGE, source, inputs, make)


def _check_stored(run: Run, source: str, raw: RawTable, table: Path) -> None:
    """Raise ConservationBreach unless the table holds as many records as were read, each row once."""
    counts = f"select count(*), count(distinct row) from {parquet(table)}"
    (stored,) = run.connection.execute(counts).fetchall()
    if stored != (raw.rows, raw.rows):
        raise ConservationBreach(
            f"raw_file {source}: {raw.rows} records were read, but (rows, different rows) stored are {stored}."
            " Nothing was published; this is a fault of the software, report it."
        )


def _record(
    source: str, inputs: dict[str, str], delivery: Delivery, raw: RawTable, table: Path
) -> StageRecord:
    return StageRecord(
        stage=STAGE,
        name=source,
        wave=None,
        inputs=inputs,
        output=sha256_of(table),
        rows_in=raw.rows,
        rows_out=raw.rows,
        columns={header or f"column {number}": "text" for number, header in enumerate(raw.headers, start=1)},
        delivery=DeliveryRecord(
            file_name=delivery.file_name,
            sha256=delivery.sha256,
            size=delivery.size,
            received_on=delivery.received_on,
            received_by=delivery.received_by,
            headers=raw.headers,
            header_row=raw.header_row,
            sheet=raw.sheet,
            how_read=how_read(raw),
            rejected=raw.rejected,
            skipped=tuple(f"{s.kind.value}: {s.count}, first in row {s.row}" for s in raw.skipped),
            warnings=tuple(f"{w.kind.value}: {w.count}, for example {w.example}" for w in raw.warnings),
        ),
    )


def how_read(raw: RawTable) -> str:
    """Say in one line how a delivery was read."""
    dialect = raw.dialect
    named = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
    parts = [
        f"sheet {raw.sheet}" if raw.sheet else "",
        dialect.encoding or "",
        f"{named.get(dialect.delimiter, dialect.delimiter)} between values" if dialect.delimiter else "",
        f"header in row {raw.header_row}" if raw.header_row else "no header",
    ]
    return ", ".join(part for part in parts if part)
