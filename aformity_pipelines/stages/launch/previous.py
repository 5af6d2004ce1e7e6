"""The published version that a handoff is compared with: the one before it, of its wave or of the wave before.

Reading only.  Published versions never change, so the same export is always compared with the same one.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST
from aformity_pipelines.stages.handoffs import RECORD_FILE, kept_handoffs
from aformity_pipelines.stages.published import number_of
from aformity_pipelines.stages.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """An earlier published version of a customer."""

    wave: str
    folder: Path
    manifest: Manifest

    def relation(self, table: str) -> str:
        """Return the SQL relation of one of the tables beside its export, such as `ledger`."""
        return f"read_parquet({literal(str(self.folder / f'{table}.parquet'))})"


def previous_version(run: Run, folder: Path, manifest: Manifest) -> Previous | None:
    """Return the version that was current before the export in `folder`, or None at the very first.

    At a wave's first version that is the last one of the nearest earlier wave whose log was no longer than now.
    """
    own = [each for each in versions_of(run, run.wave) if each.name != folder.name]
    before = [each for each in own if number_of(each) < number_of(folder)] if _is_latest(folder, own) else own
    if before:
        return _read(run.wave, before[-1])
    for wave in reversed(run.waves_in_scope()[:-1]):
        found = [_read(wave, each) for each in versions_of(run, wave)]
        found = [each for each in found if each.manifest.log_seq <= manifest.log_seq]
        if found:
            return found[-1]
    return None


def versions_of(run: Run, wave: str) -> tuple[Path, ...]:
    """Return the folders of a wave's published versions, the first one first."""
    found = (each for each in run.workspace.published(run.slug, wave).glob("v*-*") if each.is_dir())
    return tuple(sorted(found, key=number_of))


def reported_on(run: Run, previous: Previous) -> date | None:
    """Return the date of the last handoff of a version; None where none is kept."""
    for folder in reversed(kept_handoffs(run.workspace, run.slug, previous.wave)):
        content = (folder / RECORD_FILE).read_bytes()
        # Later handoffs name the version too, as the one that they are compared with.
        if previous.folder.name.encode() in content:
            record = json.loads(content)
            if (record["export"] or {}).get("version") == previous.folder.name:
                return date.fromisoformat(record["as_of"])
    return None


def _is_latest(folder: Path, others: list[Path]) -> bool:
    """Whether no later version is there; else an older content came back, after the latest of the others."""
    return _is_published(folder) and all(number_of(each) < number_of(folder) for each in others)


def _is_published(folder: Path) -> bool:
    return folder.name.startswith("v") and folder.name[1:5].isdigit()


def _read(wave: str, folder: Path) -> Previous:
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    return Previous(wave=wave, folder=folder, manifest=manifest)
