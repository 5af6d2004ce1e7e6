"""Destinations and their versions: the newest lies in its destination's folder, older ones in `versions/` beneath it.

The one place that knows which file describes a version.  What a customer changes in it is `overrides`'.
"""

import re
from functools import lru_cache
from pathlib import Path

from aformity_pipelines.config.documents import Written, read_document, read_text
from aformity_pipelines.config.problems import ConfigInvalid, Problem, did_you_mean, listed
from aformity_pipelines.domain.destination import VERSIONS, Destination

FILE = "destination.yaml"
AT = "@"
"""Between the name of a destination and a version of it: `b2b_saas@1`."""


def destinations(root: Path) -> tuple[str, ...]:
    """Return the names of the destinations in `expectations/`, sorted."""
    return tuple(sorted(path.parent.name for path in (root / "expectations").glob(f"*/{FILE}")))


def versions(root: Path, name: str) -> tuple[str, ...]:
    """Return the versions of a destination that customers can pin, the newest last."""
    folder = root / _home(name) / VERSIONS
    older = sorted((path.parent.name for path in folder.glob(f"*/{FILE}")), key=in_order)
    newest = _written(root, name, None).value.version
    return (*(version for version in older if version != newest), newest)


def in_order(version: str) -> tuple[tuple[int, str], ...]:
    """Return what sorts versions as people count them: 2 before 10."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[^\d]+", version)
    )


def load_destination(root: Path, name: str, version: str | None = None) -> Destination:
    """Return a version of the destination in `expectations/<name>/`; the newest where none is named.

    ConfigInvalid carries every problem of the file, or names the versions that there are.
    """
    if version is None:
        return _written(root, name, None).value
    if is_kept(root, name, version):
        return _written(root, name, version).value
    newest = _written(root, name, None)
    if newest.value.version != version:
        raise ConfigInvalid([newest.problem(("version",), *no_version(root, name, version))])
    return newest.value


def no_version(root: Path, name: str, version: str) -> tuple[str, str]:
    """Return what is wrong with a version that is not there, and what to do."""
    known = versions(root, name)
    says = f"there is no version {version!r} of {name}; there is {listed(known)}"
    return says, did_you_mean(version, known, f'the newest is "{known[-1]}"')


def destination_problems(root: Path, name: str) -> tuple[Problem, ...]:
    """Return every problem of a destination, its older versions among them."""
    kept = [path.parent.name for path in (root / _home(name) / VERSIONS).glob(f"*/{FILE}")]
    found: list[Problem] = []
    newest: Written[Destination] | None = None
    for version in (None, *sorted(kept)):
        try:
            written = _written(root, name, version)
        except ConfigInvalid as invalid:
            found += invalid.problems
            continue
        newest = newest or (written if version is None else None)
        if version is not None and newest and newest.value.version == version:
            says = f"version {version!r} lies in {VERSIONS}/ and is the newest, too"
            found.append(
                newest.problem(("version",), says, "give the newest another version, or remove the other")
            )
    return tuple(found)


def files_of(root: Path) -> list[Path]:
    """Return the file of every version of every destination, sorted."""
    home = root / "expectations"
    return sorted((*home.glob(f"*/{FILE}"), *home.glob(f"*/{VERSIONS}/*/{FILE}")))


def suites_of(root: Path, name: str, version: str) -> list[Path]:
    """Return the suite files of a version, sorted."""
    own = f"{_home(name)}/{VERSIONS}/{version}" if is_kept(root, name, version) else _home(name)
    return sorted((root / own).glob("*/*.json"))


def is_kept(root: Path, name: str, version: str) -> bool:
    """Whether a version has a folder of its own, as older ones do."""
    return (root / _home(name) / VERSIONS / version / FILE).is_file()


def _home(name: str) -> str:
    return f"expectations/{name}"


def _written(root: Path, name: str, version: str | None) -> Written[Destination]:
    """Return a version as it is written; None is the newest."""
    path = f"{_home(name)}/{VERSIONS}/{version}/{FILE}" if version else f"{_home(name)}/{FILE}"
    written = _destination_in(read_text(root, path), path)
    for key, told, wanted in (
        ("destination", written.value.destination, name),
        ("version", written.value.version, version or written.value.version),
    ):
        if told != wanted:
            says = f"this is {key} {told!r}, in the folder of {wanted!r}"
            raise ConfigInvalid([written.problem((key,), says, f"give folder and {key} one name")])
    return written


@lru_cache(maxsize=16)
def _destination_in(text: str, path: str) -> Written[Destination]:
    """Return the destination in `text`; hundreds of customers share one."""
    return read_document(text, path, Destination)
