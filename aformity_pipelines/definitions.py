"""The code location: `dagster dev -w workspace.yaml` and `aformity ui` load this.

The project is the nearest folder above the working folder that holds `customers/`; AFORMITY_ROOT names another.
"""

import os
from pathlib import Path

import dagster as dg

from aformity_pipelines.orchestration.location import location
from aformity_pipelines.orchestration.place import project_root, storage_of


@dg.definitions
def defs() -> dg.Definitions:
    """Define every customer of the project."""
    named = os.environ.get("AFORMITY_ROOT")
    root = project_root(Path(named) if named else Path.cwd())
    return location(root, storage_of(root))
