"""Every export and handoff that is kept in a customer's storage, as the materialization that it once was."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from pydantic import BaseModel, ValidationError

from aformity_pipelines.domain.launch.review import LogEnd
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration import metadata
from aformity_pipelines.orchestration.assets import export, handoff_report
from aformity_pipelines.orchestration.packed import Cell, Described, cut, table_of
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, REPORT, Step
from aformity_pipelines.stages.handoffs import RECORD_FILE

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """One published export or handoff."""

    step: Step
    wave: str
    name: str  # of its folder
    log_seq: int  # how many decisions the log held then
    described: Described
    content: str | None = None  # what it is named by, where its own record says so

    @property
    def place(self) -> tuple[int, bool, str]:
        """Where it stands in the review history: after its decisions, a handoff after the exports."""
        return self.log_seq, self.step[0] == HANDOFF_REPORT, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A folder whose record was written in a form that is not known here."""

    path: Path


class _Handoff(BaseModel):
    """What of a launch record of any version is needed here."""

    as_of: str
    log: LogEnd


def kept_versions(workspace: Workspace, slug: str, wave: str) -> Iterator[KeptVersion | Unreadable]:
    """Yield every export and handoff of a wave, those that cannot be read among them."""
    for path in sorted(workspace.published(slug, wave).glob(f"*/{MANIFEST}")):
        try:
            yield _export(path.parent, wave, Manifest.model_validate_json(path.read_bytes()))
        except ValidationError:
            yield Unreadable(path=path)
    for path in sorted(workspace.handoff(slug, wave).glob(f"*/{RECORD_FILE}")):
        try:
            record = _Handoff.model_validate_json(path.read_bytes())
            described = handoff_report.described(workspace, slug, path.parent)
            yield _handoff(path.parent.name, wave, record, described)
        except ValidationError:
            yield Unreadable(path=path)


def _export(folder: Path, wave: str, manifest: Manifest) -> KeptVersion:
    fates: list[dict[str, Cell]] = [
        {"entity": entity, "fate": fate, "rows": rows}
        for entity, by_fate in manifest.fates.items()
        for fate, rows in by_fate.items()
    ]
    files: list[dict[str, Cell]] = [
        {"file": each.path, "rows": each.rows, "sha256": each.sha256} for each in manifest.files
    ]
    left_out: list[dict[str, Cell]] = [
        {"entity": each.entity, "why": cut(each.why, 200)} for each in manifest.left_out
    ]
    described = export.described(folder) | _log(manifest.log_seq, manifest.log_sha256)
    if manifest.decisions:
        described["decisions_applied"] = dg.MetadataValue.text(cut(", ".join(manifest.decisions)))
    changes = metadata.change_rows(manifest.created, manifest.updated)
    for name, rows in (("fates", fates), ("changes", changes), ("files", files), ("left_out", left_out)):
        if rows:
            described[name] = table_of(rows)
    return KeptVersion(
        step=(EXPORT, PACKAGE),
        wave=wave,
        name=folder.name,
        log_seq=manifest.log_seq,
        described=described,
        content=manifest.content_id(),
    )


def _handoff(name: str, wave: str, record: _Handoff, described: Described) -> KeptVersion:
    as_of: Described = {"as_of": dg.MetadataValue.text(record.as_of)}
    return KeptVersion(
        step=(HANDOFF_REPORT, REPORT),
        wave=wave,
        name=name,
        log_seq=record.log.seq,
        described=described | as_of | _log(record.log.seq, record.log.sha256),
    )


def _log(seq: int, sha256: str) -> Described:
    return {"log_seq": dg.MetadataValue.int(seq), "log_sha256": dg.MetadataValue.text(sha256)}
