"""A customer's folder as it was read: every document that made sense, and the problems of the others.

Checks across files run on what could be read, so that one broken file hides nothing about the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from aformity_pipelines.config.decision_log import read_log
from aformity_pipelines.config.destinations import (
    destinations,
    is_kept,
    load_destination,
    no_version,
    versions,
)
from aformity_pipelines.config.documents import Defs, Written, read_document, read_text
from aformity_pipelines.config.problems import ConfigInvalid, Problem, did_you_mean
from aformity_pipelines.config.value_map_files import WrittenMap, read_value_map
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.mapping import FieldMapping, Mapping, Read
from aformity_pipelines.domain.migration import NO_LOG, LogHead
from aformity_pipelines.domain.overrides import as_seen

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedField:
    """One field mapping and where it stands."""

    document: Written[Mapping]
    read: Read
    name: str
    mapping: FieldMapping
    loc: tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Everything readable of `customers/<slug>/`."""

    slug: str
    defs: Written[Defs] | None
    template: Destination | None
    """The pinned version of the destination, as all customers share it."""
    destination: Destination | None
    """The same as this customer sees it: with its overrides."""
    mappings: tuple[Written[Mapping], ...]  # in load order where the destination knows the entity
    is_mapping_complete: bool  # whether every mapping file could be read
    value_maps: dict[str, WrittenMap]
    broken_value_maps: frozenset[str]
    log: tuple[Entry, ...] | None  # None where the log could not be read
    head: LogHead
    problems: tuple[Problem, ...]

    def reads(self) -> Iterator[tuple[Written[Mapping], int, Read]]:
        """Yield every read with its document and its place in it."""
        for document in self.mappings:
            for index, read in enumerate(document.value.reads):
                yield document, index, read

    def fields(self) -> Iterator[MappedField]:
        """Yield every field mapping."""
        for document, index, read in self.reads():
            for name, mapping in read.fields.items():
                loc = ("reads", index, "fields", name)
                yield MappedField(document=document, read=read, name=name, mapping=mapping, loc=loc)


def read_folder(root: Path, slug: str) -> Folder:
    """Read every file of one customer, and the version of the destination that it pins."""
    problems: list[Problem] = []
    home = f"customers/{slug}"
    defs = _kept(problems, lambda: _defs(root, f"{home}/defs.yaml"))
    template = _kept(problems, lambda: _template(root, defs)) if defs else None
    destination = as_seen(template, defs.value.attributes.overrides) if defs and template else None
    mapping_paths = _files(root, f"{home}/mapping", ".yaml", "a mapping", problems)
    found = [_kept(problems, partial(_mapping, root, path)) for path in mapping_paths]
    map_paths = _files(root, f"{home}/values", ".csv", "a value map", problems)
    maps = {Path(path).stem: _kept(problems, partial(_value_map, root, path)) for path in map_paths}
    log = _kept(problems, lambda: read_log(root / home / "decisions.jsonl"))
    mappings = [mapping for mapping in found if mapping]
    return Folder(
        slug=slug,
        defs=defs,
        template=template,
        destination=destination,
        mappings=_in_load_order(mappings, destination),
        is_mapping_complete=len(mappings) == len(found),
        value_maps={name: value_map for name, value_map in maps.items() if value_map},
        broken_value_maps=frozenset(name for name, value_map in maps.items() if value_map is None),
        log=log[0] if log else None,
        head=log[1] if log else NO_LOG,
        problems=tuple(problems),
    )


def _kept(problems: list[Problem], read: Callable[[], Value]) -> Value | None:
    """Return what `read` returns, or None after noting its problems."""
    try:
        return read()
    except ConfigInvalid as invalid:
        problems.extend(invalid.problems)
        return None


def _defs(root: Path, path: str) -> Written[Defs]:
    return read_document(read_text(root, path), path, Defs, quotes_matter=True)


def _template(root: Path, defs: Written[Defs]) -> Destination:
    pinned, place = defs.value.attributes.destination, ("attributes", "destination")
    known = destinations(root)
    if pinned.name not in known:
        says = f"there is no destination {pinned.name!r}"
        raise ConfigInvalid([defs.problem((*place, "name"), says, did_you_mean(pinned.name, known))])
    if not is_kept(root, pinned.name, pinned.version) and pinned.version not in versions(root, pinned.name):
        fault = no_version(root, pinned.name, pinned.version)
        raise ConfigInvalid([defs.problem((*place, "version"), *fault)])
    return load_destination(root, pinned.name, pinned.version)


def _files(root: Path, folder: str, suffix: str, what: str, problems: list[Problem]) -> list[str]:
    """Return the files of a folder that end in `suffix`; others are problems, hidden ones ignored."""
    place = root / folder
    names = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    for name in names:
        if not name.startswith(".") and not name.endswith(suffix):
            says = f"{what} is a file <name>{suffix}, and this is none"
            problems.append(
                Problem(path=f"{folder}/{name}", says=says, do=f"rename it to end in {suffix}, or move it")
            )
    return [f"{folder}/{name}" for name in names if name.endswith(suffix) and not name.startswith(".")]


def _mapping(root: Path, path: str) -> Written[Mapping]:
    written = read_document(read_text(root, path), path, Mapping)
    entity = written.value.entity
    if entity != Path(path).stem:
        says = f"this file maps entity {entity!r}"
        raise ConfigInvalid(
            [written.problem(("entity",), says, f"rename the file to {entity}.yaml, or correct it")]
        )
    return written


def _value_map(root: Path, path: str) -> WrittenMap:
    return read_value_map(read_text(root, path), path, Path(path).stem)


def _in_load_order(
    mappings: list[Written[Mapping]], destination: Destination | None
) -> tuple[Written[Mapping], ...]:
    order = destination.load_order() if destination else ()
    ranks = {entity: rank for rank, entity in enumerate(order)}
    return tuple(sorted(mappings, key=lambda each: (ranks.get(each.value.entity, len(ranks)), each.path)))
