"""What reading a delivery leaves in the folder of its raw stage, and what the stage records about it.

Rows that were read and rows that could not be lie in two tables; together they are the records of the file.
"""

from pathlib import Path

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.stage_record import CarriedRows, DeliveryRecord
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.stages.outputs import REJECTS, TABLE, parquet
from aformity_pipelines.stages.run import Run

MOST_REASONS = 20
OTHER_REASONS = "other reasons"


def keep(run: Run, source: str, raw: RawTable, folder: Path) -> None:
    """Move what was read into the folder, in the place of what an earlier delivery left there.

    Raises ConservationBreach unless both tables hold as many records as were read, and each row and id once.
    """
    (folder / REJECTS).unlink(missing_ok=True)
    raw.parquet.replace(folder / TABLE)
    if raw.rejected:
        raw.rejects.replace(folder / REJECTS)
    stored = _stored(run, folder, has_rejects=raw.rejected > 0)
    records = raw.rows + raw.rejected
    if stored != (raw.rows, raw.rejected, records, records):
        raise ConservationBreach(
            f"raw_file {source}: {raw.rows} records were read and {raw.rejected} were not, but (records, rejected"
            f" records, different rows, different ids) stored are {stored}."
            " Nothing was published; this is a fault of the software, report it."
        )


def _stored(run: Run, folder: Path, *, has_rejects: bool) -> tuple[int, ...]:
    """Return how many records, rejected records, different rows and different row ids are stored."""
    selects = [f"select true as is_read, row, row_id from {parquet(folder / TABLE)}"]
    if has_rejects:
        selects.append(f"select false, row, row_id from {parquet(folder / REJECTS)}")
    counts = "count(*) filter (is_read), count(*) filter (not is_read), count(distinct row), count(distinct row_id)"
    (stored,) = run.connection.execute(f"select {counts} from ({' union all '.join(selects)})").fetchall()
    return tuple(stored)


def delivery_record(
    run: Run, delivery: Delivery, raw: RawTable, folder: Path, carried: tuple[CarriedRows, ...] = ()
) -> DeliveryRecord:
    """Return what was delivered and how it was read, every row of the file accounted for."""
    return DeliveryRecord(
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
        rejected_because=_reasons(run, folder) if raw.rejected else {},
        skipped={each.kind.value: each.count for each in raw.skipped},
        warnings={each.kind.value: each.count for each in raw.warnings},
        carried=carried,
    )


def _reasons(run: Run, folder: Path) -> dict[str, int]:
    """Return the most frequent reasons and how many records each has; the others are counted together."""
    reasons = f"select reason, count(*) from {parquet(folder / REJECTS)} group by 1 order by 2 desc, 1"
    ranked = run.connection.execute(reasons).fetchall()
    others = sum(number for _, number in ranked[MOST_REASONS:])
    return dict(ranked[:MOST_REASONS]) | ({OTHER_REASONS: others} if others else {})


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
