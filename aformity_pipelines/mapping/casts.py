"""Text -> the destination's types, strictly: what does not fit the declared form stays text and is a finding.

DuckDB's own TRY_CAST is too willing ('12.5' -> 13, '0x1F' -> 31, 'epoch' -> 1970-01-01), so a form is
matched first.  The macros keep the printed SELECT readable; `MACROS` is their definition.
"""

import re

from aformity_pipelines.domain.destination import FieldType
from aformity_pipelines.domain.mapping import BooleanCast, Cast, DateCast, NumberCast
from aformity_pipelines.domain.sql_text import literal

MACROS = (
    r"""create or replace temp macro read_iso_date(t) as
  case when regexp_full_match(t, '\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?)?')
       and t[1:4] <> '0000' then try_cast(t[1:10] as date) end""",
    r"""create or replace temp macro read_year(y) as
  case when length(y) = 4 then nullif(y, '0000') when try_cast(y as integer) >= 69 then '19' || y else '20' || y end""",
    r"""create or replace temp macro read_date_parts(y, m, d) as
  try_cast(read_year(y) || '-' || lpad(m, 2, '0') || '-' || lpad(d, 2, '0') as date)""",
    r"""create or replace temp macro date_part_of(t, place) as
  regexp_extract(t, '^(\d+)[/.-](\d+)[/.-](\d+)$', place)""",
    r"""create or replace temp macro read_ordered_date(t, y, m, d) as
  read_date_parts(date_part_of(t, y), date_part_of(t, m), date_part_of(t, d))""",
    r"""create or replace temp macro read_unambiguous_date(t) as
  case when try_cast(date_part_of(t, 1) as integer) > 12 or date_part_of(t, 1) = date_part_of(t, 2)
       then read_ordered_date(t, 3, 2, 1)
       when try_cast(date_part_of(t, 2) as integer) > 12 then read_ordered_date(t, 3, 1, 2) end""",
    r"""create or replace temp macro read_excel_serial(t) as
  case when regexp_full_match(t, '[1-9]\d{1,6}') and try_cast(t as integer) between 61 and 2958465
       then date '1899-12-30' + try_cast(t as integer) end""",
    r"""create or replace temp macro read_named_month(t) as
  case when regexp_full_match(t, '.*\D\d{4}') and not regexp_full_match(t, '.*0000')
       then cast(try_strptime(t, ['%d %B %Y', '%d %b %Y', '%B %d, %Y', '%b %d, %Y', '%d-%b-%Y']) as date) end""",
    r"""create or replace temp macro read_short_named_month(t) as
  case when regexp_full_match(t, '\d{1,2}-[A-Za-z]{3}-\d{2}')
       then read_named_month(t[1:length(t) - 2] || read_year(t[-2:])) end""",
    r"""create or replace temp macro read_integer(t) as
  case when regexp_full_match(t, '[+-]?\d{1,18}') then cast(t as bigint) end""",
    r"""create or replace temp macro read_decimal(t) as
  case when regexp_full_match(t, '[+-]?\d{1,14}(\.\d{1,4}0*)?') then cast(t as decimal(18, 4)) end""",
)
"""SQL statements that a connection needs before a compiled mapping runs."""


def typed(text: str, field_type: FieldType, cast: Cast) -> str:
    """Return the SQL of `text` as the field's type; NULL where the text does not have the form."""
    match field_type:
        case FieldType.TEXT:
            return text
        case FieldType.INTEGER:
            return f"read_integer({plain_number(text, cast.number)})"
        case FieldType.DECIMAL:
            return f"read_decimal({plain_number(text, cast.number)})"
        case FieldType.BOOLEAN:
            return _boolean(text, cast.boolean or BooleanCast())
        case FieldType.DATE:
            return _date(text, cast.date or DateCast())


def plain_number(text: str, cast: NumberCast | None) -> str:
    """Return the SQL of a number's text with a point before its decimals and nothing else; NULL of another form."""
    if cast is None or cast == NumberCast():
        return text
    point, group = (f"\\{sign}" if sign in ".'" else sign for sign in (cast.point, cast.group))
    whole = rf"(\d{{1,3}}({group}\d{{3}})+|\d+)" if group else r"\d+"
    bare = _without_currency(text, cast.currency) if cast.currency else text
    plain = f"replace({bare}, {literal(cast.group)}, '')" if cast.group else bare
    plain = f"replace({plain}, {literal(cast.point)}, '.')" if cast.point != "." else plain
    form = literal(rf"[+-]?{whole}({point}\d+)?")
    return f"case when regexp_full_match({bare}, {form}) then {plain} end"


def _without_currency(text: str, signs: tuple[str, ...]) -> str:
    """A sign goes only before or after the number: `12€34` stays, and is no number."""
    either = "|".join(re.escape(sign) for sign in sorted(signs, key=len, reverse=True))
    before, after = literal(rf"^([+-]?)\s*(?:{either})\s*"), literal(rf"\s*(?:{either})$")
    return f"regexp_replace(regexp_replace(trim({text}), {before}, '\\1'), {after}, '')"


def _boolean(text: str, cast: BooleanCast) -> str:
    true, false = (", ".join(literal(word.lower()) for word in words) for words in (cast.true, cast.false))
    return f"case when lower({text}) in ({true}) then true when lower({text}) in ({false}) then false end"


def _date(text: str, cast: DateCast) -> str:
    year = r"(\d{4}|\d{2})" if cast.two_digit_years else r"\d{4}"
    day_first = literal(rf"\d{{1,2}}[/.-]\d{{1,2}}[/.-]{year}")
    year_first = literal(rf"{year}[/.-]\d{{1,2}}[/.-]\d{{1,2}}")
    form, reading = {
        "dmy": (day_first, f"read_ordered_date({text}, 3, 2, 1)"),
        "mdy": (day_first, f"read_ordered_date({text}, 3, 1, 2)"),
        "ymd": (year_first, f"read_ordered_date({text}, 1, 2, 3)"),
        "undecided": (literal(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"), f"read_unambiguous_date({text})"),
    }[cast.order.value]
    readings = [f"read_iso_date({text})", f"case when regexp_full_match({text}, {form}) then {reading} end"]
    if cast.excel_serials:
        readings.append(f"read_excel_serial({text})")
    if cast.month_names:
        readings.append(f"read_named_month({text})")
        if cast.two_digit_years:
            readings.append(f"read_short_named_month({text})")
    return f"coalesce({', '.join(readings)})"
