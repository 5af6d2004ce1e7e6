"""Value maps as people keep them: `values/<name>.csv`, read strictly.

The file's own shape only.  Whether a target is one of the destination's values is a cross-check.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.decisions import DECISION_ID
from aformity_pipelines.domain.mapping import ValueMap, ValueMapEntry

HEADER = ("source", "target", "decision", "note")
ACTIONS = "write each line as source,target,decision,note"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMap:
    """A value map and the line that each of its entries starts on."""

    value: ValueMap
    path: str
    lines: tuple[int, ...]  # parallel to the entries

    def problem(self, entry: int | None, says: str, do: str) -> Problem:
        """Return a problem at an entry, or at the header where `entry` is None."""
        return Problem(path=self.path, line=1 if entry is None else self.lines[entry], says=says, do=do)


def read_value_map(text: str, path: str, name: str) -> WrittenMap:
    """Return the value map in `text`; ConfigInvalid carries every problem of the file."""
    problems: list[Problem] = []
    kept: dict[str, tuple[int, ValueMapEntry]] = {}
    for line, cells in _records(text, path, problems):
        fault = _fault(cells)
        if fault is None and cells[0] in kept:
            first = kept[cells[0]][0]
            fault = (f"source value {cells[0]!r} is already on line {first}", "keep one of them")
        if fault:
            problems.append(Problem(path=path, line=line, says=fault[0], do=fault[1]))
            continue
        kept[cells[0]] = (line, ValueMapEntry(**dict(zip(HEADER, cells, strict=True))))
    if problems:
        raise ConfigInvalid(problems)
    entries = tuple(entry for _, entry in kept.values())
    lines = tuple(line for line, _ in kept.values())
    return WrittenMap(value=ValueMap(name=name, entries=entries), path=path, lines=lines)


def _records(text: str, path: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield the records below the header with the line that each starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if line > 1:
                yield line, cells
            elif tuple(cells) != HEADER:
                says = f"the header is {','.join(cells)!r}"
                problems.append(Problem(path=path, line=1, says=says, do=f"make it {','.join(HEADER)}"))
                return
    except csv.Error as error:
        says = f"this is not CSV: {error}"
        problems.append(
            Problem(path=path, line=start, says=says, do="put values with commas or quotes in quotes")
        )
        return
    if reader.line_num == 0:
        problems.append(
            Problem(path=path, line=1, says="the file is empty", do=f"start it with {','.join(HEADER)}")
        )


def _fault(cells: list[str]) -> tuple[str, str] | None:
    if not cells:
        return "this line is empty", "remove it"
    if len(cells) != len(HEADER):
        return f"this line has {len(cells)} values, not {len(HEADER)}", ACTIONS
    _, target, decision, _ = cells
    if decision and not re.match(DECISION_ID, decision):
        return f"{decision!r} is not a decision's id", "write one such as D-001, or leave it blank"
    if not target and not decision:
        return f"{cells[0]!r} has no target", "give one, or the decision that leaves it blank on purpose"
    return None
