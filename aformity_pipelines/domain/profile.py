"""What a table looks like: its columns, keys and duplicates, and what differs from the delivery before.

A `...Summary` holds headers and counts, never a value, and may be stored; a `...Profile` adds values and is
for the person at the keyboard alone.  Keep out: how it is found.
"""

from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document


class ValueType(StrEnum):
    """What most values of a column look like; they stay text all the same."""

    EMPTY = "empty"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    IBAN = "iban"
    UUID = "uuid"
    CODE = "code"
    """Numbers with leading zeros, and letters with digits: never to be calculated with."""
    CHOICE = "choice"
    """Few different texts, each of them often."""
    TEXT = "text"


class UnusualKind(StrEnum):
    """Why a value deserves a look."""

    PLACEHOLDER = "placeholder"
    """Stands for nothing: `n/a`, `-`, `TBD`."""
    OTHER_FORMAT = "other format"
    """Not what the column's type or format is."""
    LENGTH = "unusual length"
    ONLY_BLANKS = "only blanks"
    BLANKS_AROUND = "blanks around it"
    CONTROL_CHARACTER = "control character"
    INVISIBLE_CHARACTER = "invisible character"
    MIXED_SCRIPTS = "letters of two scripts"
    MISREAD = "misread encoding"
    """`Ã¼` for `ü`, or the sign for a character that was lost."""


class Counted(Document):
    """One value, how many rows hold it, and the first of them as a spreadsheet shows it."""

    value: str
    rows: int
    row: int


class Unusual(Document):
    """Values of a column that deserve a look for one reason."""

    kind: UnusualKind
    rows: int
    values: int
    """How many different ones."""
    examples: tuple[Counted, ...]
    """The first few, in row order."""


class ColumnSummary(Document):
    """One column in counts."""

    number: int
    """From 1, in the order of the file."""
    header: str
    filled: int
    """Rows that hold more than blanks."""
    distinct: int
    """Different values among those, exactly."""
    type: ValueType
    format: str = ""
    """Such as `DD.MM.YYYY` or `decimal comma`; says so where the values do not decide it."""
    following: int
    """Filled rows that are of this type."""
    shortest: int = 0
    longest: int = 0
    """In characters; placeholders and blanks do not count."""
    unusual_rows: dict[UnusualKind, int] = Setting(default_factory=dict)


class ColumnProfile(ColumnSummary):
    """One column with its most frequent and its unusual values."""

    top: tuple[Counted, ...] = ()
    unusual: tuple[Unusual, ...] = ()

    def summary(self) -> ColumnSummary:
        """Return this column without its values."""
        return ColumnSummary.model_validate(self.model_dump(exclude={"top", "unusual"}))


class Key(Document):
    """Columns whose values name a row: all filled, no two rows alike."""

    columns: tuple[int, ...]
    headers: tuple[str, ...]
    alike: int = 0
    """Rows whose key equals another's once capitals and blanks are left out."""
    alike_rows: tuple[tuple[int, ...], ...] = ()
    """The first few groups of such rows."""


class NearKey(Document):
    """A column that would be a key but for some rows."""

    column: int
    header: str
    blank: int
    repeated: int
    """Rows that hold a value of another row."""
    repeated_rows: tuple[tuple[int, ...], ...] = ()
    """The first few groups of such rows."""


class TableSummary(Document):
    """One table in counts; small enough to be stored beside it."""

    rows: int
    columns: tuple[ColumnSummary, ...]
    keys: tuple[Key, ...] = ()
    near_keys: tuple[NearKey, ...] = ()
    duplicates: int = 0
    """Rows that equal an earlier one in every column."""
    duplicate_rows: tuple[tuple[int, ...], ...] = ()
    """The first few groups of such rows."""


class TableProfile(TableSummary):
    """One table with values."""

    columns: tuple[ColumnProfile, ...]

    def summary(self) -> TableSummary:
        """Return this table without its values."""
        columns = tuple(column.summary() for column in self.columns)
        return TableSummary.model_validate(self.model_dump(exclude={"columns"}) | {"columns": columns})


class EntityGuess(Document):
    """Which entity of a destination a table may hold, and the columns that say so."""

    entity: str
    score: float = Setting(ge=0, le=1)
    """The share of the entity's fields that a column fits; the required ones count double."""
    columns: dict[str, str]
    """Header -> field."""


class Link(Document):
    """A column whose values are found in another table's key."""

    table: str
    header: str
    key_table: str
    key_header: str
    values: int
    """Different values of the column."""
    found: int
    """How many of them the key holds."""


class Renamed(Document):
    """A column that likely has another name now."""

    before: str
    now: str


class ColumnChanges(Document):
    """What differs between the headers of two deliveries of one source."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    """At the same place with a similar name, or with the same values: likely, not certain."""
    respelled: tuple[Renamed, ...] = ()
    """Other capitals or blanks only."""
    moved: tuple[str, ...] = ()
    """Columns in another order among those that stayed."""

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return any((self.added, self.removed, self.renamed, self.respelled, self.moved))

    def sentences(self) -> tuple[str, ...]:
        """Say what changed, one sentence for each kind of change."""
        told = (
            _are("is new", "are new", self.added),
            _are("is gone", "are gone", self.removed),
            *(f"Column `{each.before}` is likely called `{each.now}` now." for each in self.renamed),
            *(f"Column `{each.before}` is spelled `{each.now}` now." for each in self.respelled),
            _are("stands at another place", "stand in another order", self.moved),
        )
        return tuple(sentence for sentence in told if sentence)


class StoredProfile(Document):
    """What one delivery looked like, and the columns of the one before it; holds no value."""

    delivery: str
    """SHA-256 of the file that was delivered."""
    before: tuple[str, ...] | None = None
    """The headers of the delivery before; None for the first one."""
    table: TableSummary

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers in file order."""
        return tuple(column.header for column in self.table.columns)


def _are(one: str, many: str, headers: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{header}`" for header in headers)
    if not headers:
        return ""
    return f"Column {shown} {one}." if len(headers) == 1 else f"Columns {shown} {many}."
