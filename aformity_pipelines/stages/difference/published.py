"""The difference of two published versions, from what they kept of themselves: no stage runs, no table is read.

For pages and for Dagster.  How decisions fit today is not a matter of versions; it is left out.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.domain.difference import Difference
from aformity_pipelines.domain.kept_stages import KeptStages
from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.difference.counted import lines, names
from aformity_pipelines.stages.difference.versions import NOT_KEPT, version_before
from aformity_pipelines.stages.kept_stages import read_kept_stages
from aformity_pipelines.stages.published import versions_in

SEVERAL = "{source}: several deliveries came in between; `aformity diff` compares them"


def difference_of_last_two(workspace: Workspace, slug: str, wave: str) -> Difference | None:
    """Return what differs between a wave's current version and the one before it, or the last that it builds on.

    None where there are no two, or one of them was written in a form that is not known here.
    """
    known = versions_in(workspace, slug, wave)
    try:
        before = version_before(workspace, slug, wave, known[-1]) if known else None
        return difference_of(slug, wave, before, known[-1]) if before else None
    except ValidationError:
        return None


def difference_of(slug: str, wave: str, before: tuple[str, Path], now: Path) -> Difference:
    """Return what differs between a published version (its wave and folder) and a later one, whose log holds its log."""
    of_wave, then = before
    manifests = [Manifest.model_validate_json((folder / MANIFEST).read_bytes()) for folder in (then, now)]
    kept, after = (
        read_kept_stages(folder) or KeptStages(fates=manifest.fates)
        for folder, manifest in zip((then, now), manifests, strict=True)
    )
    deliveries, notes = _deliveries(manifests[0], manifests[1], after)
    notes += [
        NOT_KEPT.format(name=name)
        for name, side in ((f"{of_wave}/{then.name}", kept), (f"{wave}/{now.name}", after))
        if not side.stages
    ]
    return Difference(
        customer=slug,
        wave=wave,
        previous=f"{of_wave}/{then.name}",
        current=f"{wave}/{now.name}",
        lines=lines(kept, after),
        names=names(kept, after),
        deliveries=deliveries,
        decisions_added=tuple(_added(manifests[0], manifests[1])),
        notes=tuple(notes),
    )


def _deliveries(then: Manifest, now: Manifest, kept: KeptStages) -> tuple[tuple[Redelivery, ...], list[str]]:
    """Return the kept comparisons of sources that were delivered again since, and those that no version kept."""
    found: list[Redelivery] = []
    notes: list[str] = []
    compared = {each.name: each.redelivery for each in kept.stages if each.redelivery}
    for source, sha256 in now.deliveries.items():
        before = then.deliveries.get(source)
        if before is None or before == sha256:
            continue
        own = compared.get(source)
        if own and (own.before, own.now) == (before, sha256):
            found.append(own)
        else:
            notes.append(SEVERAL.format(source=source))
    return tuple(found), notes


def _added(then: Manifest, now: Manifest) -> Iterator[str]:
    """Yield the ids of the decisions that the later version's log has more: they are numbered in its order."""
    yield from (f"D-{number:03d}" for number in range(then.log_seq + 1, now.log_seq + 1))
