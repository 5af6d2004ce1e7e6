"""What earlier deliveries said: their raw tables, read again from the copies that were kept, as they were read then.

Each is read once: a cache keeps the table, and the one that a new delivery replaces is put there as it is.  Keep out:
what differs between two of them, and what becomes of rows that are no longer there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.files.fingerprint import canonical_json, sha256_of
from aformity_pipelines.intake.delivered import read_delivery
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood
from aformity_pipelines.intake.register import all_deliveries, copy_of
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.stages.intake_answers import HowToRead, how_it_was_read
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet, read_record
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_table

EARLIER = "earlier"
"""Folder of the raw stage: a cache of raw tables by the SHA-256 of their delivery and by how it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """The raw table of one delivery, today's or an earlier one's."""

    delivery: Delivery
    headers: tuple[str, ...]
    table: Path
    sheet: str | None = None
    header_row: int = 0


def registered(run: Run, source: str) -> tuple[Delivery, ...]:
    """Return every delivery of a source in the order in which they were registered; one that came again, again."""
    known = all_deliveries(run.workspace.deliveries(run.slug))
    return tuple(each for each in known if each.source == source)


def told_of(run: Run, source: str, delivery: str) -> HowToRead:
    """Return how a delivery is read: by what was answered for it or before it came, not by what came later."""
    order = tuple(each.sha256 for each in registered(run, source))
    return how_it_was_read(run.migration, source, delivery, order)


def open_delivery(run: Run, source: str, sha256: str) -> RawRelation | None:
    """Create the view `earlier_<source>` of a delivery's rows; None where it cannot be read any more."""
    kept = [each for each in registered(run, source) if each.sha256 == sha256]
    found = read_again(run, source, kept[-1]) if kept else None
    if found is None:
        return None
    name = f"earlier_{source}"
    return open_table(run, source, headers=found.headers, table=parquet(found.table), name=name)


def read_again(run: Run, source: str, delivery: Delivery) -> ReadTable | None:
    """Return the raw table of an earlier delivery; None where it could not be taken in, then or by today's words."""
    told = told_of(run, source, delivery.sha256)
    table, facts = _cached(run, source, delivery.sha256, told.inputs())
    if table.is_file() and facts.is_file():
        return _read_table(delivery, table, facts)
    copy = copy_of(delivery, run.workspace.deliveries(run.slug))
    if not copy.is_file():
        return None
    table.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder_of(run, "raw_file", source), prefix=".reading-") as reading:
        try:
            raw = read_delivery(copy, told.hints, delivery=delivery, into=Path(reading))
            told.check_columns(delivery.file_name, raw.headers)
        except (NotUnderstood, DeliveryRefused):
            return None
        raw.parquet.replace(table)
    _write_facts(facts, raw.headers, raw.sheet, raw.header_row)
    return _read_table(delivery, table, facts)


def put_aside(run: Run, source: str) -> None:
    """Move the table that a new delivery replaces to the earlier ones, so that its file need not be read again."""
    record = read_record(run, "raw_file", source)
    table = folder_of(run, "raw_file", source) / TABLE
    if record is None or record.delivery is None or not table.is_file() or sha256_of(table) != record.output:
        return
    told = {name: value for name, value in record.inputs.items() if name in {"format", "answers"}}
    aside, facts = _cached(run, source, record.delivery.sha256, told)
    aside.parent.mkdir(parents=True, exist_ok=True)
    _write_facts(facts, record.delivery.headers, record.delivery.sheet, record.delivery.header_row)
    table.replace(aside)


def delivered_now(run: Run, source: str) -> str | None:
    """Return the SHA-256 of the delivery that counts today, or None before one was read."""
    record = read_record(run, "raw_file", source)
    return record.delivery.sha256 if record and record.delivery else None


def _cached(run: Run, source: str, sha256: str, told: dict[str, str]) -> tuple[Path, Path]:
    """Return where a table and what is known about it lie, whether or not they are there."""
    folder = folder_of(run, "raw_file", source) / EARLIER
    name = f"{sha256}.{digest_of(told)[:8]}"
    return folder / f"{name}.parquet", folder / f"{name}.json"


def _write_facts(path: Path, headers: Iterable[str], sheet: str | None, header_row: int) -> None:
    facts = {"headers": list(headers), "sheet": sheet, "header_row": header_row}
    write_bytes(path, canonical_json(facts).encode())


def _read_table(delivery: Delivery, table: Path, facts: Path) -> ReadTable:
    known = json.loads(facts.read_bytes())
    return ReadTable(
        delivery=delivery,
        headers=tuple(known["headers"]),
        table=table,
        sheet=known["sheet"],
        header_row=known["header_row"],
    )
