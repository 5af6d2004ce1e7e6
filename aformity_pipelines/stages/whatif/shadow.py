"""A shadow of one customer: its folder copied, its storage linked, so that stages can run where nothing is lost.

Every stage replaces files and never writes into one, so links keep the real ones whole; the register of deliveries,
which grows in place, is copied.  The digest key stays where it is: the shadow only points to it.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.register import REGISTER

SHARED = ("dbt_like_transforms", "expectations")
"""Folders of the project that customers share."""
CHANGEABLE = {"mapping": ".yaml", "values": ".csv", "expectations": ".json", "intake": ""}
"""Folder of a customer -> how the names of its files end."""
STORED = ("build", "deliveries", "published")
HIDDEN = shutil.ignore_patterns(".*")


@contextmanager
def shadow_place(workspace: Workspace, slug: str) -> Iterator[Path]:
    """Yield an empty folder for shadows of a customer, on the file system of its storage, and remove it at the end.

    One at a time: LockHeld where somebody else tries something out.  What a killed one left behind is removed first.
    """
    place = workspace.scratch(slug) / "whatif"
    with customer_lock(place.with_name("whatif.lock"), "a preview"):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def create_shadow(workspace: Workspace, slug: str, into: Path) -> Workspace:
    """Return a shadow of one customer in the new folder `into`, as its folder and its storage are now."""
    shadow = Workspace(root=into / "project", storage=into / "storage")
    for name in SHARED:
        shutil.copytree(workspace.root / name, shadow.root / name, ignore=HIDDEN)
    shutil.copytree(
        workspace.customer(slug), shadow.customer(slug), symlinks=True, ignore=HIDDEN, copy_function=_copy
    )
    home, shadow_home = workspace.of_customer(slug), shadow.of_customer(slug)
    shadow_home.mkdir(parents=True)
    for name in STORED:
        if (home / name).is_dir():
            shutil.copytree(home / name, shadow_home / name, ignore=HIDDEN, copy_function=_link)
    shadow.key(slug).parent.mkdir(parents=True)
    shadow.key(slug).symlink_to(workspace.key(slug).resolve())
    return shadow


def replace_files(shadow: Workspace, slug: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Put changed files into a shadow; return the names of those that were not there before.

    Names are relative to the customer's folder; those of shared suites and models to the project.  ConfigInvalid
    names every file that belongs nowhere.
    """
    places = {name: _place(shadow, slug, name) for name in files}
    if lost := [name for name, place in places.items() if place is None]:
        raise ConfigInvalid(
            Problem(
                path=name,
                says="no file of a customer is called so",
                do="name it as it lies in the customer's folder (mapping/user.yaml, values/role.csv, defs.yaml,"
                " expectations/crm.json, intake/users.csv), or in the project (expectations/<destination>/...,"
                " dbt_like_transforms/...)",
            )
            for name in lost
        )
    new = tuple(name for name, place in places.items() if place and not place.exists())
    for name, place in places.items():
        assert place is not None
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_bytes(files[name])
    return new


def _place(shadow: Workspace, slug: str, name: str) -> Path | None:
    """Return where a changed file goes; None for a name that is not a file people change."""
    path = PurePosixPath(name)
    parts = path.parts
    if path.is_absolute() or any(part.startswith(".") for part in parts):
        return None
    if parts[:2] == ("customers", slug):
        parts = parts[2:]
    elif len(parts) > 2 and parts[0] in SHARED:
        return shadow.root.joinpath(*parts)
    if parts == ("defs.yaml",):
        return shadow.customer(slug) / "defs.yaml"
    if len(parts) == 2 and parts[0] in CHANGEABLE and parts[1].endswith(CHANGEABLE[parts[0]]):
        return shadow.customer(slug).joinpath(*parts)
    return None


def _copy(start: str, end: str) -> None:
    """Copy a plain file; others (sockets, pipes) are no customer's files, and reading one might wait for ever."""
    if Path(start).is_file():
        shutil.copy2(start, end)


def _link(start: str, end: str) -> None:
    if Path(start).name == REGISTER:
        shutil.copy2(start, end)
        return
    with suppress(FileNotFoundError):  # a run that goes on meanwhile may take a file away
        os.link(start, end)
