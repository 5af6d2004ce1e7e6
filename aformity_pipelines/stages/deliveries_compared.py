"""Two deliveries of one source, on request: what differs, and row by row."""

from aformity_pipelines.domain.deliveries_shown import RowsShown
from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.stages.deliveries_listed import NoSuchDelivery, named_delivery
from aformity_pipelines.stages.earlier_delivery import ReadTable, read_again
from aformity_pipelines.stages.redelivered import compare, compared_today
from aformity_pipelines.stages.rows_differing import rows_differing
from aformity_pipelines.stages.run import Run


def compared_deliveries(
    run: Run, source: str, names: tuple[str, str] | None, *, with_rows: bool
) -> tuple[Redelivery, RowsShown | None] | None:
    """Return what differs between two deliveries, and with `with_rows` their rows; None where there is only one.

    Without names, the one that counts and what counted before it, with the rows that this had carried.  Two that are
    named are held against each other as they came.  Raises NoSuchDelivery for a name that fits none, and for a
    delivery that cannot be read.
    """
    found = compared_today(run, source) if names is None else _named(run, source, names)
    if found is None:
        return None
    before, now = found
    rows = rows_differing(run, source, before, now) if with_rows else None
    return compare(run, source, before, now), rows


def _named(run: Run, source: str, names: tuple[str, str]) -> tuple[tuple[ReadTable, ...], ReadTable]:
    before, now = (_read(run, source, name) for name in names)
    return (before,), now


def _read(run: Run, source: str, name: str) -> ReadTable:
    meant = named_delivery(run, source, name)
    read = read_again(run, source, meant)
    if read is None:
        raise NoSuchDelivery(
            f"{source}: {meant.file_name} ({meant.id}) was never taken in, or cannot be read as files are read today"
        )
    return read
