"""A run opened for looking: the same customer, wave and connection that the stages get, outside Dagster."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from aformity_pipelines.cli.options import Unknown
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.run import Run, secure


@contextmanager
def opened(workspace: Workspace, slug: str, wave: str | None, as_of: date) -> Iterator[Run]:
    """Yield a run of one customer's wave; ConfigInvalid or Unknown where there is no such thing."""
    migration = load_migration(workspace.root, slug)
    with duckdb.connect(":memory:") as connection:
        secure(connection, workspace, slug)
        yield Run(
            migration=migration,
            workspace=workspace,
            connection=connection,
            wave=wave_of(migration, wave),
            as_of=as_of,
            by=getpass.getuser(),
        )


def wave_of(migration: Migration, wave: str | None) -> str:
    """Return the wave that was named, or the first."""
    names = [each.name for each in migration.customer.waves]
    if wave is None:
        return names[0]
    if wave not in names:
        raise Unknown(f"{migration.slug} has no wave {wave!r}; {did_you_mean(wave, names)}")
    return wave


def one_of(what: str, name: str, known: tuple[str, ...]) -> str:
    """Return `name` where it is known; Unknown says what is."""
    if name not in known:
        raise Unknown(f"no {what} {name!r}; {did_you_mean(name, known)}")
    return name
