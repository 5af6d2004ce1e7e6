"""What to know about a wave's current export: whether it was loaded, whether it may be, and whether it says what is so now."""

from collections.abc import Iterator
from pathlib import Path

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.live import is_superseded, settled
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST
from aformity_pipelines.intake.register import all_deliveries
from aformity_pipelines.stages.graph import EXPORT, PACKAGE
from aformity_pipelines.stages.live import built_on, live_names_of, loaded_versions
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.run import Run


def export_notes(run: Run) -> tuple[str, ...]:
    """Return what somebody who works with the wave's current export should know, in sentences; none where none is there."""
    folder = current_version(run.workspace.published(run.slug, run.wave))
    if folder is None:
        return ()
    return (*_of_last_run(run, folder), *_of_loading(run, folder.name))


def current_is_older(run: Run, *, is_closed: bool) -> str:
    """Say that the wave's current export is from before an export that published nothing; empty where there is none."""
    folder = current_version(run.workspace.published(run.slug, run.wave))
    if folder is None:
        return ""
    why = "every gate in front of it is closed now" if is_closed else "nothing is new or changed since"
    return f"The current export of {run.wave} is still {folder.name}, since {why}. {built_from(run, folder)}"


def built_from(run: Run, folder: Path) -> str:
    """Say from which files and how many decisions a published version was built."""
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    files = {each.sha256: each for each in all_deliveries(run.workspace.deliveries(run.slug))}
    named = [
        f"{files[sha].file_name} of {files[sha].received_on}"
        for sha in dict.fromkeys(manifest.deliveries.values())
        if sha in files
    ]
    number = "1 decision" if manifest.log_seq == 1 else f"{manifest.log_seq} decisions"
    return f"It was built from {', '.join([*named, number])}."


def _of_last_run(run: Run, folder: Path) -> Iterator[str]:
    """Say that the last run left the current version as it is, and why."""
    last = read_record(run, EXPORT, PACKAGE)
    if last is not None and not folder.name.endswith(last.output[:8]):
        yield current_is_older(run, is_closed=not last.created)


def _of_loading(run: Run, version: str) -> Iterator[str]:
    wave, name = run.migration.customer.wave(run.wave), f"{run.wave}/{version}"
    loaded = loaded_versions(in_force(run.migration))
    chain = built_on(run, (name, *loaded))
    kept = settled(loaded, chain)
    if is_superseded(name, kept, chain):
        lacks = ", ".join(sorted(kept - set(chain[name])))
        yield (
            f"Do not load {version}: it was made without {lacks}, which was loaded since. `aformity run {run.slug}"
            f" --wave {run.wave}` makes one that builds on it."
        )
    elif name not in kept and wave.launches_on < run.as_of:
        until = (
            "a run adds to it, since another wave builds on it"
            if name in live_names_of(run)
            else "a run replaces it until then"
        )
        yield (
            f"{run.wave} was to launch on {wave.launches_on}, and no decision says that its export was loaded: {until}."
            f" If it was, record `kind: export_loaded` with `wave: {run.wave}` and `version: {version}`."
        )
