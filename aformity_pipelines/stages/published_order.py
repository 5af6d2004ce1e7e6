"""Every published version of a customer, in the order in which they built on each other.

Reading only.  A version stands after all that it builds on; of versions that do not know each other the one that was
made with the shorter log comes first, then the one of the earlier wave.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from aformity_pipelines.domain.site import RecordHead
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST
from aformity_pipelines.stages.handoffs import RECORD_FILE, kept_handoffs
from aformity_pipelines.stages.published import number_of, versions_in
from aformity_pipelines.stages.run import Run


@dataclass(frozen=True, kw_only=True)
class Version:
    """One published version of a wave."""

    wave: str
    folder: Path
    manifest: Manifest
    as_of: date | None  # of its first handoff; None where none is kept

    @property
    def name(self) -> str:
        """The version as manifests name it: `wave_1/v0008-4a873acd`."""
        return f"{self.wave}/{self.folder.name}"

    @property
    def number(self) -> int:
        """Its place among the versions of its wave, from 1."""
        return number_of(self.folder)

    def relation(self, table: str) -> str:
        """Return the SQL relation of one of the tables beside its export, such as `ledger`."""
        return f"read_parquet({literal(str(self.folder / f'{table}.parquet'))})"

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables beside its export: an older version may lack one."""
        return frozenset(path.stem for path in self.folder.glob("*.parquet"))


def published_in_order(run: Run) -> tuple[Version, ...]:
    """Return all published versions of all waves, each after everything that it builds on."""
    waves = [wave.name for wave in run.migration.customer.waves]
    found = {each.name: each for wave in waves for each in _of_wave(run, wave)}
    before = {name: _before(each, tuple(found.values())) for name, each in found.items()}
    ordered: list[Version] = []
    while len(ordered) < len(found):
        placed = {each.name for each in ordered}
        left = [each for each in found.values() if each.name not in placed]
        # A circle cannot be made by runs; one that was made by hand is broken at its oldest version.
        free = [each for each in left if before[each.name] <= placed] or left
        ordered.append(
            min(free, key=lambda each: (each.manifest.log_seq, waves.index(each.wave), each.number))
        )
    return tuple(ordered)


def versions_named(run: Run, names: Iterable[str]) -> tuple[Version, ...]:
    """Return the published versions of these names, such as `wave_1/v0008-4a873acd`, in their order; none that is gone."""
    known = {each.name: each for wave in {n.partition("/")[0] for n in names} for each in _of_wave(run, wave)}
    return tuple(known[name] for name in names if name in known)


def exported_files(folder: Path, manifest: Manifest) -> dict[str, tuple[Path, ...]]:
    """Return entity -> the Parquet files of its records: what the version creates, then what it updates."""
    found: dict[str, tuple[Path, ...]] = {}
    for file in sorted(manifest.files, key=lambda each: each.updates is not None):
        entity = file.entity or file.updates
        if entity and file.format == "parquet":
            found[entity] = (*found.get(entity, ()), folder / file.path)
    return found


def _of_wave(run: Run, wave: str) -> tuple[Version, ...]:
    """Return a wave's published versions, the current one last where an older content came back."""
    folders = versions_in(run.workspace, run.slug, wave)
    days = _handed_over(run, wave) if folders else {}
    return tuple(
        Version(
            wave=wave,
            folder=folder,
            manifest=Manifest.model_validate_json((folder / MANIFEST).read_bytes()),
            as_of=days.get(folder.name),
        )
        for folder in folders
    )


def _handed_over(run: Run, wave: str) -> dict[str, date]:
    """Return the version of each kept handoff of a wave -> the date of the first."""
    found: dict[str, date] = {}
    for folder in kept_handoffs(run.workspace, run.slug, wave):
        head = RecordHead.model_validate_json((folder / RECORD_FILE).read_bytes())
        if head.export:
            found.setdefault(head.export.version, head.as_of)
    return found


def _before(version: Version, every: Sequence[Version]) -> set[str]:
    """Return the names of the versions that stand before one: what it builds on, and its wave's until then."""
    known = {each.name for each in every}
    own = [each.name for each in every if each.wave == version.wave]
    earlier = own[: own.index(version.name)]
    later_on_it = {each.name for each in every if version.name in each.manifest.builds_on}
    return (set(version.manifest.builds_on) & known) | (set(earlier) - later_on_it)
