"""Which entity of a destination a table may hold, by the names, types and values of its columns.

A hint for the person who maps, and silent where it is weak.  Keep out: mapping fields.
"""

from collections.abc import Iterator

from aformity_pipelines.domain.destination import Destination, Entity, Field, FieldType, Format
from aformity_pipelines.domain.profile import ColumnProfile, EntityGuess, TableProfile, ValueType
from aformity_pipelines.profile.words import words_of

ENOUGH = 0.35
"""With a lower score there is no guess."""
AHEAD = 0.05
"""By how much the best guess must lead."""
_FIT = 0.5
_REQUIRED = 2.0

_TEXT = frozenset(ValueType) - {ValueType.EMPTY}
_FITTING = {
    FieldType.TEXT: _TEXT,
    FieldType.INTEGER: frozenset({ValueType.INTEGER, ValueType.DECIMAL}),
    FieldType.DECIMAL: frozenset({ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY, ValueType.PERCENT}),
    FieldType.DATE: frozenset({ValueType.DATE, ValueType.TIMESTAMP}),
    FieldType.BOOLEAN: frozenset({ValueType.BOOLEAN, ValueType.CHOICE, ValueType.INTEGER}),
}
_FORMATS = {Format.EMAIL: ValueType.EMAIL, Format.PHONE: ValueType.PHONE}
_ONLY = {ValueType.EMAIL, ValueType.PHONE, ValueType.DATE, ValueType.TIMESTAMP}
"""Types whose values fit no field that asks for another one, whatever the header says."""


def likely_entity(table: TableProfile, destination: Destination) -> EntityGuess | None:
    """Return the entity that the table's columns fit best; None where the best is weak or does not lead."""
    guesses = sorted(
        (_guess(table, name, entity) for name, entity in destination.entities.items()),
        key=lambda guess: (-guess.score, guess.entity),
    )
    best = guesses[0]
    follows = guesses[1].score if len(guesses) > 1 else 0.0
    return best if best.score >= ENOUGH and best.score - follows >= AHEAD else None


def _guess(table: TableProfile, name: str, entity: Entity) -> EntityGuess:
    fits = sorted(_fits(table, name, entity), key=lambda fit: -fit[0])
    by_field: dict[str, tuple[float, ColumnProfile]] = {}
    used: set[int] = set()
    for fit, field, column in fits:
        if field not in by_field and column.number not in used:
            by_field[field] = (fit, column)
            used.add(column.number)
    weights = {field: _REQUIRED if each.required else 1.0 for field, each in entity.fields.items()}
    reached = sum(weights[field] * fit for field, (fit, _) in by_field.items())
    return EntityGuess(
        entity=name,
        score=round(reached / sum(weights.values()), 2),
        columns={column.header: field for field, (_, column) in by_field.items()},
    )


def _fits(table: TableProfile, name: str, entity: Entity) -> Iterator[tuple[float, str, ColumnProfile]]:
    own = words_of(name) | words_of(entity.label)
    for field_name, field in entity.fields.items():
        wanted = words_of(field_name) - own or words_of(field_name)
        for column in table.columns:
            fit = _fit(column, words_of(column.header), wanted, own, field)
            if fit >= _FIT:
                yield fit, field_name, column


def _fit(
    column: ColumnProfile, said: frozenset[str], wanted: frozenset[str], own: frozenset[str], field: Field
) -> float:
    """Return 0 to 1: how well a column fits a field."""
    asked = _FORMATS.get(field.format) if field.format else None
    if column.type not in _FITTING[field.type] and column.filled:
        return 0.0
    if (
        column.type in _ONLY
        and field.type is FieldType.TEXT
        and asked is not column.type
        and not field.relationship
    ):
        return 0.0
    said = said - own or said
    alike = len(said & wanted) / len(said | wanted) if said else 0.0
    if asked and column.type is asked:
        alike = max(alike, 0.8)
    return max(alike, _values_fit(column, field))


def _values_fit(column: ColumnProfile, field: Field) -> float:
    """Return 0.8 where most of the frequent values are allowed ones or names that customers give them."""
    known = {text.casefold() for each in field.allowed for text in (each.value, *each.aliases)}
    if not known or not column.top:
        return 0.0
    hits = sum(each.value.strip().casefold() in known for each in column.top)
    return 0.8 if hits >= 2 and hits >= 0.6 * len(column.top) else 0.0
