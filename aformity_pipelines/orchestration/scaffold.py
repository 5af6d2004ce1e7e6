"""A new customer's folder: files that load as they are and say in comments what to fill in.

The command and `dg scaffold` write the same.  No Dagster here, and nothing that is there is overwritten.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from aformity_pipelines.config.destinations import AT, destinations, load_destination, no_version, versions
from aformity_pipelines.config.documents import Defs, Written
from aformity_pipelines.config.problems import Problem, did_you_mean
from aformity_pipelines.config.yaml_nodes import Loc
from aformity_pipelines.domain.destination import Destination, Entity
from aformity_pipelines.files.workspace import KEY_BYTES, Workspace, checked_slug
from aformity_pipelines.orchestration.place import storage_of
from aformity_pipelines.orchestration.templates import PLACEHOLDERS, defs_text, mapping_text

FOLDERS = ("intake", "mapping", "values")


class CustomerExists(Exception):
    """The customer has a folder already."""


class DestinationUnclear(Exception):
    """Nobody said which destination, and there is not exactly one; or there is none of that name."""


def new_customer(workspace: Workspace, slug: str, destination: str) -> tuple[Path, ...]:
    """Write the folder of a customer that is not there yet; return the files written.

    CustomerExists where it is; ValueError for a slug that is none; DestinationUnclear for an unknown destination.
    """
    folder = workspace.customer(slug)
    if folder.exists():
        raise CustomerExists(f"customers/{slug} is there already; choose another name, or edit what is there")
    return write_customer(folder, destination=destination, storage=workspace.storage)


def write_customer(
    folder: Path, *, destination: str | None = None, storage: Path | None = None
) -> tuple[Path, ...]:
    """Write what is missing in a customer's folder, and its digest key; return the files written."""
    root, slug = folder.parents[1], checked_slug(folder.name)
    described = load_destination(root, *_destination(root, destination))
    texts = {folder / "defs.yaml": defs_text(slug, described)}
    for name, entity in _ordered(described):
        texts[folder / "mapping" / f"{name}.yaml"] = mapping_text(name, entity)
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
        texts[folder / name / ".gitkeep"] = ""
    written = [path for path, text in texts.items() if _write(path, text)]
    key = Workspace(root=root, storage=storage or storage_of(root)).key(slug)
    return (*written, *([key] if _write_key(key) else []))


def _ordered(destination: Destination) -> list[tuple[str, Entity]]:
    return [(name, destination.entities[name]) for name in destination.load_order()]


def placeholders(written: Written[Defs]) -> Iterator[Problem]:
    """Yield each text of a defs.yaml that is still the one that a new customer's folder begins with."""
    customer = written.value.attributes
    texts: list[tuple[Loc, str]] = [
        (("replaces", key), getattr(customer.replaces, key)) for key in ("what", "why")
    ]
    texts += [(("people", key, "name"), person.name) for key, person in customer.people.items()]
    texts += [
        (("waves", number, "launches_on"), wave.launches_on.isoformat())
        for number, wave in enumerate(customer.waves)
    ]
    for loc, text in texts:
        if text in PLACEHOLDERS:
            says = f"`{loc[-1]}` is still the text of a new folder: {text!r}"
            yield written.problem(("attributes", *loc), says, "write what is so at this customer")


def _destination(root: Path, asked: str | None) -> tuple[str, str | None]:
    """Return a destination and the version that was asked for as `name@version`; None is the newest."""
    found = destinations(root)
    if asked is None:
        return _only_one(found), None
    name, _, version = asked.partition(AT)
    if name not in found:
        raise DestinationUnclear(
            f"there is no destination {name!r} in expectations/; {did_you_mean(name, found)}"
        )
    if version and version not in versions(root, name):
        raise DestinationUnclear("; ".join(no_version(root, name, version)))
    return name, version or None


def _only_one(found: tuple[str, ...]) -> str:
    if len(found) != 1:
        raise DestinationUnclear(
            f"expectations/ holds {len(found)} destinations ({', '.join(found)}); name one with"
            " `aformity new CUSTOMER --destination NAME`"
        )
    return found[0]


def _write(path: Path, text: str) -> bool:
    if path.exists() or (path.name == ".gitkeep" and any(path.parent.iterdir())):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def _write_key(path: Path) -> bool:
    """Write a new digest key that only its owner may read; one that is there stays."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(secrets.token_hex(KEY_BYTES) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return True
