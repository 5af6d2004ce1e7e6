"""Scalars against the schema: which type each text in a YAML tree is wanted as.

The models of the domain are walked beside the tree, so that a text is judged by where it stands,
also in a file that does not validate.
"""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aformity_pipelines.config.problems import Problem
from aformity_pipelines.config.yaml_source import ListNode, Loc, MapNode, Node, Plain, ScalarNode

Shape = Any
"""A type annotation: a model, `tuple[...]`, `dict[...]`, or the type of a scalar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One text of the tree and the types that the schema wants there."""

    node: ScalarNode
    types: frozenset[type]
    name: str  # the key that it stands under


def wanted(node: Node, shape: Shape, name: str = "") -> Iterator[Wanted]:
    """Yield every text (and every free key) of the tree that the schema knows a type for."""
    choices = _choices(shape)
    match node:
        case ScalarNode():
            items = [get_args(choice)[0] for choice in choices if _origin(choice) is tuple]
            kinds = {kind for choice in [*choices, *items] for kind in _scalar_types(choice)}
            if kinds:
                yield Wanted(node=node, types=frozenset(kinds), name=name)
        case ListNode():
            for choice in choices:
                if _origin(choice) is tuple:
                    for item in node.items:
                        yield from wanted(item, get_args(choice)[0], name)
        case MapNode():
            yield from _wanted_members(node, choices, name)


def _wanted_members(node: MapNode, choices: tuple[Shape, ...], name: str) -> Iterator[Wanted]:
    for choice in choices:
        if _origin(choice) is tuple:
            yield from _wanted_members(node, _choices(get_args(choice)[0]), name)
        elif _origin(choice) is dict:
            for member in node.members.values():
                yield Wanted(node=member.key, types=frozenset({str}), name=name)
                yield from wanted(member.value, get_args(choice)[1], member.key.value)
        elif _is_model(choice):
            fields = fields_of(choice)
            for key, member in node.members.items():
                if key in fields:
                    yield from wanted(member.value, fields[key], key)


def typed(node: Node, model: type[BaseModel]) -> Plain:
    """Return dicts, lists and strings for `model`; `true` where it knows no other value becomes True.

    Where names may stand instead of yes or no, what YAML reads as yes or no is that.
    """
    flags = {
        id(each.node): is_on
        for each in wanted(node, model)
        if bool in each.types and (is_on := _flag(each)) is not None
    }

    def of(part: Node) -> Plain:
        match part:
            case ScalarNode():
                return flags.get(id(part), part.value)
            case ListNode():
                return [of(item) for item in part.items]
            case MapNode():
                return {key: of(member.value) for key, member in part.members.items()}

    return of(node)


def _flag(each: Wanted) -> bool | None:
    """Return the yes or no that a text is, None where it is left to the model."""
    if each.types == {bool}:
        return True if each.node.value == "true" else None
    read = as_yaml(each.node.value) if each.node.is_plain else None
    return read if isinstance(read, bool) else None


def unquoted(node: Node, model: type[BaseModel], path: str) -> Iterator[Problem]:
    """Yield a problem for every plain text that other YAML readers would not take for what is wanted.

    YAML 1.1 reads `NO` as false, `012` as 10 and `2026-11-03` as a timestamp.
    """
    for each in wanted(node, model):
        text = each.node.value
        read = as_yaml(text) if each.node.is_plain else text
        if isinstance(read, str) or (isinstance(read, bool) and bool in each.types):
            continue
        is_text = bool(each.types & {str, date})
        if is_text:
            says = f"`{each.name}` wants text, and YAML reads {text} without quotes as {_kind(read)}"
            do = f'quote it: "{text}"'
        elif (int in each.types and str(read) != text) or bool in each.types:
            says = f"`{each.name}` is written {text}, which YAML reads as {read!r}"
            do = f"write {'true or false' if bool in each.types else read}"
        else:
            continue
        yield Problem(path=path, line=each.node.line, column=each.node.column, says=says, do=do)


def as_yaml(text: str) -> object:
    """Return what YAML 1.1 makes of an unquoted text; the text itself where it stays text."""
    tag: str = _resolver().resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # PyYAML has no types here
    if tag == "tag:yaml.org,2002:str":
        return text
    try:
        return yaml.SafeLoader("").construct_object(yaml.ScalarNode(tag, text))
    except (ValueError, yaml.YAMLError):
        return text


def model_at(shape: Shape, loc: Loc) -> type[BaseModel] | None:
    """Return the model that the place `loc` of a document is checked against, if it is one."""
    choices = _choices(shape)
    for step in loc:
        inner: list[Shape] = []
        for choice in choices:
            if _origin(choice) in {tuple, dict}:
                inner.extend(_choices(get_args(choice)[0 if _origin(choice) is tuple else 1]))
            elif _is_model(choice) and step in (fields := fields_of(choice)):
                inner.extend(_choices(fields[str(step)]))
        choices = tuple(inner)
    return next((choice for choice in choices if _is_model(choice)), None)


@cache
def fields_of(model: type[BaseModel]) -> dict[str, Shape]:
    """Return the keys that a model reads, as a person writes them, and their annotations."""
    return {field.alias or name: _annotation(field) for name, field in model.model_fields.items()}


def _annotation(field: FieldInfo) -> Shape:
    return field.annotation


@cache
def _resolver() -> yaml.SafeLoader:
    return yaml.SafeLoader("")


def _origin(shape: Shape) -> object:
    """Return `tuple` for `tuple[...]` and so on; None for a plain class."""
    return get_origin(shape)


def _choices(shape: Shape) -> tuple[Shape, ...]:
    """Return the alternatives of a union, without `Annotated` and None."""
    if _origin(shape) is Annotated:
        return _choices(get_args(shape)[0])
    if _origin(shape) in {Union, types.UnionType}:
        return tuple(each for choice in get_args(shape) for each in _choices(choice))
    return () if shape is type(None) else (shape,)


def _scalar_types(shape: Shape) -> set[type]:
    if _origin(shape) is Annotated:
        return _scalar_types(get_args(shape)[0])
    if _origin(shape) is Literal:
        return {type(value) for value in get_args(shape)}
    if isinstance(shape, type) and _origin(shape) is None:
        return {str} if issubclass(shape, str) else {shape} & {int, bool, date}
    return set()


def _is_model(shape: Shape) -> bool:
    return isinstance(shape, type) and _origin(shape) is None and issubclass(shape, BaseModel)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return f"the timestamp {value}" if isinstance(value, date) else repr(value).lower()
