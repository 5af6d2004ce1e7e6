"""What an export differs from the one before in, as Dagster metadata: a table of counts, never a value of the customer."""

import dagster as dg

from aformity_pipelines.domain.difference import Difference, DifferenceLine
from aformity_pipelines.orchestration.packed import Cell, Described, cut, table_of, within

TABLE_LIMIT = 8 * 1024
NAMES_LIMIT = 2 * 1024
NOTHING = "nothing differs"


def of_difference(difference: Difference) -> Described:
    """Return the numbers and names that differ, most of them as tables; one sentence where nothing does."""
    lines = [_line(line) for line in difference.lines if line.is_different]
    names: list[dict[str, Cell]] = [
        {
            "stage": each.stage,
            "of": each.subject,
            "what": each.measure.value,
            "name": each.name,
            "change": each.change,
        }
        for each in difference.names
    ]
    parts: Described = {"compared_with": dg.MetadataValue.text(difference.previous or "nothing before")}
    if not (lines or names):
        return parts | {"differs": dg.MetadataValue.text(NOTHING)}
    shown = within(lines, TABLE_LIMIT)
    if lines:
        parts["differs"] = table_of(shown)
    if len(shown) < len(lines):
        parts["differs_not_listed"] = dg.MetadataValue.int(len(lines) - len(shown))
    if names:
        parts["names_that_differ"] = table_of(within(names, NAMES_LIMIT))
    if difference.decisions_added:
        parts["decisions_since"] = dg.MetadataValue.text(cut(", ".join(difference.decisions_added)))
    return parts


def _line(line: DifferenceLine) -> dict[str, Cell]:
    return {
        "stage": line.stage,
        "of": line.subject,
        "what": f"{line.measure.value}: {line.what}" if line.what else line.measure.value,
        "previous": "" if line.previous is None else str(line.previous),
        "current": "" if line.current is None else str(line.current),
        "diff": f"{line.diff:+d}" if line.diff else "",
    }
