"""What an earlier delivery said: its raw table, read again from the copy that was kept.

Only for people who ask what changed; no stage builds on it.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.intake.delivered import read_delivery
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood
from aformity_pipelines.intake.register import all_deliveries, copy_of
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.stages.intake_answers import how_to_read
from aformity_pipelines.stages.outputs import folder_of, parquet, read_record
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_table

EARLIER = "earlier"
"""Folder of the raw stage: a cache of raw tables by the SHA-256 of their delivery."""


def open_delivery(run: Run, source: str, sha256: str) -> RawRelation | None:
    """Create the view `earlier_<source>` of a delivery's rows; None where it cannot be read any more."""
    found = _read(run, source, sha256)
    if found is None:
        return None
    table, headers = found
    return open_table(run, source, headers=headers, table=parquet(table), name=f"earlier_{source}")


def _read(run: Run, source: str, sha256: str) -> tuple[Path, tuple[str, ...]] | None:
    """Return the raw table of a delivery and its headers, from the cache where they lie there."""
    folder = folder_of(run, "raw_file", source)
    table, names = folder / EARLIER / f"{sha256}.parquet", folder / EARLIER / f"{sha256}.json"
    if table.is_file() and names.is_file():
        return table, tuple(json.loads(names.read_bytes()))
    into = run.workspace.deliveries(run.slug)
    kept = [each for each in all_deliveries(into) if (each.source, each.sha256) == (source, sha256)]
    if not kept or not copy_of(kept[-1], into).is_file():
        return None
    table.parent.mkdir(parents=True, exist_ok=True)
    hints = how_to_read(run.migration, source).hints
    with TemporaryDirectory(dir=folder, prefix=".reading-") as reading:
        try:
            raw = read_delivery(copy_of(kept[-1], into), hints, delivery=kept[-1], into=Path(reading))
        except (NotUnderstood, DeliveryRefused):
            return None  # it is read otherwise today; what it said then cannot be told
        raw.parquet.replace(table)
    write_bytes(names, json.dumps(raw.headers).encode())
    return table, tuple(raw.headers)


def delivered_now(run: Run, source: str) -> str | None:
    """Return the SHA-256 of the delivery that counts today, or None before one was read."""
    record = read_record(run, "raw_file", source)
    return record.delivery.sha256 if record and record.delivery else None
