"""The likely type and format of a column, from the shapes of its values.

Keep out: which shape a value has, and any doubt about single values.
"""

import re
from collections.abc import Mapping

from aformity_pipelines.domain.profile import ValueType
from aformity_pipelines.profile.shapes import FAMILIES, STAMPS, Family, Shape

ENOUGH = 0.8
"""The share of a column's values that must fit a type; with fewer it is text."""
_FEW = 30
_OFTEN = 5
_SHORT = 60
_RARELY = 10
"""So many dates that could be either for one that is decided are no accident."""

Counts = Mapping[Shape, int]
"""Shape -> rows that hold a value of it."""


def family_of(counts: Counts, distinct: int) -> Family | None:
    """Return the preferred family that most of the values fit; None for text."""
    everything = sum(counts.values())
    for family in FAMILIES:
        fitting = _sum(counts, family.shapes)
        if fitting < max(1, ENOUGH * everything) or _sum(counts, family.typical) < family.at_least * fitting:
            continue
        if not _is_contradicted(family, counts, distinct):
            return family
    return None


def _is_contradicted(family: Family, counts: Counts, distinct: int) -> bool:
    if family.type is ValueType.BOOLEAN:
        only_bits = not counts.get(Shape.WORD_BOOLEAN)
        others = _sum(counts, tuple(shape for shape in counts if shape not in family.shapes))
        return distinct > 4 or (only_bits and (distinct < 2 or others > 0))
    if family.type is ValueType.DECIMAL:
        # One number with a leading zero is enough: as a number it would lose it.
        whole = _sum(counts, (Shape.BIT, Shape.INTEGER, Shape.COMPACT_DATE)) == _sum(counts, family.shapes)
        return whole and _sum(counts, (Shape.LEADING_ZERO, Shape.LONG_INTEGER)) > 0
    if family.type is ValueType.DATE:
        return set(counts) & set(family.shapes) == {Shape.COMPACT_DATE} and sum(counts.values()) < 3
    return False


def type_of(family: Family | None, counts: Counts, *, distinct: int, longest: int) -> ValueType:
    """Return the type; numbers without decimals are integers, few texts that repeat a choice."""
    filled = sum(counts.values())
    if not filled:
        return ValueType.EMPTY
    is_choice = distinct <= _FEW and distinct * _OFTEN <= filled and longest <= _SHORT
    if family is None or (
        family.type is ValueType.CODE and not _sum(counts, (Shape.LEADING_ZERO, Shape.LONG_INTEGER))
    ):
        if is_choice:
            return ValueType.CHOICE
        return ValueType.TEXT if family is None else family.type
    if family.type is ValueType.DECIMAL and not _sum(counts, _WITH_DECIMALS):
        return ValueType.INTEGER
    return family.type


def minority(family: Family, counts: Counts) -> frozenset[Shape]:
    """Return the shapes of a family that its other values contradict: another order of a date, another decimal sign."""
    camps = _CAMPS.get(family.type, ())
    sizes = {camp: _sum(counts, camp) for camp in camps}
    if sum(size > 0 for size in sizes.values()) < 2:
        return frozenset()
    largest = max(sizes, key=lambda camp: sizes[camp])
    return frozenset(shape for camp in camps if camp != largest for shape in camp)


def format_of(type_: ValueType, counts: Counts, example: str) -> str:
    """Return the format in words; `example` is a frequent value of which only separators and lengths show."""
    if type_ is ValueType.DATE:
        return _date_format(counts, _DATE_ORDERS, example)
    if type_ is ValueType.TIMESTAMP:
        return _date_format(counts, STAMPS, re.split(r"[T ,]", example)[0]) + " with time"
    if type_ is ValueType.CODE and counts.get(Shape.LEADING_ZERO):
        return "leading zeros"
    if type_ is ValueType.CODE and counts.get(Shape.LONG_INTEGER):
        return "long numbers"
    if type_ in {ValueType.DECIMAL, ValueType.INTEGER}:
        return _number_format(counts)
    if type_ is ValueType.BOOLEAN:
        return "0 or 1" if not counts.get(Shape.WORD_BOOLEAN) else "words"
    return ""


_WITH_DECIMALS = (
    Shape.DECIMAL_POINT,
    Shape.DECIMAL_COMMA,
    Shape.EXPONENT,
    Shape.COMMA_AND_THREE,
    Shape.POINT_AND_THREE,
)
_DATE_ORDERS = (Shape.YEAR_FIRST, Shape.DAY_FIRST, Shape.MONTH_FIRST, Shape.EITHER)
_CAMPS: Mapping[ValueType, tuple[tuple[Shape, ...], ...]] = {
    ValueType.DATE: (
        (Shape.YEAR_FIRST,),
        (Shape.COMPACT_DATE,),
        (Shape.DAY_FIRST,),
        (Shape.MONTH_FIRST,),
        (Shape.NAMED_MONTH,),
    ),
    ValueType.TIMESTAMP: (
        (Shape.STAMP_YEAR_FIRST,),
        (Shape.STAMP_DAY_FIRST,),
        (Shape.STAMP_MONTH_FIRST,),
        (
            Shape.YEAR_FIRST,
            Shape.COMPACT_DATE,
            Shape.DAY_FIRST,
            Shape.MONTH_FIRST,
            Shape.EITHER,
            Shape.NAMED_MONTH,
        ),
    ),
    ValueType.DECIMAL: ((Shape.DECIMAL_POINT,), (Shape.DECIMAL_COMMA,)),
}
"""Shapes that do not go together in one column."""


def _date_format(counts: Counts, orders: tuple[Shape, ...], example: str) -> str:
    year, day, month, either = (counts.get(shape, 0) for shape in orders)
    if day and month:
        return f"day and month order MIXED: {day:,} day first, {month:,} month first, {either:,} either"
    if either > _RARELY * (day + month) and (day or month):
        return f"AMBIGUOUS: only {day or month:,} of {day + month + either:,} say {'day' if day else 'month'} first"
    if day or month:
        order = "day" if day else "month"
        return _pattern(example, order) if not year else f"{order} first, and year first in {year:,}"
    if either:
        return f"AMBIGUOUS: day or month first, in {either:,}"
    if year:
        return _pattern(example, "year")
    return "YYYYMMDD" if counts.get(Shape.COMPACT_DATE) else "month by name"


def _pattern(example: str, order: str) -> str:
    parts = re.split(r"([-/.])", example)
    letters = {"day": "DMY", "month": "MDY", "year": "YMD"}[order]
    if len(parts) != 5:
        return f"{order} first"
    texts = [
        "YYYY" if letter == "Y" and len(part) == 4 else letter * 2
        for letter, part in zip(letters, parts[::2], strict=True)
    ]
    return f"{texts[0]}{parts[1]}{texts[1]}{parts[3]}{texts[2]}"


def _number_format(counts: Counts) -> str:
    point, comma = counts.get(Shape.DECIMAL_POINT, 0), counts.get(Shape.DECIMAL_COMMA, 0)
    if point and comma:
        return f"decimal signs MIXED: {point:,} with a point, {comma:,} with a comma"
    if point or comma:
        return "decimal point" if point else "decimal comma"
    for shape, sign in ((Shape.COMMA_AND_THREE, "comma"), (Shape.POINT_AND_THREE, "point")):
        if many := counts.get(shape, 0):
            return f"AMBIGUOUS: thousands or decimal {sign}, in {many:,}"
    return "exponents" if counts.get(Shape.EXPONENT) else ""


def _sum(counts: Counts, shapes: tuple[Shape, ...]) -> int:
    return sum(counts.get(shape, 0) for shape in shapes)
