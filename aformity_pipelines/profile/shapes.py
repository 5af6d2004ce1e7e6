r"""The shapes that a single value can have, and the families of shapes that make a type.

A value has the first shape whose pattern fits it whole, blanks around it left out.  Patterns are RE2's.
Keep out: what a whole column is.
"""

from dataclasses import dataclass
from enum import StrEnum

from aformity_pipelines.domain.profile import ValueType
from aformity_pipelines.domain.sql_text import literal


class Shape(StrEnum):
    """What one value looks like."""

    EMAIL = "email"
    URL = "url"
    UUID = "uuid"
    STAMP_YEAR_FIRST = "stamp_year_first"
    STAMP_DAY_FIRST = "stamp_day_first"
    STAMP_MONTH_FIRST = "stamp_month_first"
    STAMP_EITHER = "stamp_either"
    YEAR_FIRST = "year_first"
    COMPACT_DATE = "compact_date"
    DAY_FIRST = "day_first"
    """Its first number is above 12, so it is no month."""
    MONTH_FIRST = "month_first"
    """Its second number is above 12, so it is no month."""
    EITHER = "either"
    """Day or month may come first."""
    NAMED_MONTH = "named_month"
    TIME = "time"
    PERCENT = "percent"
    MONEY = "money"
    BIT = "bit"
    INTEGER = "integer"
    LONG_INTEGER = "long_integer"
    """More digits than a number keeps."""
    LEADING_ZERO = "leading_zero"
    COMMA_AND_THREE = "comma_and_three"
    """`1,234`: thousands, or three decimals."""
    POINT_AND_THREE = "point_and_three"
    DECIMAL_POINT = "decimal_point"
    DECIMAL_COMMA = "decimal_comma"
    EXPONENT = "exponent"
    PHONE = "phone"
    IBAN = "iban"
    WORD_BOOLEAN = "word_boolean"
    CODE = "code"
    SPACED_CODE = "spaced_code"
    """Capitals and digits with blanks between them, such as `WA1 1DP`."""
    TEXT = "text"


_DAY, _MONTH, _OVER_12 = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"(1[3-9]|2\d|3[01])"
_YEAR, _CLOCK = (
    r"(\d{4}|\d{2})",
    r"([T ]|, ?| - )\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?",
)
_PLAIN = {
    Shape.YEAR_FIRST: rf"[12]\d{{3}}[-/.]{_MONTH}[-/.]{_DAY}",
    Shape.DAY_FIRST: rf"{_OVER_12}[-/.]{_MONTH}[-/.]{_YEAR}",
    Shape.MONTH_FIRST: rf"{_MONTH}[-/.]{_OVER_12}[-/.]{_YEAR}",
    Shape.EITHER: rf"{_MONTH}[-/.]{_MONTH}[-/.]{_YEAR}",
}
_AMOUNT = r"\d{1,3}([., '’]\d{3})*([.,]\d+)?|\d+([.,]\d+)?"
_CURRENCY = r"([$€£¥₹₽₺₩]|(US|AU|CA|NZ|HK|R)\$|USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|AUD|CAD|Rs\.?|kr\.?|zł)"
_WORDS = (
    "true|false|yes|no|y|n|t|f|on|off|ja|nein|j|oui|non|si|sí|não|sim|vrai|faux|wahr|falsch|verdadero|falso|"
    "checked|unchecked|active|inactive|enabled|disabled"
)
PATTERNS: dict[Shape, str] = {
    Shape.EMAIL: r"[^@\s<>,;]+@[^@\s<>,;.]+(\.[^@\s<>,;.]+)*\.[^@\s<>,;.\d]{2,}",
    Shape.URL: r"(?i)(https?://|ftp://|www\.)\S+",
    Shape.UUID: r"(?i)\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?",
    Shape.STAMP_YEAR_FIRST: _PLAIN[Shape.YEAR_FIRST] + _CLOCK,
    Shape.STAMP_DAY_FIRST: _PLAIN[Shape.DAY_FIRST] + _CLOCK,
    Shape.STAMP_MONTH_FIRST: _PLAIN[Shape.MONTH_FIRST] + _CLOCK,
    Shape.STAMP_EITHER: _PLAIN[Shape.EITHER] + _CLOCK,
    **_PLAIN,
    Shape.COMPACT_DATE: r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])",
    Shape.NAMED_MONTH: r"\d{1,2}(st|nd|rd|th)?[-. /]{0,2}\pL{3,9}\.?,?[-. /]{1,2}(\d{4}|\d{2})|\pL{3,9}\.? \d{1,2}(st|nd|rd|th)?,? \d{4}",
    Shape.TIME: r"([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?",
    Shape.PERCENT: rf"[+-]?({_AMOUNT}) ?%",
    Shape.MONEY: rf"[+-]?({_CURRENCY} ?[+-]?({_AMOUNT})|({_AMOUNT}) ?{_CURRENCY})|\({_CURRENCY}? ?({_AMOUNT})\)",
    Shape.BIT: r"[01]",
    Shape.INTEGER: r"[+-]?(0|[1-9]\d{0,17})",
    Shape.LONG_INTEGER: r"[1-9]\d{18,}",
    Shape.LEADING_ZERO: r"0\d+",
    Shape.COMMA_AND_THREE: r"[+-]?[1-9]\d{0,2}(,\d{3})+",
    Shape.POINT_AND_THREE: r"[+-]?[1-9]\d{0,2}(\.\d{3})+",
    Shape.DECIMAL_POINT: r"[+-]?(\d*|[1-9]\d{0,2}([, '’]\d{3})+)\.\d+",
    Shape.DECIMAL_COMMA: r"[+-]?(\d*|[1-9]\d{0,2}([. '’]\d{3})+),\d+",
    Shape.EXPONENT: r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+",
    Shape.PHONE: r"(\+|00)?[\d(][\d\s()./–-]{5,18}\d( ?(x|ext\.?|Ext\.?|#) ?\d{1,6})?",
    Shape.IBAN: r"[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?",
    Shape.WORD_BOOLEAN: rf"(?i)({_WORDS})",
    Shape.CODE: r"[\w./#:-]*\d[\w./#:-]*",
    Shape.SPACED_CODE: r"[A-Z ./-]{0,8}\d[A-Z0-9 ./-]{0,15}",
    Shape.TEXT: r"(?s).*",
}
"""In the order in which they are tried."""

_DATES = (
    Shape.YEAR_FIRST,
    Shape.COMPACT_DATE,
    Shape.DAY_FIRST,
    Shape.MONTH_FIRST,
    Shape.EITHER,
    Shape.NAMED_MONTH,
)
STAMPS = (Shape.STAMP_YEAR_FIRST, Shape.STAMP_DAY_FIRST, Shape.STAMP_MONTH_FIRST, Shape.STAMP_EITHER)
"""A date with its time of day, by the order of the date."""
_NUMBERS = (
    Shape.INTEGER,
    Shape.BIT,
    Shape.COMMA_AND_THREE,
    Shape.POINT_AND_THREE,
    Shape.DECIMAL_POINT,
    Shape.DECIMAL_COMMA,
    Shape.EXPONENT,
)
_WHOLE = (Shape.BIT, Shape.INTEGER, Shape.COMPACT_DATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The shapes that the values of one type may have, and those of which some must be there."""

    type: ValueType
    typical: tuple[Shape, ...]
    also: tuple[Shape, ...] = ()
    at_least: float = 0.5
    """The share of typical shapes among those that fit."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Every shape that fits."""
        return (*self.typical, *self.also)


FAMILIES = (
    Family(type=ValueType.EMAIL, typical=(Shape.EMAIL,)),
    Family(type=ValueType.URL, typical=(Shape.URL,)),
    Family(type=ValueType.UUID, typical=(Shape.UUID,)),
    Family(type=ValueType.DATE, typical=_DATES),
    Family(type=ValueType.TIMESTAMP, typical=STAMPS, also=_DATES, at_least=0.1),
    Family(type=ValueType.TIME, typical=(Shape.TIME,)),
    Family(type=ValueType.PERCENT, typical=(Shape.PERCENT,), also=_NUMBERS),
    Family(type=ValueType.MONEY, typical=(Shape.MONEY,), also=_NUMBERS, at_least=0.1),
    Family(type=ValueType.BOOLEAN, typical=(Shape.BIT, Shape.WORD_BOOLEAN)),
    Family(type=ValueType.DECIMAL, typical=_NUMBERS, also=(Shape.COMPACT_DATE,)),
    Family(
        type=ValueType.PHONE,
        typical=(Shape.PHONE,),
        also=(Shape.INTEGER, Shape.LEADING_ZERO, Shape.COMPACT_DATE),
        at_least=0.3,
    ),
    Family(type=ValueType.IBAN, typical=(Shape.IBAN,)),
    Family(
        type=ValueType.CODE,
        typical=(Shape.LEADING_ZERO, Shape.LONG_INTEGER, Shape.CODE),
        also=(
            *_WHOLE,
            Shape.POINT_AND_THREE,
            Shape.DECIMAL_POINT,
            Shape.EXPONENT,
            Shape.PHONE,
            Shape.IBAN,
            Shape.SPACED_CODE,
        ),
        at_least=0.01,
    ),
)
"""In the order in which they are preferred: the first one that most values fit is the column's."""


def shape_of(value: str, shapes: tuple[Shape, ...] = tuple(PATTERNS)) -> str:
    """Return SQL for the first of these shapes that the SQL text `value` has; NULL if it has none."""
    tried = " ".join(
        f"WHEN regexp_full_match({value}, {literal(PATTERNS[shape])}) THEN {literal(shape.value)}"
        for shape in shapes
    )
    return f"CASE {tried} END"
