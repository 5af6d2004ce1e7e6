"""docs/config.md: every key of the files that a person writes, from their JSON Schemas."""

import ast
import json
from functools import cache
from typing import Any

from aformity_pipelines.config.schemas import FOLDER, SUBJECTS
from tests.architecture.sources import package
from tests.docs.answers_page import kinds_part
from tests.docs.markdown import code, page, table

WRITTEN = ("defs", "mapping", "destination", "suite", "answers")
WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "date": "date in quotes",
}
Schema = dict[str, Any]


def config_page() -> str:
    """Return the page."""
    return page(
        "The files that a person writes",
        "the JSON Schemas in `aformity_pipelines/schemas/`, which editors complete and check with",
        "Unknown keys, duplicate keys, aliases and tags are refused; `aformity check` says where and what to do.",
        *(_document(name) for name in WRITTEN),
    )


def _document(name: str) -> str:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    named = schema.get("$defs", {})
    parts = {title: one for title, one in named.items() if _keys(one)}
    root = schema if _keys(schema) else parts.pop(_reference(schema))
    sections = [f"### {title}\n\n{_described(one, named)}" for title, one in parts.items()]
    title = SUBJECTS[name][0]
    more = [kinds_part()] if name == "answers" else []
    return "\n\n".join(
        (f"## {title if '`' in title else code(title)}", *more, _described(root, named), *sections)
    )


def _described(schema: Schema, named: Schema) -> str:
    intro = f"{_sentence(schema)}\n\n" if schema.get("description") else ""
    return intro + table(
        ("key", "needed", "value", "left out", "what it is"),
        (
            (
                code(key),
                "yes" if key in schema.get("required", ()) else "",
                _word(one, named),
                _default(one),
                _notes().get((str(schema.get("title")), key), ""),
            )
            for key, one in _keys(schema).items()
        ),
    )


@cache
def _notes() -> dict[tuple[str, str], str]:
    """What the models say below each attribute, by class and attribute: the schemas do not carry it."""
    found = {}
    for module in package():
        for made in (node for node in module.tree().body if isinstance(node, ast.ClassDef)):
            for line, below in zip(made.body, made.body[1:], strict=False):
                if isinstance(line, ast.AnnAssign) and isinstance(below, ast.Expr):
                    found[made.name, ast.unparse(line.target)] = str(ast.literal_eval(below.value))
    return found


def _default(schema: Schema) -> str:
    default = schema.get("default")
    is_plain = isinstance(default, str | int) or (isinstance(default, list) and default)
    return code(json.dumps(default, ensure_ascii=False)) if is_plain else ""


def _keys(schema: Schema) -> dict[str, Schema]:
    """The keys of an object; of one that may be written shorter, those of its long form."""
    for choice in (schema, *schema.get("anyOf", ())):
        if choice.get("properties"):
            return dict(choice["properties"])
    return {}


def _reference(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _sentence(schema: Schema) -> str:
    return " ".join(schema["description"].replace("`` ", "`").split())


def _word(schema: Schema, named: Schema) -> str:
    """Say in a few words what may stand here."""
    if "$ref" in schema:
        name = _reference(schema)
        return name if _keys(named[name]) else _word(named[name], named)
    if "const" in schema or "enum" in schema:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        return " or ".join(code(json.dumps(value, ensure_ascii=False).strip('"')) for value in values)
    if "anyOf" in schema or "oneOf" in schema:
        choices = (one for one in schema.get("anyOf") or schema["oneOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(_word(one, named) for one in choices))
    if schema.get("type") == "array":
        return f"list of {_word(schema.get('items', {}), named)}"
    if schema.get("type") == "object":
        values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        found = [_word(one, named) for one in values if isinstance(one, dict)]
        return f"names, each with {found[0]}" if found else "keys"
    return WORDS.get(schema.get("format") or str(schema.get("type")), "anything")
