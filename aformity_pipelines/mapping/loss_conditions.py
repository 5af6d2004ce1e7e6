"""What a single value says less than its delivered text, as SQL conditions over the two texts.

They are asked of rows whose value differs from the text.  A text that a list, a value map or another source translates
is none of these: what it says less is that several texts became one value.  Keep out: counting.
"""

from collections.abc import Mapping

from aformity_pipelines.domain.destination import Field, FieldType
from aformity_pipelines.domain.launch.losses import LossSort
from aformity_pipelines.domain.mapping import FieldMapping
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.mapping.casts import plain_number
from aformity_pipelines.mapping.facts import headers_of

_TIME = literal(r"(^|[^\d:])(\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)")
_MIDNIGHT = literal(r"(^|\D)12:00(:00(\.0+)?)?\s*[Aa]\.?[Mm]")
_DATE = literal(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_ISO_DATE = literal(r"\d{4}-\d{2}-\d{2}")
_ALL_NUMBERS = literal(r"(?s)^\s*(\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2}))(\D.*)?$")
_YEAR_MAY_LEAD = literal(r"\d{2}[/.-]\d{1,2}[/.-]\d{2}")
_NUMBER = literal(r"[+-]?\d{1,18}(\.\d+)?")
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
_LAST_PLACE = "[1, 0.1, 0.01, 0.001, 0.0001]"
"""By how many decimals a value has; no value of the destination has more."""


def loss_conditions(
    before: str, after: str, described: Field, mapping: FieldMapping
) -> Mapping[LossSort, str]:
    """Return by sort the SQL condition that a value (`after`, as text) says less than its text (`before`) does.

    Empty for fields that are made of several columns or translated.  Needs the macros of `mapping.casts`.
    """
    if len(headers_of(mapping)) != 1 or _is_translated(described, mapping):
        return {}
    if described.type in _NUMBERS:
        plain = f"coalesce({plain_number(f'trim({before})', mapping.cast.number)}, {before})"
        return {
            LossSort.PRECISION: _lost_decimals(plain, after),
            LossSort.ZEROS: _lost_zeros(plain, after),
        }
    if described.type is FieldType.DATE:
        return {LossSort.PRECISION: _lost_time(before, after), LossSort.DATE_DECIDED: _decided(before)}
    if described.type is FieldType.TEXT:
        time = _lost_time(before, after)
        return {
            LossSort.PRECISION: time,
            LossSort.CUT: f"not ({time}) and {_shortened(before, after)}",
            LossSort.DATE_DECIDED: f"regexp_full_match({after}, {_ISO_DATE}) and {_decided(before)}",
            LossSort.ZEROS: _lost_zeros(before, after),
        }
    return {}


def _is_translated(described: Field, mapping: FieldMapping) -> bool:
    if described.allowed or any(step.lookup for step in mapping.rule):
        return True
    # Of a date or number, a value map takes only some texts; the others are read.
    return mapping.values is not None and described.type is FieldType.TEXT


def _lost_decimals(plain: str, after: str) -> str:
    """A number less than one unit of its last place away is rounded or cut; any other one is another number."""
    number = f"case when regexp_full_match({plain}, {_NUMBER}) then try_cast({plain} as decimal(38, 18)) end"
    value = f"try_cast({after} as decimal(38, 18))"
    unit = f"{_LAST_PLACE}[1 + length(rtrim(split_part({after}, '.', 2), '0'))]"
    return (
        f"case when contains({plain}, '.') then {number} <> {value} and abs({number} - {value}) < {unit} end"
    )


def _lost_zeros(text: str, after: str) -> str:
    run, runs = rf"regexp_extract({text}, '\d+')", rf"regexp_extract_all({after}, '\d+')"
    bare = f"coalesce(nullif(ltrim({run}, '0'), ''), '0')"
    is_led = f"contains({text}, '0') and {run} like '0_%'"
    return f"case when {is_led} then list_contains({runs}, {bare}) and not list_contains({runs}, {run}) end"


def _lost_time(before: str, after: str) -> str:
    """Seconds or the whole time of day went, and they were not zero."""
    time, kept = (f"regexp_extract({text}, {_TIME}, 2)" for text in (before, after))
    rest = f"substr({time}, length({kept}) + 1)"
    is_dropped = f"starts_with({time}, {kept}) and regexp_matches({rest}, '[1-9]')"
    is_date = f"regexp_matches({after}, {_DATE}) and not regexp_matches({before}, {_MIDNIGHT})"
    return (
        f"case when contains({before}, ':') then {is_dropped} and ({kept} <> '' or {is_date}) else false end"
    )


def _shortened(before: str, after: str) -> str:
    shown = (rf"length(regexp_replace({text}, '[\s\pZ]+', '', 'g'))" for text in (after, before))
    return f"case when length({after}) < length({before}) then {' < '.join(shown)} end"


def _decided(before: str) -> str:
    """Two of day first, month first and year first give two different days."""
    text = f"regexp_extract({before}, {_ALL_NUMBERS}, 1)"
    day, month = (f"read_ordered_date({text}, {order})" for order in ("3, 2, 1", "3, 1, 2"))
    year = (
        f"case when regexp_full_match({text}, {_YEAR_MAY_LEAD}) then read_ordered_date({text}, 1, 2, 3) end"
    )
    return f"case when {text} <> '' then len(list_distinct([{day}, {month}, {year}])) > 1 end"
