"""Whether the version that defs.yaml pins is the one that people agreed to: by a decision, or by what was published.

A pin that was changed by hand is no decision: nobody saw what it moves, and nothing runs until somebody has.
"""

from collections.abc import Iterator

from aformity_pipelines.config.documents import Defs, read_document, read_text
from aformity_pipelines.config.pin import PIN
from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.approval import in_force, without_effect
from aformity_pipelines.domain.decisions import DestinationUpgraded, Entry
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.refusing import DraftRefused, Fault


def agreed_version(workspace: Workspace, migration: Migration) -> str | None:
    """Return the version that the migration is on: by the last upgrade, else by what was published last; None where
    nothing was.
    """
    upgrades = [each for each in in_force(migration) if isinstance(each, DestinationUpgraded)]
    if upgrades:
        return upgrades[-1].to_version
    manifests = sorted(_published(workspace, migration), key=lambda each: each.log_seq)
    return manifests[-1].versions.destination_version if manifests else None


def pin_problem(workspace: Workspace, migration: Migration) -> Problem | None:
    """Return what is wrong with the pin of a customer, or None where it is the one that was agreed to."""
    pinned, slug = migration.customer.destination, migration.slug
    agreed = agreed_version(workspace, migration)
    if agreed in (None, pinned.version):
        return None
    path = f"customers/{slug}/defs.yaml"
    written = read_document(read_text(workspace.root, path), path, Defs)
    says = f"this pins version {pinned.version!r} of {pinned.name}, and the migration is on {agreed!r}: nobody decided to move it"
    do = f'`aformity upgrade {slug}` shows what moves, and with `--apply` records it; or pin "{agreed}" again'
    idle = [each for each in without_effect(migration) if isinstance(each.entry, DestinationUpgraded)]
    if idle:
        says = f"this pins version {pinned.version!r} of {pinned.name}; {idle[-1].entry.id} {idle[-1].words}"
        do = f'until then nothing runs; or pin "{agreed}" again'
    return written.problem(PIN, says, do)


def refuse_unagreed_pin(workspace: Workspace, migration: Migration) -> None:
    """Raise ConfigInvalid where the pin is not the version that people agreed to."""
    if problem := pin_problem(workspace, migration):
        raise ConfigInvalid([problem])


def refuse_unfit_upgrade(workspace: Workspace, migration: Migration, entry: Entry) -> None:
    """Raise DraftRefused for an upgrade about to be recorded that does not lead from what is agreed to what is pinned."""
    if not isinstance(entry, DestinationUpgraded):
        return
    pinned, agreed = migration.customer.destination.version, agreed_version(workspace, migration)
    faults = []
    if entry.to_version != pinned:
        says = f"defs.yaml pins {pinned!r}, not {entry.to_version!r}"
        do = f"`aformity upgrade {migration.slug} --to {entry.to_version} --apply` changes the pin and records this"
        faults.append(Fault(says=says, do=do, at=("to_version",)))
    if agreed is not None and entry.from_version != agreed:
        says = f"the migration is on {agreed!r}, not {entry.from_version!r}"
        faults.append(Fault(says=says, do=f"write {agreed!r}", at=("from_version",)))
    if entry.from_version == entry.to_version:
        faults.append(Fault(says=f"this leads from {pinned!r} to itself", at=("to_version",)))
    if faults:
        raise DraftRefused(faults)


def _published(workspace: Workspace, migration: Migration) -> Iterator[Manifest]:
    """Yield the manifest of each wave's current version."""
    for wave in migration.customer.waves:
        folder = current_version(workspace.published(migration.slug, wave.name))
        if folder and (folder / MANIFEST).is_file():
            yield Manifest.model_validate_json((folder / MANIFEST).read_bytes())
