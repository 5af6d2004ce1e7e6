"""Which exports can be said to be loaded: only what was published, as it was, on top of what was loaded before."""

import dataclasses
from collections.abc import Iterator

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import Entry, ExportLoaded
from aformity_pipelines.domain.live import is_superseded, settled
from aformity_pipelines.export.manifest import problems_of
from aformity_pipelines.stages.live import built_on, loaded_versions
from aformity_pipelines.stages.published import current_version, folder_of_version
from aformity_pipelines.stages.refusing import DraftRefused, Fault, refused
from aformity_pipelines.stages.run import Run


def refuse_unfit_loading(run: Run, entry: Entry) -> None:
    """Raise DraftRefused with every reason why an export cannot have been loaded as an entry says."""
    if isinstance(entry, ExportLoaded) and (faults := tuple(_faults(run, entry))):
        raise DraftRefused(faults)


def version_to_load(run: Run, wave: str) -> str:
    """Return the current version of a wave, which is meant where none is named; DraftRefused where there is none."""
    if fault := _unknown_wave(run, wave):
        raise DraftRefused([fault])
    folder = current_version(run.workspace.published(run.slug, wave))
    if folder is None:
        raise refused(f"{wave} has no published version", f"run {wave} first", ("wave",))
    return folder.name


def _unknown_wave(run: Run, name: str) -> Fault | None:
    waves = tuple(wave.name for wave in run.migration.customer.waves)
    if name in waves:
        return None
    return Fault(says=f"{name!r} is not one of the waves", do=did_you_mean(name, waves), at=("wave",))


def _faults(run: Run, entry: ExportLoaded) -> Iterator[Fault]:
    if fault := _unknown_wave(run, entry.wave):
        yield fault
        return
    name = f"{entry.wave}/{entry.version}"
    folder = folder_of_version(run.workspace, run.slug, name)
    if not folder.is_dir():
        versions = tuple(path.name for path in sorted(folder.parent.glob("v*-*")))
        known = did_you_mean(entry.version, versions) if versions else f"run {entry.wave} first"
        yield Fault(
            says=f"{entry.wave} has no published version {entry.version!r}", do=known, at=("version",)
        )
        return
    if problems := problems_of(folder):
        says = f"{name} is not as it was published: {problems[0]}"
        more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
        yield Fault(says=f"{says}{more}", do="restore the published folder from a backup", at=("version",))
        return
    yield from _out_of_order(run, entry, name)


def _out_of_order(run: Run, entry: ExportLoaded, name: str) -> Iterator[Fault]:
    """Yield why a version cannot come after what was loaded before; what the entry itself ends was not."""
    migration = dataclasses.replace(run.migration, log=(*run.migration.log, entry))
    before = loaded_versions(each for each in in_force(migration) if each.id != entry.id)
    chain = built_on(run, (name, *before))
    kept = settled(before, chain)
    if name in before:
        yield Fault(says=f"{name} was loaded already, as a decision says", do="remove it", at=("version",))
    elif name in kept:
        on_it = min(each for each in before if name in chain[each])
        yield Fault(
            says=f"{name} is live already: {on_it} was loaded, which builds on it",
            do="remove it",
            at=("version",),
        )
    elif is_superseded(name, kept, chain):
        lacks = ", ".join(sorted(kept - set(chain[name])))
        yield Fault(
            says=f"{name} was made without {lacks}, loaded before it: what is in the product already would go there again",
            do=f"run {entry.wave} again and load what comes of it; or, where {lacks} was not loaded, take that decision back",
            at=("version",),
        )
