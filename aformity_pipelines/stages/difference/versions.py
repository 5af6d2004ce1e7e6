"""Published versions by name and in order, for those who compare them.  Reading only; loads nothing slow."""

from collections.abc import Iterable
from pathlib import Path

from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.published import folder_of_version, versions_in

NOT_KEPT = "{name} was made before versions kept their stages: only fates and exports of it can be compared"


class NoVersion(ValueError):
    """A version that was named and is not there."""


def version_before(workspace: Workspace, slug: str, wave: str, version: Path) -> tuple[str, Path] | None:
    """Return wave and folder of what a published version is compared with, or None at the very first.

    That is the last one of its wave that is another, before it unless it is the current one; else the last that it
    builds on.  ValidationError where its manifest has another form.
    """
    known = versions_in(workspace, slug, wave)
    builds_on = Manifest.model_validate_json((version / MANIFEST).read_bytes()).builds_on
    own = known[: known.index(version)] if version in known else known
    return _last(workspace, slug, wave, own, builds_on)


def last_version(
    workspace: Workspace, slug: str, wave: str, builds_on: Iterable[str]
) -> tuple[str, Path] | None:
    """Return wave and folder of a wave's last version, else of the last one that it would build on; None before both."""
    return _last(workspace, slug, wave, versions_in(workspace, slug, wave), builds_on)


def _last(
    workspace: Workspace, slug: str, wave: str, own: tuple[Path, ...], builds_on: Iterable[str]
) -> tuple[str, Path] | None:
    if own:
        return wave, own[-1]
    others = [(name.partition("/")[0], folder_of_version(workspace, slug, name)) for name in builds_on]
    there = [each for each in others if (each[1] / MANIFEST).is_file()]
    return there[-1] if there else None


def find_version(workspace: Workspace, slug: str, wave: str, name: str) -> tuple[str, Path]:
    """Return wave and folder of the version called `v0008-4a873acd`, `v0008` or `wave_1/v0008`; NoVersion says which are."""
    of_wave, _, wanted = name.rpartition("/")
    of_wave = of_wave or wave
    known = versions_in(workspace, slug, of_wave)
    named = [path for path in known if wanted in (path.name, path.name.partition("-")[0])]
    if not named:
        there = ", ".join(sorted(path.name for path in known)) or "none was published"
        raise NoVersion(f"{slug} has no version {wanted!r} of {of_wave}; there are: {there}")
    return of_wave, named[0]
