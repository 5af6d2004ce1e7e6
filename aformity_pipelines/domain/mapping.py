"""Field mappings and value maps: what becomes of each source column, and by which rule.

A mapping is data: a person reads and approves it.  How it compiles to SQL is `mapping.compile`'s.
"""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document, Sentence, Slug


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str | dict) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class DateOrder(StrEnum):
    """How day, month and year stand in an all-number date; `undecided` makes ambiguous dates findings."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"
    UNDECIDED = "undecided"


class DateCast(Document):
    """Which texts are dates of this column.  Texts that fit none are findings, never guesses."""

    order: DateOrder = DateOrder.UNDECIDED
    two_digit_years: bool = False
    """Whether 03/04/99 is allowed; 69-99 are 19xx and 00-68 are 20xx (POSIX)."""
    excel_serials: bool = False
    """Whether whole numbers 61 to 2958465 count days of the 1900 system, which has a day too many before."""
    month_names: bool = False
    """Whether `4 March 2024`, `Mar 4, 2024` are read (English names)."""

    def describe(self) -> str:
        """Say in words which texts are dates."""
        words = {
            "dmy": "day first",
            "mdy": "month first",
            "ymd": "year first",
            "undecided": "unless ambiguous",
        }
        extras = {
            "with two-digit years": self.two_digit_years,
            "Excel's day numbers": self.excel_serials,
            "English month names": self.month_names,
        }
        return ", ".join(
            [f"read as a date, {words[self.order]}", *(text for text, holds in extras.items() if holds)]
        )


class NumberCast(Document):
    """How numbers are written in this column."""

    point: Literal[".", ","] = "."
    group: Literal["", ",", ".", " ", "'"] = ""
    currency: Names = ()
    """Signs or codes that may stand before or after the number, such as `€` or `USD`."""

    def describe(self) -> str:
        """Say in words how numbers are written."""
        words = {",": "comma", ".": "point", " ": "space", "'": "apostrophe"}
        parts = [f"read as a number, decimal {words[self.point]}"]
        parts += [f"{words[self.group]} between thousands"] if self.group else []
        parts += [f"without {', '.join(self.currency)}"] if self.currency else []
        return ", ".join(parts)

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.point == self.group:
            raise ValueError(
                f"`point` and `group` are both {self.point!r}: 1.500 would be two numbers; change one"
            )
        return self


class BooleanCast(Document):
    """Which texts mean yes and no; compared without case."""

    true: Names = ("true", "yes", "y", "1")
    false: Names = ("false", "no", "n", "0")

    def describe(self) -> str:
        """Say in words what is yes and what is no."""
        return f"{' or '.join(self.true)} means yes, {' or '.join(self.false)} means no"


class Cast(Document):
    """How text of this field becomes the destination's type, where the default is not enough."""

    date: DateCast | None = None
    number: NumberCast | None = None
    boolean: BooleanCast | None = None


class Split(Document):
    """Take one piece of a text."""

    on: str = Setting(min_length=1)
    take: int = Setting(ge=1)
    """Which piece, counted from 1."""


class Lookup(Document):
    """Replace a value by a column of another source, found by key."""

    source: Slug
    key: str
    take: str

    def describe(self) -> str:
        """Say in words what is looked up where."""
        return f"looked up in {self.source} by {self.key}, its {self.take}"


class Step(Document):
    """One step of a rule; exactly one key is set."""

    trim: Literal[True] | None = None
    collapse_spaces: Literal[True] | None = None
    lower: Literal[True] | None = None
    upper: Literal[True] | None = None
    title: Literal[True] | None = None
    join: str | None = None
    """Join the non-blank values of several columns with this text."""
    first: Literal[True] | None = None
    """The first column that is not blank."""
    split: Split | None = None
    prefix: str | None = None
    suffix: str | None = None
    pad_left: Annotated[str, Setting(pattern=r"^\d+:.$")] | None = None
    """`8:0` pads with zeros to eight characters."""
    keep_digits: Literal[True] | None = None
    """Digits and a leading `+` only."""
    blank_when: Names | None = None
    """Texts that mean nothing was entered."""
    lookup: Lookup | None = None
    sql: str | None = None
    """A DuckDB expression over source columns, their headers in double quotes."""

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: object) -> object:
        return {value: True} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"a step has exactly one key, this one has {sorted(self.model_fields_set)}")
        return self

    @property
    def name(self) -> str:
        """The one key that is set."""
        (name,) = self.model_fields_set
        return name

    def describe(self) -> str:
        """Say the step as a person would write it."""
        value = getattr(self, self.name)
        if value is True:
            return self.name
        if isinstance(value, Lookup):
            return value.describe()
        if isinstance(value, Document):
            return f"{self.name} {json.dumps(value.model_dump(mode='json'), ensure_ascii=False)}"
        return f"{self.name} {value!r}" if isinstance(value, str) else f"{self.name} {list(value)}"


Steps = Annotated[tuple[Step, ...], BeforeValidator(_as_tuple)]


class FieldMapping(Document):
    """How one target field gets its value from one source."""

    columns: Names = Setting(default=(), alias="from")
    """Headers of source columns, exactly as delivered; `Name__1` and `Name__2` are two columns that are both called `Name`."""
    constant: str | None = None
    rule: Steps = ()
    values: Slug | None = None
    """The value map `values/<name>.csv` that translates source values."""
    cast: Cast = Cast()
    says: Sentence | None = None
    """What the customer is told, where the field's own sentence is not enough."""
    suggested: bool = False
    """Whether a program proposed this and nobody has looked yet."""

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        has_sql = any(step.sql is not None for step in self.rule)
        if self.constant is not None and (self.columns or self.rule or self.values):
            raise ValueError("`constant` stands alone; drop `from`, `rule` and `values`, or drop it")
        if self.constant is None and not self.columns and not has_sql:
            raise ValueError("name the source column in `from`, or give a `constant`")
        if len(self.columns) > 1 and not any(s.name in {"join", "first", "sql"} for s in self.rule):
            raise ValueError("several columns need a rule that combines them: `join`, `first` or `sql`")
        return self

    def is_direct(self) -> bool:
        """Whether the value is carried over as it stands."""
        return len(self.columns) == 1 and not self.rule and self.values is None and self.cast == Cast()

    def describe_rule(self) -> str:
        """Say the rule in one line, for field maps and reports."""
        if self.constant is not None:
            return f"always {self.constant!r}"
        parts = [step.describe() for step in self.rule]
        if self.values:
            parts.append(f"value map {self.values}")
        casts = (self.cast.date, self.cast.number, self.cast.boolean)
        parts.extend(cast.describe() for cast in casts if cast)
        return ", then ".join(parts) or "carried over as it is"


class ColumnFate(StrEnum):
    """What becomes of a source column that no field reads."""

    ARCHIVED = "archived"
    EXCLUDED = "excluded"


class UnmappedColumn(Document):
    """A source column that goes nowhere, and why."""

    fate: ColumnFate
    why: Sentence


class Only(Document):
    """A condition under which a source row is a record of the entity at all."""

    where: str
    """A DuckDB condition over source columns, their headers in double quotes."""
    why: Sentence
    """What the customer is told of the rows that do not meet it."""


class Read(Document):
    """How one source feeds the entity.  A source may be read twice, as two parts."""

    source: Slug
    part: Slug = "main"
    only: Only | None = None
    fields: dict[Slug, FieldMapping]
    columns: dict[str, UnmappedColumn] = Setting(default_factory=dict)
    """Source columns that no field reads, by header."""


class Mapping(Document):
    """Everything that one entity of one customer is made of: `mapping/<entity>.yaml`."""

    entity: Slug
    reads: tuple[Read, ...] = Setting(min_length=1)

    @model_validator(mode="after")
    def _parts_are_distinct(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for read in self.reads:
            if (read.source, read.part) in seen:
                raise ValueError(f"source {read.source!r} is read twice as part {read.part!r}; name one")
            seen.add((read.source, read.part))
        return self


class ValueMapEntry(Document):
    """One line of a value map.  A blank `target` with a `decision` means: left blank on purpose."""

    source: str
    target: str
    decision: str = ""
    note: str = ""


class ValueMap(Document):
    """Source value -> target value; compared exactly, as delivered after the field's rule."""

    name: Slug
    entries: tuple[ValueMapEntry, ...]


def digest_of_mapping(mapping: FieldMapping) -> str:
    """Return the SHA-256 of what an approver is shown of a field: columns, rule, cast, and which value map."""
    return _digest(mapping.model_dump(mode="json", by_alias=True, exclude={"says", "suggested"}))


def digest_of_values(values: ValueMap) -> str:
    """Return the SHA-256 of what an approver is shown of a value map: what becomes of each value."""
    return _digest([(entry.source, entry.target) for entry in values.entries])


def _digest(shown: object) -> str:
    canonical = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
