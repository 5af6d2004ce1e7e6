"""Cron lines: five fields of numbers, ranges, lists and steps; and the zone they are written in.

Whether a line can be read, not when it fires: that is the scheduler's.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(MONTHS, start=1)}),
    ("day of week", 0, 7, {name: number for number, name in enumerate(WEEKDAYS)}),
)
DAY_OF_MONTH, MONTH, DAY_OF_WEEK = 2, 3, 4
"""Places of fields in a line."""
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month, at most."""
PART = re.compile(r"^(?P<low>\*|\w+)(?:-(?P<high>\w+))?(?:/(?P<step>\d+))?$", re.ASCII)


def cron_fault(line: str) -> str | None:
    """Return what is wrong with a cron line of five fields, or None."""
    texts = line.split()
    if len(texts) != len(FIELDS):
        return f"a cron line has five fields, this one has {len(texts)}"
    for text, (label, low, high, names) in zip(texts, FIELDS, strict=True):
        for part in text.split(","):
            fault = _fault(part, low, high, names)
            if fault:
                return f"{label} {text!r}: {fault}"
    return _never(texts) if texts[DAY_OF_WEEK] == "*" else None


def is_time_zone(name: str) -> bool:
    """Whether a name is one of the time zone database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _never(texts: list[str]) -> str | None:
    """Return that no named month has a named day, or None; every field can be read."""
    days, months = (_numbers(texts[place], *FIELDS[place][1:]) for place in (DAY_OF_MONTH, MONTH))
    if any(min(days) <= LONGEST[month - 1] for month in months):
        return None
    return f"day of month {texts[DAY_OF_MONTH]!r}: no such day ever comes in month {texts[MONTH]!r}"


def _numbers(text: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    """Return every number that a field without faults stands for."""
    found: set[int] = set()
    for part in filter(None, map(PART.match, text.split(","))):
        first, last = (_number(part[end], names) for end in ("low", "high"))
        is_open = first is None or (last is None and part["step"])
        start = low if first is None else first
        end = high if is_open else start if last is None else last
        found.update(range(start, end + 1, int(part["step"] or 1)))
    return found


def _number(text: str | None, names: dict[str, int]) -> int | None:
    """Return the number that a name or digits stand for; None for `*` and where nothing is written."""
    return None if text in (None, "*") else names.get(text.lower(), int(text) if text.isdecimal() else -1)


def _fault(part: str, low: int, high: int, names: dict[str, int]) -> str | None:
    found = PART.match(part)
    if not found or (found["low"] == "*" and found["high"]):
        return "write numbers, `*`, ranges such as 1-5, lists such as 1,3 or steps such as */10"
    if found["step"] is not None and not 1 <= int(found["step"]) <= high:
        return f"a step is between 1 and {high}"
    ends = []
    for end in (found["low"], found["high"]):
        number = _number(end, names)
        if number is None:
            continue
        if not low <= number <= high:
            return f"{end} is not between {low} and {high}"
        ends.append(number)
    return "the range ends before it starts" if ends != sorted(ends) else None
