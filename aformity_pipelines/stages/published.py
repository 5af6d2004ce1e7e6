"""Published versions of a wave as they lie in the storage: which one is pointed to, and what a name leads to.

Reading only.  What a version means for the product is `stages.live`'s.
"""

from collections.abc import Sequence
from pathlib import Path

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST, POINTER
from aformity_pipelines.files.workspace import Workspace

LEDGER = "ledger.parquet"
WITHOUT_BUILDS_ON = "1"
"""Form of the manifests that do not say which versions theirs builds on."""


def current_version(published: Path) -> Path | None:
    """Return the folder of the current published version of a wave, or None."""
    pointer = published / POINTER
    return published / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def number_of(version: Path) -> int:
    """Return the place of a published version among those of its wave, from 1, as its folder's name says it."""
    return int(version.name[1:].partition("-")[0])


def versions_of(workspace: Workspace, slug: str, wave: str) -> tuple[Path, ...]:
    """Return the folders of a wave's published versions, the first one first."""
    found = (path.parent for path in workspace.published(slug, wave).glob(f"v*-*/{MANIFEST}"))
    return tuple(sorted(found, key=number_of))


def versions_in(workspace: Workspace, slug: str, wave: str) -> tuple[Path, ...]:
    """Return a wave's published versions, the current one last, also where an older content came back."""
    now = current_version(workspace.published(slug, wave))
    return tuple(sorted(versions_of(workspace, slug, wave), key=lambda path: path == now))


def current_versions(workspace: Workspace, slug: str) -> dict[str, str]:
    """Return each wave that was ever published -> the name of its current version, `wave_1/v0008-4a873acd`."""
    pointers = sorted(workspace.published(slug, POINTER).parent.glob(f"*/{POINTER}"))
    found = {pointer.parent.name: current_version(pointer.parent) for pointer in pointers}
    return {wave: f"{wave}/{folder.name}" for wave, folder in found.items() if folder is not None}


def folder_of_version(workspace: Workspace, slug: str, name: str) -> Path:
    """Return the folder of a published version, named as manifests name it; it need not be there."""
    wave, _, version = name.partition("/")
    return workspace.published(slug, wave) / version


def manifest_of(workspace: Workspace, slug: str, name: str) -> Manifest:
    """Return the manifest of a published version.  ConfigInvalid where it is gone: what is live cannot be told then."""
    path = folder_of_version(workspace, slug, name) / MANIFEST
    if not path.is_file():
        raise ConfigInvalid(
            [
                Problem(
                    path=str(path.relative_to(workspace.storage)),
                    says=f"the published version {name} is missing, and others build on it",
                    do="restore the published folder from a backup; nothing is exported until then",
                )
            ]
        )
    return Manifest.model_validate_json(path.read_bytes())


def versions_before(workspace: Workspace, slug: str, waves: Sequence[str], name: str) -> tuple[str, ...]:
    """Return what a published version builds on, in order.

    Manifests of the first form do not say it: their runs knew the current version of every earlier wave.  Of each of
    `waves` that is the one made from the same deliveries, or else the last one with no longer a log.
    """
    manifest = manifest_of(workspace, slug, name)
    if manifest.schema_version != WITHOUT_BUILDS_ON:
        return manifest.builds_on
    found = []
    for wave in waves[: waves.index(manifest.wave)] if manifest.wave in waves else ():
        folders = versions_of(workspace, slug, wave)
        known = [(path, manifest_of(workspace, slug, f"{wave}/{path.name}")) for path in folders]
        fits = [
            (each.deliveries == manifest.deliveries, each.log_seq, path.name)
            for path, each in known
            if each.schema_version == WITHOUT_BUILDS_ON and each.log_seq <= manifest.log_seq
        ]
        found += [f"{wave}/{max(fits)[-1]}"] if fits else []
    return tuple(found)
