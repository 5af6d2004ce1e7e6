"""One YAML file as one frozen document that still knows where each of its keys stands.

Reading and typing only; what several files say of each other is checked elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from aformity_pipelines.config.json_source import parse_json
from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.config.scalars import typed, unquoted
from aformity_pipelines.config.wording import problems_of
from aformity_pipelines.config.yaml_source import Loc, Node, at, parse
from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Customer

Model = TypeVar("Model", bound=BaseModel)


class Defs(Document):
    """`customers/<slug>/defs.yaml`: the attributes of one customer's component."""

    type: Literal["aformity_pipelines.CustomerMigration"]
    attributes: Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Generic[Model]):
    """A document and the file that it was written in."""

    value: Model
    node: Node
    path: str  # relative to the project's root

    def problem(self, loc: Iterable[str | int], says: str, do: str) -> Problem:
        """Return a problem at the key or item that `loc` names."""
        line, column = self.place(tuple(loc))
        return Problem(path=self.path, line=line, column=column, says=says, do=do)

    def place(self, loc: Loc) -> tuple[int, int]:
        """Return line and column of the key or item that `loc` names."""
        return at(self.node, loc)


def read_text(root: Path, path: str) -> str:
    """Return a file's text; a UTF-8 mark at its start is dropped.

    ConfigInvalid where it is missing, not a file, or not UTF-8.
    """
    try:
        content = (root / path).read_bytes()
    except FileNotFoundError:
        raise ConfigInvalid([Problem(path=path, says="this file is missing", do="write it")]) from None
    except OSError as error:
        says = f"this file cannot be read: {error.strerror}"
        raise ConfigInvalid([Problem(path=path, says=says, do="make it a readable file")]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        says = f"byte 0x{content[error.start]:02X} is not UTF-8"
        raise ConfigInvalid([Problem(path=path, line=line, says=says, do="save the file as UTF-8")]) from None


def read_document(
    text: str, path: str, model: type[Model], *, quotes_matter: bool = False, is_json: bool = False
) -> Written[Model]:
    """Return the document that `text` holds, as YAML or as JSON.

    With `quotes_matter`, an unquoted text that other YAML readers would take for a number, a date
    or a truth value is a problem.  ConfigInvalid carries every problem of the file.
    """
    node = parse_json(text, path) if is_json else parse(text, path)
    problems = list(unquoted(node, model, path)) if quotes_matter else []
    try:
        value = model.model_validate(typed(node, model))
    except ValidationError as error:
        problems.extend(problems_of(error, node, model, path))
        raise ConfigInvalid(problems) from None
    if problems:
        raise ConfigInvalid(problems)
    return Written(value=value, node=node, path=path)
