"""The customer-facing sentence of each derived rule, built from the destination's own labels."""

from aformity_pipelines.domain.destination import Destination, Entity, Field, FieldType
from aformity_pipelines.quality.formats import PHRASES

_WORDS = {"email": "e-mail address", "id": "ID", "url": "URL", "sku": "SKU", "vat": "VAT", "utc": "UTC"}
_TYPES = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "a whole number",
    FieldType.DECIMAL: "a number",
    FieldType.DATE: "a date",
    FieldType.BOOLEAN: "yes or no",
}
_LISTED = 8


def field_words(name: str) -> str:
    """Return a field's name as a reader would say it: `account_id` -> `account ID`."""
    return " ".join(_WORDS.get(word, word) for word in name.split("_"))


def in_sentence(label: str) -> str:
    """Return a label with a small first letter, unless it starts with an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def with_article(words: str) -> str:
    """Return the words after `a` or `an`; after nothing where they look like a plural."""
    if words.endswith("s") and not words.endswith(("ss", "us", "is")):
        return words
    return f"{'an' if words[:1].lower() in 'aeio' else 'a'} {words}"


def rows_present(entity: Entity) -> str:
    """Say that an empty table is not believed."""
    return f"At least one {in_sentence(entity.label)} is expected."


def required(entity: Entity, name: str) -> str:
    """Say that every record needs the field."""
    if name.startswith("is_"):
        return f"Every {in_sentence(entity.label)} must say whether it is {field_words(name.removeprefix('is_'))}."
    return f"Every {in_sentence(entity.label)} needs {with_article(field_words(name))}."


def typed(entity: Entity, name: str, field: Field) -> str:
    """Say what type the field's values have."""
    if name.startswith("is_"):
        whose = with_article(in_sentence(entity.label))
        return f"Whether {whose} is {field_words(name.removeprefix('is_'))} must be {_TYPES[field.type]}."
    return f"{_the(entity, name)} must be {_TYPES[field.type]}."


def allowed(entity: Entity, name: str, field: Field) -> str:
    """Say which values the closed list holds; long lists are cut with a count."""
    values = [entry.value for entry in field.allowed]
    listed = ", ".join(values[:_LISTED])
    more = f" and {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    return f"{_the(entity, name)} must be one of: {listed}{more}."


def formatted(entity: Entity, name: str, field: Field) -> str:
    """Say what shape the field's text has."""
    phrase = PHRASES[field.format] if field.format else "well-formed"
    if field.required:
        return f"Every {in_sentence(entity.label)} needs {phrase}."
    return f"{_the(entity, name)} must be {phrase}, where one is given."


def short_enough(entity: Entity, name: str, field: Field) -> str:
    """Say how long the field's text may be."""
    return f"{_the(entity, name)} must fit into {field.max_length} characters."


def unique(entity: Entity, name: str) -> str:
    """Say that no two records share the field's value."""
    return f"No two {in_sentence(entity.plural)} may have the same {field_words(name)}."


def related(destination: Destination, entity: Entity, name: str, field: Field) -> str:
    """Say that the record the field points to must exist."""
    if field.relationship is None:
        raise ValueError(f"field {name!r} has no relationship to speak of")
    target = destination.entities[field.relationship.entity]
    return f"{_the(entity, name)} must name {with_article(in_sentence(target.label))} that exists."


def acyclic(entity: Entity, name: str) -> str:
    """Say that following the link may never lead back."""
    return f"Following the {field_words(name)} from {in_sentence(entity.label)} to {in_sentence(entity.label)} must never lead back to the start."


def _the(entity: Entity, name: str) -> str:
    return f"The {field_words(name)} of every {in_sentence(entity.label)}"
