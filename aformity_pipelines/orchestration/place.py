"""Where a project and its storage lie, before anything is loaded.  No Dagster: the command asks first."""

import os
from pathlib import Path

CUSTOMERS = "customers"


class NoProject(Exception):
    """No folder here or above holds `customers/`."""


def project_root(start: Path) -> Path:
    """Return the nearest folder, from `start` upwards, that holds `customers/`."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / CUSTOMERS).is_dir():
            return folder
    raise NoProject(f"{here}: neither this folder nor one above it holds `{CUSTOMERS}/`; name it with --root")


def storage_of(root: Path) -> Path:
    """Return where a project's storage lies: AFORMITY_STORAGE, else `storage/` in the project."""
    named = os.environ.get("AFORMITY_STORAGE")
    return Path(named).resolve() if named else root / "storage"
