"""Pydantic's errors in the words of a person who edits YAML, each at its line.

Wording only.  What is checked stands in the models of `domain`.
"""

import re
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aformity_pipelines.config.problems import Problem, did_you_mean, likely
from aformity_pipelines.config.scalars import fields_of, model_at
from aformity_pipelines.config.yaml_source import ListNode, Loc, MapNode, Node, ScalarNode, at

NAME_RULE = "use small letters, digits and `_`, starting with a letter"
# A model that checks its names says `place: what is wrong` for each, joined by semicolons.
PLACED = re.compile(r"^([a-z_][\w]*(?:\.[\w]+)*): (.*)$", re.DOTALL)

NOT_ONE_OF = re.compile(r"'([^']+)' is not (?:one of|declared under) `(\w+)`")
PATTERN_ADVICE = {
    "url": "write it as https://host/path, without a name or a password",
    "pad_left": "write the length, a colon and the character to pad with, such as 8:0",
    "delimiter": "write one ASCII character",
    "quote": "write one ASCII character",
    "decision": "write a decision's id, such as D-001",
}


def problems_of(error: ValidationError, node: Node, model: type[BaseModel], path: str) -> Iterator[Problem]:
    """Yield one problem for each thing that `model` refuses in the tree `node` of the file `path`."""
    details = error.errors(include_url=False)
    meant = {loc for detail in details for loc in _meant(detail, model)}
    for detail in details:
        loc = detail["loc"]
        if detail["type"] == "missing" and loc in meant:
            continue  # it is there under another name, and that problem names it
        # Pydantic counts only the valid items, so a list of broken ones would also be called empty.
        is_echo = detail["type"] == "too_short" and sum(d["loc"][: len(loc)] == loc for d in details) > 1
        if is_echo:
            continue
        if detail["type"] == "value_error":
            yield from _of_own_check(detail, node, path)
            continue
        says, do = _words(detail, model)
        line, column = at(node, tuple(step for step in loc if step != "[key]"))
        yield Problem(path=path, line=line, column=column, says=says, do=do)


def _meant(detail: ErrorDetails, model: type[BaseModel]) -> tuple[Loc, ...]:
    """Return where the keys stand that an unknown one may be meant for: those like it, or the only one that there is."""
    if detail["type"] != "extra_forbidden":
        return ()
    *parent, key = detail["loc"]
    known = tuple(fields_of(found)) if (found := model_at(model, tuple(parent))) else ()
    return tuple((*parent, name) for name in (known if len(known) == 1 else likely(str(key), known)))


def _words(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """Return what is wrong and what to do about it."""
    loc, value, context = detail["loc"], detail["input"], detail.get("ctx", {})
    key = _key_of(loc)
    match detail["type"]:
        case "missing":
            where = _key_of(loc[:-1]) if len(loc) > 1 else "this file"
            return f"`{key}` is missing in {where}", f"add `{key}:`"
        case "extra_forbidden":
            parent = model_at(model, loc[:-1])
            known = fields_of(parent) if parent else {}
            return f"nothing here is called {key!r}", did_you_mean(key, known)
        case "enum" | "literal_error":
            words = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            return f"`{key}` cannot be {value!r}", did_you_mean(str(value), words)
        case "string_pattern_mismatch" if "[a-z][a-z0-9_]" in str(context.get("pattern")):
            return f"{value!r} is not a name that can be used here", NAME_RULE
        case "string_pattern_mismatch":
            return f"`{key}` cannot be {value!r}", PATTERN_ADVICE.get(
                key, f"write it like {context['pattern']}"
            )
        case "string_too_short":
            return f"`{key}` says too little: {value!r}", "write it out; people read it in the handoff"
        case "too_short":
            return f"`{key}` is empty", f"give at least {context.get('min_length', 1)}"
        case "int_parsing" | "int_from_float":
            return f"`{key}` wants a whole number, not {value!r}", "write digits only"
        case "bool_parsing":
            return f"`{key}` wants true or false, not {value!r}", "write true or false"
        case "date_from_datetime_parsing" | "date_parsing" | "date_from_datetime_inexact":
            return f"`{key}` wants a date, not {value!r}", 'write it as "2026-11-03"'
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"`{key}` wants keys with values, not {_shown(value)}", "indent its keys below it"
        case "tuple_type":
            return f"`{key}` wants a list, not {_shown(value)}", "write it as [a, b]"
        case "string_type":
            return f"`{key}` wants text, not {_shown(value)}", "write one text, in quotes where it has signs"
        case _:
            message = detail["msg"]
            return f"`{key}`: {message[:1].lower()}{message[1:]}", "correct it"


def _of_own_check(detail: ErrorDetails, node: Node, path: str) -> Iterator[Problem]:
    """Yield the problems of one of our own checks, each at the place that its words name."""
    text = detail["msg"].removeprefix("Value error, ")
    loc = detail["loc"]
    found: list[tuple[Loc, str]] = []
    for part in text.split("; "):
        placed = PLACED.match(part)
        place = _resolve(node, loc, placed[1]) if placed else None
        if placed and place is not None:
            found.append((place, part))
        elif found and not part.startswith("`owners`"):
            found[-1] = (found[-1][0], f"{found[-1][1]}; {part}")
        else:
            found.append((loc, part))
    for place, words in found:
        line, column = at(node, place)
        says, _, do = words.partition("; ")
        yield Problem(path=path, line=line, column=column, says=says, do=do or _advice(says, node))


def _advice(says: str, node: Node) -> str:
    """Return what to do about a check's words that only say what is wrong."""
    unknown = NOT_ONE_OF.search(says)
    if unknown:
        return did_you_mean(unknown[1], _names_under(node, unknown[2]))
    return "rename one of them" if "twice" in says else "put it right here"


def _names_under(node: Node, key: str) -> list[str]:
    """Return the names that the file declares under `key`, at its top or among the attributes."""
    for member in (
        (node.members.get(key), node.members.get("attributes")) if isinstance(node, MapNode) else ()
    ):
        if member is None:
            continue
        if member.key.value == "attributes":
            return _names_under(member.value, key)
        if isinstance(member.value, MapNode):
            return list(member.value.members)
        items = member.value.items if isinstance(member.value, ListNode) else []
        names = [
            item.members["name"].value
            for item in items
            if isinstance(item, MapNode) and "name" in item.members
        ]
        return [name.value for name in names if isinstance(name, ScalarNode)]
    return []


def _resolve(node: Node, loc: Loc, dotted: str) -> Loc | None:
    """Return the location of a dotted name below `loc`; list items go by their `name`."""
    start: Node = node
    for step in loc:
        if isinstance(start, MapNode) and str(step) in start.members:
            start = start.members[str(step)].value
        elif isinstance(start, ListNode) and isinstance(step, int):
            start = start.items[step]
    return _follow(start, loc, dotted.split("."))


def _follow(node: Node, loc: Loc, steps: list[str]) -> Loc | None:
    if not steps:
        return loc
    if isinstance(node, MapNode):
        # A destination's own words for its fields leave `entities` and `fields` out.
        for key in (steps[0], "entities", "fields"):
            if key in node.members:
                rest = steps[1:] if key == steps[0] else steps
                return _follow(node.members[key].value, (*loc, key), rest) or (*loc, key)
        # Free names may hold dots themselves, as in `owners.account.owner`.
        joined = ".".join(steps)
        return (*loc, joined) if joined in node.members else None
    if isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            name = item.members.get("name") if isinstance(item, MapNode) else None
            if name and getattr(name.value, "value", None) == steps[0]:
                return _follow(item, (*loc, index), steps[1:])
    return None


def _key_of(loc: Loc) -> str:
    """Return the key that a location ends in, list positions left out."""
    keys = [str(step) for step in loc if isinstance(step, str) and step != "[key]"]
    return keys[-1] if keys else "this file"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "keys with values"
    return "a list" if isinstance(value, list | tuple) else repr(value)
