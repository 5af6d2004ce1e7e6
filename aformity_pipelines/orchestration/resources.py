"""What every step is given by Dagster: where the project lies, and a database that lives as long as the step."""

import os
from datetime import date, datetime
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource

from aformity_pipelines.files.workspace import Workspace

THREADS = "2"
MEMORY_LIMIT = "2GB"
AS_OF = "as_of"


class Place(dg.ConfigurableResource["Place"]):
    """The project folder and the storage beside it."""

    root: str
    storage: str

    def workspace(self) -> Workspace:
        """Return the resolver of every path."""
        return Workspace(root=Path(self.root), storage=Path(self.storage))


def database() -> DuckDBResource:
    """Return the in-memory database; each connection is a new one, with limits that a run can live with.

    AFORMITY_THREADS and AFORMITY_MEMORY move the limits.
    """
    limits = {
        "threads": os.environ.get("AFORMITY_THREADS", THREADS),
        "memory_limit": os.environ.get("AFORMITY_MEMORY", MEMORY_LIMIT),
    }
    return DuckDBResource(database=":memory:", connection_config=limits)


def as_of(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> date:
    """Return the run's date: its tag `as_of` (ISO), else the day on which the run was created.

    Read here and nowhere else; ValueError says what is wrong with a tag.
    """
    named = context.run.tags.get(AS_OF)
    if named:
        try:
            return date.fromisoformat(named)
        except ValueError:
            raise ValueError(f"run tag as_of: {named!r} is not a date; write it as 2026-12-01") from None
    record = context.instance.get_run_record_by_id(context.run.run_id)
    if record is None:
        raise ValueError("this run is not in Dagster's storage, so it has no date; give it the tag as_of")
    created: datetime = record.create_timestamp
    return created.astimezone().date()
