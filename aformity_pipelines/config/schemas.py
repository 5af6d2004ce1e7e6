"""JSON Schemas of everything that people write and of what they are handed, made from the models.

`python -m aformity_pipelines.config.schemas` writes them to `aformity_pipelines/schemas/`; with
`--check` it only says which differ.  A YAML file names its schema in a first line such as
`# yaml-language-server: $schema=../../aformity_pipelines/schemas/defs.schema.json`.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from aformity_pipelines.config.documents import Defs
from aformity_pipelines.config.suite_form import WrittenSuite
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.drafts import DraftFile
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.domain.mapping import Mapping

FOLDER = Path(__file__).parent.parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SUBJECTS: dict[str, tuple[str, Any]] = {
    "defs": ("customers/<slug>/defs.yaml", Defs),
    "mapping": ("customers/<slug>/mapping/<entity>.yaml", Mapping),
    "destination": ("expectations/<destination>/destination.yaml", Destination),
    "suite": ("expectations/<destination>/<entity>/<gate>.json", WrittenSuite),
    "answers": ("The file of `aformity decide`", DraftFile),
    "decision": ("One line of customers/<slug>/decisions.jsonl", Entry),
    "launch_record": ("launch_record.json", LaunchRecord),
}


class Shorthands(GenerateJsonSchema):
    """Lets editors accept what the models accept before they validate: one item without its list."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Return the schema of a list that may be written as its one item, or of a step as its word."""
        inner = super().function_before_schema(schema)
        if inner.get("type") == "array" and "items" in inner:
            return {"anyOf": [inner["items"], inner]}
        words = [
            name
            for name, field in inner.get("properties", {}).items()
            if {"const": True, "type": "boolean"} in field.get("anyOf", [])
        ]
        return {"anyOf": [{"enum": words}, inner]} if words else inner

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return a model's schema; the ban on unknown keys goes where the keys are listed."""
        made = super().model_schema(schema)
        for choice in made.get("anyOf", []) if "additionalProperties" in made else []:
            if "properties" in choice:
                choice["additionalProperties"] = made.pop("additionalProperties")
        return made


def schemas() -> dict[str, str]:
    """Return the text of each schema file by its name."""
    return {f"{name}.schema.json": _schema(*subject) for name, subject in SUBJECTS.items()}


def differing(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of schema files that are missing, out of date or no longer made."""
    made = schemas()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.schema.json")}
    return tuple(sorted(name for name in made.keys() | found.keys() if made.get(name) != found.get(name)))


def write(folder: Path = FOLDER) -> tuple[str, ...]:
    """Write the schema files that differ and return their names."""
    changed = differing(folder)
    made = schemas()
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in made:
            (folder / name).write_text(made[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Write the schema files, or with `--check` fail when one differs."""
    parser = argparse.ArgumentParser(prog="python -m aformity_pipelines.config.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file differs")
    is_check = parser.parse_args(arguments).check
    names = differing() if is_check else write()
    for name in names:
        sys.stdout.write(f"{name} {'differs; run this without --check' if is_check else 'written'}\n")
    return 1 if is_check and names else 0


def _schema(title: str, subject: Any) -> str:  # noqa: ANN401 - a model or a union of models
    schema = TypeAdapter(subject).json_schema(schema_generator=Shorthands)
    return json.dumps({"$schema": DIALECT, **schema, "title": title}, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
