"""The columns of a raw table, one batch after the other: how full, how long, which type, what is unusual.

Keep out: what takes several columns, such as keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import duckdb

from aformity_pipelines.domain.profile import ColumnProfile, Counted, Unusual, UnusualKind, ValueType
from aformity_pipelines.profile.oddities import (
    BLANK,
    EXAMPLES,
    IS_ODD,
    IS_PLACEHOLDER,
    counted,
    examples,
    unusual_values,
)
from aformity_pipelines.profile.shapes import Family, Shape, shape_of
from aformity_pipelines.profile.tally import SAMPLE, TALLY, batches, tally
from aformity_pipelines.profile.types import family_of, format_of, minority, type_of

TOP = 5
_FIT = "CASE WHEN is_odd THEN trim(value, ' \t\r\n\u00a0') ELSE value END"
_MEANT = f"value <> '' AND NOT (is_odd AND (regexp_full_match(value, '{BLANK}') OR {IS_PLACEHOLDER}))"
_STRANGE_IN_TEXT = (Shape.EMAIL, Shape.URL, Shape.YEAR_FIRST, Shape.DAY_FIRST, Shape.INTEGER, Shape.PHONE)
_MAYBE_STRANGE = r"(?s)[^\pL]+|.*@.*|(?i)(https?:|www\.).*"
_RARE = 0.05
_FIXED_LENGTH = {ValueType.CODE, ValueType.UUID, ValueType.IBAN, ValueType.DATE}
_MOST_LENGTHS = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Values of one column that have something in common."""

    rows: int
    values: int
    first: tuple[Counted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Long(_Group):
    """Those of one length."""

    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shaped(_Group):
    """Those of one shape; None fits nothing of the column's family."""

    shape: Shape | None


def column_profiles(
    connection: duckdb.DuckDBPyConnection, parquet: Path, headers: tuple[str, ...], *, rows: int
) -> Iterator[ColumnProfile]:
    """Yield the profile of every column of a raw table of `rows` rows, in order."""
    for numbers in batches(len(headers), rows):
        tally(connection, parquet, numbers, rows=rows, is_odd=IS_ODD)
        odd = unusual_values(connection)
        lengths = _lengths(connection)
        families = _families(connection, numbers)
        shaped = _shaped(connection, families)
        top = _top(connection)
        for number in numbers:
            yield _column(
                number,
                headers[number - 1],
                family=families[number],
                shaped=shaped.get(number, ()),
                lengths=lengths.get(number, ()),
                odd=odd.get(number, ()),
                top=top.get(number, ()),
            )


def _families(connection: duckdb.DuckDBPyConnection, numbers: range) -> dict[int, Family | None]:
    counts: dict[int, dict[Shape, int]] = {number: {} for number in numbers}
    distinct = dict.fromkeys(numbers, 0)
    for number, shape, rows, values in connection.execute(
        f"SELECT number, {shape_of(_FIT)} AS shape, sum(n)::BIGINT, count(*) FROM {SAMPLE} WHERE {_MEANT} GROUP BY ALL"
    ).fetchall():
        counts[number][Shape(shape)] = rows
        distinct[number] += values
    return {number: family_of(counts[number], distinct[number]) for number in numbers}


def _shaped(
    connection: duckdb.DuckDBPyConnection, families: dict[int, Family | None]
) -> dict[int, tuple[_Shaped, ...]]:
    """Give every value of TALLY, not only of the sample, its shape in its column's family."""
    by_family: dict[Family | None, list[int]] = {}
    for number, family in families.items():
        by_family.setdefault(family, []).append(number)
    cases = " ".join(
        f"WHEN number IN ({', '.join(map(str, numbers))}) THEN {_shape_in(family)}"
        for family, numbers in by_family.items()
    )
    found: dict[int, list[_Shaped]] = {}
    for number, shape, rows, values, first in connection.execute(
        f"SELECT number, CASE {cases} END AS shape, sum(n)::BIGINT, count(*), {examples()}"
        f" FROM {TALLY} WHERE {_MEANT} GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        shaped = _Shaped(
            shape=Shape(shape) if shape else None, rows=rows, values=values, first=counted(first)
        )
        found.setdefault(number, []).append(shaped)
    return {number: tuple(each) for number, each in found.items()}


def _shape_in(family: Family | None) -> str:
    if family:
        return shape_of(_FIT, family.shapes)
    return (
        f"CASE WHEN regexp_full_match(value, '{_MAYBE_STRANGE}')"
        f" THEN coalesce({shape_of(_FIT, _STRANGE_IN_TEXT)}, 'text') ELSE 'text' END"
    )


def _lengths(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[_Long, ...]]:
    found: dict[int, list[_Long]] = {}
    for number, length, rows, values, first in connection.execute(
        f"SELECT number, length(value) AS length, sum(n)::BIGINT, count(*), {examples(1)}"
        f" FROM {TALLY} WHERE {_MEANT} GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        one = _Long(length=length, rows=rows, values=values, first=counted(first))
        found.setdefault(number, []).append(one)
    return {number: tuple(lengths) for number, lengths in found.items()}


def _top(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[Counted, ...]]:
    often = f"SELECT number, {examples(TOP, by='(-n, row)')} FROM {TALLY} WHERE n > 1 AND value <> '' GROUP BY number"
    return {number: counted(first) for number, first in connection.execute(often).fetchall()}


def _column(
    number: int,
    header: str,
    *,
    family: Family | None,
    shaped: tuple[_Shaped, ...],
    lengths: tuple[_Long, ...],
    odd: tuple[Unusual, ...],
    top: tuple[Counted, ...],
) -> ColumnProfile:
    placeholders = [each for each in odd if each.kind is UnusualKind.PLACEHOLDER]
    distinct = sum(each.values for each in shaped) + sum(each.values for each in placeholders)
    counts = {each.shape: each.rows for each in shaped if each.shape}
    longest = lengths[-1].length if lengths else 0
    type_ = type_of(family, counts, distinct=distinct, longest=longest)
    if type_ is ValueType.EMPTY and placeholders:
        type_ = ValueType.TEXT
    others = _others(family, type_, shaped)
    if type_ in _FIXED_LENGTH or type_ is ValueType.TEXT:
        others = (*others, *_other_lengths(lengths, type_))
    found = (*others, *odd)
    return ColumnProfile(
        number=number,
        header=header,
        filled=sum(each.rows for each in shaped) + sum(each.rows for each in placeholders),
        distinct=distinct,
        type=type_,
        format=format_of(type_, counts, _typical(shaped)),
        following=sum(counts.values()),
        shortest=lengths[0].length if lengths else 0,
        longest=longest,
        unusual_rows={each.kind: each.rows for each in found},
        top=top or _first(shaped),
        unusual=found,
    )


def _others(family: Family | None, type_: ValueType, shaped: tuple[_Shaped, ...]) -> tuple[Unusual, ...]:
    """Return the values of another format than the column's as one kind of unusual values."""
    everything = sum(each.rows for each in shaped)
    if family is None:
        strange = [
            each for each in shaped if each.shape is not Shape.TEXT and each.rows <= _RARE * everything
        ]
        strange = strange if type_ is ValueType.TEXT else []
    else:
        against = minority(family, {each.shape: each.rows for each in shaped if each.shape})
        strange = [each for each in shaped if each.shape is None or each.shape in against]
    return _unusual(UnusualKind.OTHER_FORMAT, strange)


def _other_lengths(lengths: tuple[_Long, ...], type_: ValueType) -> tuple[Unusual, ...]:
    """Return the lengths that few values of a code have, and texts far longer than nearly all others."""
    everything = sum(each.rows for each in lengths)
    if type_ is ValueType.TEXT:
        sums = accumulate(each.rows for each in lengths)
        usual = next(
            (
                one.length
                for one, upto in zip(lengths, sums, strict=True)
                if upto >= _MOST_LENGTHS * everything
            ),
            0,
        )
        strange = [each for each in lengths if each.length > 4 * usual + 20]
    else:
        usual_rows = max((each.rows for each in lengths), default=0)
        is_fixed = _MOST_LENGTHS * everything <= usual_rows < everything
        strange = [each for each in lengths if each.rows < usual_rows] if is_fixed else []
    return _unusual(UnusualKind.LENGTH, strange)


def _unusual(kind: UnusualKind, groups: Sequence[_Group]) -> tuple[Unusual, ...]:
    if not groups:
        return ()
    rows, values = sum(each.rows for each in groups), sum(each.values for each in groups)
    return (Unusual(kind=kind, rows=rows, values=values, examples=_first(groups)),)


def _typical(shaped: tuple[_Shaped, ...]) -> str:
    """Return a value of the most frequent shape."""
    most = max(shaped, key=lambda each: (each.shape is not None, each.rows), default=None)
    return most.first[0].value.strip() if most else ""


def _first(groups: Sequence[_Group]) -> tuple[Counted, ...]:
    first = sorted((value for each in groups for value in each.first), key=lambda value: value.row)
    return tuple(first[:EXAMPLES])
