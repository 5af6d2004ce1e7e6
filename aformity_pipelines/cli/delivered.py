"""The headers of what lies in the intake folder, read without taking anything in."""

import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, ReadersDisagree
from aformity_pipelines.mapping.columns import internal_names
from aformity_pipelines.orchestration.intake_folder import plain_files
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.intake_answers import HowToRead, how_to_read
from aformity_pipelines.stages.outputs import RECORD

LARGEST = 200_000_000
"""Bytes beyond which a file is only looked at by the run itself."""


def headers_in(workspace: Workspace, migration: Migration, source: str) -> tuple[str, ...] | None:
    """Return the headers of a source's last file, a repeated one as `Phone__2`; None where it cannot be read yet."""
    files = plain_files(workspace.intake(migration.slug), (migration.customer.sources[source].file,))
    if not files or files[-1].stat().st_size > LARGEST:
        return None
    sha256 = sha256_of(files[-1])
    recorded = _recorded(workspace, migration.slug, source)
    told = how_to_read(migration, source)
    is_told = recorded is not None and recorded.inputs.get("format") == told.inputs()["format"]
    if recorded and is_told and recorded.delivery and recorded.delivery.sha256 == sha256:
        return tuple(internal_names(recorded.delivery.headers))
    headers = _read(files[-1], sha256, told, source)
    return tuple(internal_names(headers)) if headers is not None else None


def waiting_in(workspace: Workspace, slug: str, sources: Iterable[str]) -> tuple[str, ...]:
    """Return what the last run let wait of some sources: one line a delivery, without any value of it."""
    records = ((source, _recorded(workspace, slug, source)) for source in sources)
    return tuple(
        record.waits.explanation(source).splitlines()[0].rstrip(":")
        for source, record in records
        if record and record.waits
    )


def _recorded(workspace: Workspace, slug: str, source: str) -> StageRecord | None:
    path = workspace.build(slug, RAW_FILE, source, None) / RECORD
    try:
        return StageRecord.model_validate_json(path.read_bytes()) if path.is_file() else None
    except ValidationError:
        return None  # another version wrote it; the next run makes it again


def _read(path: Path, sha256: str, told: HowToRead, source: str) -> tuple[str, ...] | None:
    from aformity_pipelines.intake.delivered import read_delivery  # noqa: PLC0415 - imports Polars

    seen = Delivery(
        source=source,
        file_name=path.name,
        sha256=sha256,
        size=path.stat().st_size,
        received_on=date.min,
        received_by="",
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            return read_delivery(path, told.hints, delivery=seen, into=Path(folder)).headers
        except (NotUnderstood, DeliveryRefused, ReadersDisagree):
            return None
