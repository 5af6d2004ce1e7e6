"""Loading: a customer's migration, or every problem that keeps it from loading.

A broken customer folder is that customer's problem alone.
"""

from collections.abc import Callable
from pathlib import Path

from aformity_pipelines.config.column_checks import check_headers, check_listed_columns, check_sql
from aformity_pipelines.config.destinations import (
    destination_problems,
    destinations,
    load_destination,
    versions,
)
from aformity_pipelines.config.folder import Folder, read_folder
from aformity_pipelines.config.name_checks import check_names
from aformity_pipelines.config.override_checks import check_overrides
from aformity_pipelines.config.problems import ConfigInvalid, Problem, did_you_mean
from aformity_pipelines.config.written_rules import written_rules
from aformity_pipelines.domain.base import is_slug
from aformity_pipelines.domain.destination import Entity
from aformity_pipelines.domain.destination_changes import overridden
from aformity_pipelines.domain.migration import Migration

Headers = Callable[[Migration, str], tuple[str, ...] | None]
"""The delivered headers of a migration's source; None where nothing was delivered."""


def load_migration(root: Path, slug: str) -> Migration:
    """Return everything known about the customer in `customers/<slug>/`.

    ConfigInvalid carries every problem of the folder and of the destination that it names.
    """
    folder, problems = _examine(root, slug)
    if problems:
        raise ConfigInvalid(problems)
    return _migration(root, folder)


def read_unfinished(root: Path, slug: str) -> Migration:
    """Return what the files of a customer say, one by one, whatever they say of each other: a mapping may be missing yet.

    ConfigInvalid carries the problems of files that cannot be read.
    """
    folder, _ = _examine(root, slug)
    if folder.problems:
        raise ConfigInvalid(folder.problems)
    return _migration(root, folder)


def customers(root: Path) -> tuple[str, ...]:
    """Return the slugs of the folders in `customers/` that hold a defs.yaml, sorted."""
    return tuple(name for name in _folders(root) if is_slug(name))


def check(root: Path, slug: str | None = None, headers: Headers | None = None) -> tuple[Problem, ...]:
    """Return every problem of every customer (or of the one called `slug`), in the order of the files.

    With `headers`, the columns that the config names are held against those delivered.
    """
    problems: set[Problem] = set()
    for name in _folders(root) if slug is None else (slug,):
        if is_slug(name):
            problems.update(_problems_of(root, name, headers))
        else:
            says = f"{name!r} is not a name that a customer's folder can have"
            do = "use small letters, digits and `_`, starting with a letter, at most 63, and no device of Windows (con, nul, ...)"
            problems.add(Problem(path=f"customers/{name}", says=says, do=do))
    if slug is None:
        for name in destinations(root):
            problems.update(destination_problems(root, name))
    return tuple(sorted(problems))


def _problems_of(root: Path, slug: str, headers: Headers | None) -> tuple[Problem, ...]:
    try:
        folder, problems = _examine(root, slug)
    except ConfigInvalid as unknown:
        return unknown.problems
    if problems or headers is None:
        return problems
    migration = _migration(root, folder)
    found: list[Problem] = []
    for source in migration.customer.sources:
        delivered = headers(migration, source)
        if delivered is not None:
            found.extend(check_headers(folder, source, delivered))
    return tuple(found)


def _examine(root: Path, slug: str) -> tuple[Folder, tuple[Problem, ...]]:
    """Read a customer's folder and return it with every problem in it."""
    if slug not in customers(root):
        known = customers(root)
        says = f"there is no customer {slug!r} with a defs.yaml"
        raise ConfigInvalid([Problem(path=f"customers/{slug}", says=says, do=did_you_mean(slug, known))])
    folder = read_folder(root, slug)
    problems = {
        *_unfinished_upgrade(root, slug),
        *folder.problems,
        *check_names(folder),
        *check_overrides(folder),
        *check_sql(folder),
        *check_listed_columns(folder),
    }
    return folder, tuple(sorted(problems))


def _unfinished_upgrade(root: Path, slug: str) -> tuple[Problem, ...]:
    """Return what is wrong while a customer is between two versions of its destination: nothing may read it."""
    note = f"customers/{slug}/upgrade.json"
    if not (root / note).exists():
        return ()
    says = "moving to another version of the destination was begun and not finished"
    return (Problem(path=note, says=says, do=f"`aformity upgrade {slug} --apply` finishes it"),)


def _migration(root: Path, folder: Folder) -> Migration:
    assert folder.defs is not None
    assert folder.template is not None
    assert folder.destination is not None
    assert folder.log is not None
    return Migration(
        slug=folder.slug,
        customer=folder.defs.value.attributes,
        destination=folder.destination,
        mappings={written.value.entity: written.value for written in folder.mappings},
        value_maps={name: written.value for name, written in folder.value_maps.items()},
        log=folder.log,
        head=folder.head,
        shared=_shared(root, folder),
        overridden=overridden(folder.template, folder.defs.value.attributes.overrides),
        written_rules=written_rules(root, folder.slug, folder.defs.value.attributes),
    )


def _shared(root: Path, folder: Folder) -> dict[str, Entity]:
    """Return every entity with the fields of all versions of the destination: SQL models are written for all of them."""
    assert folder.destination is not None
    name, found = folder.destination.destination, dict(folder.destination.entities)
    for version in versions(root, name):
        for entity, described in load_destination(root, name, version).entities.items():
            own = found.get(entity, described)
            found[entity] = own.model_copy(update={"fields": {**described.fields, **own.fields}})
    return found


def _folders(root: Path) -> tuple[str, ...]:
    """Return the names of the folders in `customers/` with a defs.yaml, hidden ones left out."""
    home = root / "customers"
    found = (
        sorted(path.name for path in home.iterdir() if (path / "defs.yaml").is_file())
        if home.is_dir()
        else []
    )
    return tuple(name for name in found if not name.startswith("."))
