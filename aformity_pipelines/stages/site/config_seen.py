"""What the site needs of a customer's config and log, kept until a file of theirs changes.

Loading hundreds of customers takes seconds, looking at their files does not.  A cache: it can be deleted.
"""

import os
from datetime import date
from pathlib import Path

from pydantic import Field as Setting
from pydantic import ValidationError

from aformity_pipelines import __version__
from aformity_pipelines.config.destinations import files_of
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Status
from aformity_pipelines.domain.decisions import ExportLoaded
from aformity_pipelines.domain.launch.waves import Loaded
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.handoffs import config_inputs

SEEN = "seen.json"
LEFT_OUT = frozenset({"intake", "coverage", "unfinished", "story"})
"""Folders of a customer that say nothing about its config or its log."""


class WaveSeen(Document):
    """A wave as it is declared."""

    name: str
    says: str
    launches_on: date


class LogLine(Document):
    """One entry of the log and the hash of its line."""

    id: str
    sha256: str


class ConfigSeen(Document):
    """One customer's config and log, as far as the site shows them."""

    files: str
    """Fingerprint of the files that this was made from."""
    label: str = ""
    """Empty, as all that follows, where the config is broken."""
    is_archived: bool = False
    waves: tuple[WaveSeen, ...] = ()
    sources: dict[str, str] = Setting(default_factory=dict)
    """Source -> the pattern of its files."""
    inputs: dict[str, str] = Setting(default_factory=dict)
    """What a handoff depends on, by name, as far as people write it -> fingerprint."""
    log: tuple[LogLine, ...] = ()
    loaded: dict[str, Loaded] = Setting(default_factory=dict)
    """Published version, such as `wave_1/v0008-4a873acd` -> who said that it was loaded."""
    problems: tuple[str, ...] = ()


def config_seen(workspace: Workspace, slug: str, shared: str | None = None) -> ConfigSeen:
    """Return what is so now; `shared` is the fingerprint of what all customers share, where it is known already."""
    files = fingerprint(
        shared or shared_files(workspace), *_parts(workspace.root, _files_of(workspace.customer(slug)))
    )
    path = workspace.build(slug, "site", "config", None) / SEEN
    kept = _kept(path)
    if kept is not None and kept.files == files:
        return kept
    seen = _look(workspace, slug, files)
    write_bytes(path, seen.model_dump_json().encode())
    return seen


def shared_files(workspace: Workspace) -> str:
    """Return the fingerprint of what every customer's config is read with: the package and the destinations."""
    return fingerprint(__version__, *_parts(workspace.root, files_of(workspace.root)))


def _files_of(home: Path) -> list[Path]:
    found = []
    for each in sorted(home.iterdir()):
        if each.is_dir() and each.name not in LEFT_OUT:
            found += sorted(path for path in each.rglob("*") if path.is_file())
        elif each.is_file():
            found.append(each)
    return found


def _parts(root: Path, paths: list[Path]) -> list[str | bytes]:
    return [part for path in paths for part in (os.fsencode(path.relative_to(root)), path.read_bytes())]


def _kept(path: Path) -> ConfigSeen | None:
    try:
        return ConfigSeen.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _look(workspace: Workspace, slug: str, files: str) -> ConfigSeen:
    try:
        migration = load_migration(workspace.root, slug)
    except ConfigInvalid as fault:
        return ConfigSeen(files=files, problems=tuple(problem.headline() for problem in fault.problems))
    return ConfigSeen(
        files=files,
        label=migration.customer.customer,
        is_archived=migration.customer.status is Status.ARCHIVED,
        waves=tuple(
            WaveSeen(name=wave.name, says=wave.says, launches_on=wave.launches_on)
            for wave in migration.customer.waves
        ),
        sources={name: source.file for name, source in migration.customer.sources.items()},
        inputs=config_inputs(migration),
        log=_lines(migration),
        loaded={
            f"{entry.wave}/{entry.version}": Loaded(decision=entry.id, by=entry.by, on=entry.on)
            for entry in in_force(migration)
            if isinstance(entry, ExportLoaded)
        },
    )


def _lines(migration: Migration) -> tuple[LogLine, ...]:
    after = (*(entry.prev for entry in migration.log[1:]), migration.head.sha256)
    return tuple(
        LogLine(id=entry.id, sha256=line)
        for entry, line in zip(migration.log, after if migration.log else (), strict=True)
    )
