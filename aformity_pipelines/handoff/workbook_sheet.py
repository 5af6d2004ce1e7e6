"""One sheet of the handoff workbook, and how its cells say a person, a row, a product moment.

What each sheet lists is said where the sheet is made.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_words import SIDE_WORDS

Cell: TypeAlias = str | int | date
Line: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its tab, and columns with the width that suits them, in characters."""

    name: str
    columns: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]


def sheet(name: str, columns: tuple[tuple[str, int], ...], lines: Iterable[Line]) -> Sheet:
    """Return a sheet; every line has as many cells as there are columns."""
    return Sheet(name=name, columns=columns, lines=tuple(lines))


def person(who: Person) -> str:
    """Return a name with role and side."""
    return f"{who.name}, {who.role} ({SIDE_WORDS[who.side]})"


def moment_label(record: LaunchRecord, moment: str) -> str:
    """Return what customers call a product moment; its own name where the record does not list it."""
    return next((each.label for each in record.moments if each.moment == moment), moment)


def listed(ids: Sequence[str]) -> str:
    """Return ids in one cell."""
    return ", ".join(ids)
