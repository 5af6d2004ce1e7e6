"""The words of answers: dates, values, people and decisions as a customer would say them."""

from datetime import date
from decimal import Decimal

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.destination import Entity, FieldType

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
TYPES = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "a whole number",
    FieldType.DECIMAL: "a number",
    FieldType.DATE: "a date",
    FieldType.BOOLEAN: "yes or no",
}
"""What a value is, behind "read as" or "not"."""
FLAGS = ("is ", "has ")
"""How the name of a field begins that is a yes or no."""
SHOWN = 120
"""Characters of a value that a sentence shows; the evidence holds the whole value beside it."""


def day(when: date) -> str:
    """Say a date: 11 November 2026."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def field_words(name: str) -> str:
    """Say the name of a field."""
    return name.replace("_", " ")


def the_field(name: str) -> str:
    """Begin a sentence about a field: `The owner`; one that is a yes or no is quoted: `"Is active"`."""
    words = field_words(name)
    return f'"{words.capitalize()}"' if words.startswith(FLAGS) else f"The {words}"


def record_words(entity: Entity, key: str | None, place: str) -> str:
    """Name a record by its key, or by where it was delivered."""
    return f"{entity.label} {key}" if key is not None else f"The {entity.label.lower()} in {place}"


def as_text(value: object) -> str | None:
    """Return a value as the import file spells it; None stays None."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case Decimal():
            whole, _, places = f"{value:f}".partition(".")
            return f"{whole}.{places.rstrip('0').ljust(2, '0')}" if places else whole
        case _:
            return str(value)


def quoted(text: str | None) -> str:
    """Return a text in quotes with every invisible character made visible; `nothing` for None."""
    if text is None:
        return "nothing"
    shown = text if len(text) <= SHOWN else text[:SHOWN]
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
    more = " and more" if len(text) > SHOWN else ""
    return f'"{visible}"{more}'


def sentence(text: str) -> str:
    """Return a text without its closing full stop, to be continued."""
    return text.strip().removesuffix(".")


def who_when(entry: Entry) -> str:
    """Say who settled something, when, and the decision's id."""
    return f"{entry.by.name}, {day(entry.on)}, {entry.id}"


def said(entry: Entry) -> str:
    """Return a decision's own sentence with its signature and id, as evidence."""
    return f"{sentence(entry.says)} ({who_when(entry)})"


def told(entry: Entry) -> str:
    """Return a decision's own sentence with its signature, as a customer is told it."""
    return f"{sentence(entry.says)} ({entry.by.name}, {day(entry.on)})"


def wave_words(name: str) -> str:
    """Say the name of a wave."""
    return name.replace("_", " ")


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """Join names: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
