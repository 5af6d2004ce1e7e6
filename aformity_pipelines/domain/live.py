"""What is in the product: the published versions that a new export builds on, in the order in which they were made."""

from collections.abc import Iterable, Mapping

from aformity_pipelines.domain.base import Document


class LiveVersion(Document):
    """One published version whose records are in the product, or go there before anything new does."""

    wave: str
    version: str
    """The folder of the published version, such as `v0008-4a873acd`."""
    is_loaded: bool = False
    """Whether a decision says that it was loaded; else a later export builds on it."""

    @property
    def name(self) -> str:
        """The version as manifests name it: `wave_1/v0008-4a873acd`."""
        return f"{self.wave}/{self.version}"


BuildsOn = Mapping[str, tuple[str, ...]]
"""Name of each published version -> the versions that it builds on."""


def settled(loaded: Iterable[str], builds_on: BuildsOn) -> frozenset[str]:
    """Return the versions that were loaded, and all that these build on: nothing takes them back."""
    return frozenset(each for name in loaded for each in (name, *builds_on[name]))


def is_superseded(version: str, settled_versions: frozenset[str], builds_on: BuildsOn) -> bool:
    """Whether a version was made without something that was loaded since, so that it must not be loaded any more."""
    return version not in settled_versions and not settled_versions <= frozenset(builds_on[version])


def live_names(
    wave: str, *, current: Mapping[str, str], loaded: Iterable[str], builds_on: BuildsOn
) -> tuple[str, ...]:
    """Return what a new export of `wave` builds on, in the order in which it was made.

    `current`: wave -> its current version.  Its own current version is among them only where it was loaded, or another
    wave's current version builds on it; else the new export takes its place.
    """
    kept = settled(loaded, builds_on)
    others = {name for of, name in current.items() if of != wave and not is_superseded(name, kept, builds_on)}
    names = kept | others | {each for name in others for each in builds_on[name]}
    # Each builds on all that was made before it, so that their numbers tell the order.
    return tuple(sorted(names, key=lambda name: (len(builds_on[name]), name)))
