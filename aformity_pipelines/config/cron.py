"""Cron lines: five fields of numbers, ranges, lists and steps.

Whether a line can be read, not when it fires: that is the scheduler's.
"""

import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(MONTHS, start=1)}),
    ("day of week", 0, 7, {name: number for number, name in enumerate(WEEKDAYS)}),
)
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
    return None


def _fault(part: str, low: int, high: int, names: dict[str, int]) -> str | None:
    found = PART.match(part)
    if not found or (found["low"] == "*" and found["high"]):
        return "write numbers, `*`, ranges such as 1-5, lists such as 1,3 or steps such as */10"
    if found["step"] is not None and not 1 <= int(found["step"]) <= high:
        return f"a step is between 1 and {high}"
    ends = []
    for end in (found["low"], found["high"]):
        if end is None or end == "*":
            continue
        number = names.get(end.lower(), int(end) if end.isdecimal() else -1)
        if not low <= number <= high:
            return f"{end} is not between {low} and {high}"
        ends.append(number)
    return "the range ends before it starts" if ends != sorted(ends) else None
