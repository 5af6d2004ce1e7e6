"""Format hints as options of a command: one option for each hint, named and explained by the hint itself.

Keep out: what a hint does.  A new hint of `FormatHints` is a new option without a line here.
"""

import inspect
import shlex
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from aformity_pipelines.cli.options import Unknown
from aformity_pipelines.domain.delivery import FormatHints

_LISTED = "widths"
_PAIRED = "paths"
_WORDS = {"tab": "\t", "\\t": "\t", "none": "", "space": " "}
_FLAG = "header_repeats"
_CHARACTERS = ("delimiter", "quote", "escape", "comment")
_OPTIONS = tuple(FormatHints.model_fields)


def with_format_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes `hints: FormatHints` an option for each hint instead."""

    def called(**given: Any) -> None:  # noqa: ANN401 - whatever the command takes
        hints = hints_of({name: given.pop(name) for name in _OPTIONS})
        command(hints=hints, **given)

    own = inspect.signature(command, eval_str=True)
    parameters = [each for each in own.parameters.values() if each.name != "hints"]
    called.__signature__ = own.replace(parameters=[*parameters, *map(_parameter, _OPTIONS)])  # type: ignore[attr-defined]  # a function takes any attribute
    called.__annotations__ = {each.name: each.annotation for each in called.__signature__.parameters.values()}  # type: ignore[attr-defined]  # set above
    called.__doc__ = command.__doc__
    return called


def hints_of(given: Mapping[str, str | bool | list[str] | None]) -> FormatHints:
    """Return the hints that options hold as text.  Raises Unknown naming every option that is wrong."""
    written = {name: _parsed(name, value) for name, value in given.items() if value not in (None, [])}
    try:
        return FormatHints.model_validate(written)
    except ValidationError as wrong:
        says = [
            f"{_option(str(each['loc'][0]))}: {each['msg']}" if each["loc"] else each["msg"]
            for each in wrong.errors()
        ]
        raise Unknown("; ".join(says)) from None


def as_options(hints: FormatHints) -> str:
    """Return the hints as they are typed in a shell."""
    typed: list[str] = []
    for name, value in hints.model_dump(mode="json", exclude_defaults=True).items():
        if name == _PAIRED:
            typed += [f"{_option(name)} {shlex.quote(f'{column}={path}')}" for column, path in value.items()]
        elif name == _FLAG:
            typed += [_option(name)] * bool(value)
        else:
            text = ",".join(map(str, value)) if name == _LISTED else _shown(name, value)
            typed.append(f"{_option(name)} {shlex.quote(text)}")
    return " ".join(typed)


def _parameter(name: str) -> inspect.Parameter:
    says = (FormatHints.model_fields[name].description or "").strip()
    if name in _CHARACTERS:
        says += " `tab`, `space` and `none` are understood."
    if name == _LISTED:
        says += " As 5,10,3."
    several = name == _PAIRED
    option = typer.Option(
        _option(name),
        help=says + (" As column=path; repeat it." if several else ""),
        metavar="COLUMN=PATH" if several else None if name == _FLAG else name.upper().replace("_", "-"),
    )
    kind: Any = list[str] | None if several else bool | None if name == _FLAG else str | None
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option]
    )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _parsed(name: str, value: str | bool | list[str] | None) -> object:
    if isinstance(value, list):
        return dict(_pair(each) for each in value)
    if not isinstance(value, str):
        return value
    if name == _LISTED:
        return tuple(value.split(","))
    return _WORDS.get(value, value) if name in _CHARACTERS else value


def _pair(text: str) -> tuple[str, str]:
    column, equals, path = text.partition("=")
    if not equals:
        raise Unknown(f"{_option(_PAIRED)} {text}: write it as column=path")
    return column, path


def _shown(name: str, value: object) -> str:
    words = {"\t": "tab", "": "none", " ": "space"}
    return words.get(str(value), str(value)) if name in _CHARACTERS else str(value)
