"""The lines of a decision log: the one canonical form of an entry, and what is wrong with a line by itself.

Keep out: what a line says about other lines; that is `log_chain`'s and `decision_log`'s.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from aformity_pipelines.domain.decisions import ENTRY, Entry

RESTORE = (
    "restore decisions.jsonl as it was from your version control or a backup: the log only grows;"
    " nothing is exported until then"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """What is wrong with a line of the log."""

    line: int  # from 1
    key: str = ""  # the key that it is about; blank for the line as a whole
    says: str
    do: str = RESTORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it was found."""

    number: int  # from 1
    sha256: str
    text: str  # blank where the bytes are no text
    entry: Entry | None  # None where the line is not an entry
    faults: tuple[LineFault, ...]


def line_of(entry: Entry) -> str:
    """Return an entry's one canonical line, without the line end."""
    content = entry.model_dump(mode="json", exclude_none=True)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of_line(line: bytes) -> str:
    """Return the SHA-256 of a line's bytes without its line end, as the next line's `prev` names it."""
    return hashlib.sha256(line).hexdigest()


def read_line(number: int, line: bytes) -> Line:
    """Return what a line holds, with everything that is wrong with it by itself."""
    text, entry = "", None
    try:
        text = line.decode("utf-8")
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        entry = ENTRY.validate_python(content)
        faults = tuple(_form_faults(number, text, entry))
    except ValidationError as error:
        faults = tuple(_field_faults(number, error))
    except (ValueError, RecursionError) as error:
        faults = (LineFault(line=number, says=f"this line is not one JSON object: {error}"),)
    return Line(number=number, sha256=hash_of_line(line), text=text, entry=entry, faults=faults)


def _form_faults(number: int, text: str, entry: Entry) -> Iterator[LineFault]:
    if line_of(entry) != text:
        says = "this line is not in canonical form (keys sorted, no spaces, nothing left out or added)"
        yield LineFault(line=number, says=says)


def _field_faults(number: int, error: ValidationError) -> Iterator[LineFault]:
    for detail in error.errors(include_url=False):
        keys = [str(step) for step in detail["loc"]]
        keys = keys[1:] if len(keys) > 1 else keys
        says = f"{'.'.join(keys) or 'the line'}: {detail['msg'].removeprefix('Value error, ')}"
        yield LineFault(line=number, key=keys[0] if keys else "", says=says)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"key {twice!r} stands twice")
    return content


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
