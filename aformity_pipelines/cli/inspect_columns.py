"""The columns of an inspected table as a person reads them.  Keep out: the rest of a file."""

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text

from aformity_pipelines.cli.output import OUT
from aformity_pipelines.cli.shown_text import DIM, WARN, grid, say_text, shown
from aformity_pipelines.domain.profile import ColumnProfile, TableProfile, Unusual, ValueType

_UNUSUAL = 25
_VALUE = 40
_WIDE = 110
_LEAST = 12
"""Cells that examples of values get at least."""
_TYPE = 4


def show_columns(profile: TableProfile, most: int) -> None:
    """Print at most so many columns, one a line, as wide as the terminal allows."""
    is_wide = OUT.width >= _WIDE
    listed = grid(
        ("#", 5),
        ("column", 30 if is_wide else 18),
        ("filled", 6),
        ("distinct", 10),
        ("type", 30 if is_wide else 15),
        *([("length", 11)] if is_wide else []),
        ("values", OUT.width),
    )
    rows = [_column_row(column, profile.rows, is_wide=is_wide) for column in profile.columns[:most]]
    _fit(listed, rows)
    for row, column in zip(rows, profile.columns, strict=False):
        cells = [Text(text) for text in row]
        cells[_TYPE].stylize(WARN if _is_doubtful(column) else "")
        listed.add_row(*cells)
    OUT.print(listed)
    if len(profile.columns) > most:
        say_text(
            f"and {len(profile.columns) - most:,} more columns; --columns lists more of them", DIM, indent=2
        )


def _column_row(column: ColumnProfile, rows: int, *, is_wide: bool) -> list[str]:
    length = [_range(column.shortest, column.longest)] if is_wide else []
    return [
        str(column.number),
        shown(column.header, 200),
        _share(column.filled, rows),
        _different(column),
        _type(column),
        *length,
        " · ".join(_counted(column)),
    ]


def _fit(grid: Table, rows: list[list[str]]) -> None:
    """Give every column what its cells need, and the last one what is left: Rich alone would starve the others."""
    for place, column in enumerate(grid.columns[:-1]):
        needed = max(cell_len(text) for text in (str(column.header), *(row[place] for row in rows)))
        column.width = min(column.max_width or needed, needed)
    taken = sum(column.width or 0 for column in grid.columns[:-1]) + 3 * len(grid.columns)
    room = max(_LEAST, OUT.width - taken)
    for row in rows:
        if cell_len(row[-1]) > room:
            row[-1] = set_cell_size(row[-1], room - 1).rstrip() + "…"


def _share(part: int, whole: int) -> str:
    if not whole or part in {0, whole}:
        return "all" if part else "none"
    return f"{min(99, max(1, round(100 * part / whole)))}%"


def _different(column: ColumnProfile) -> str:
    if column.distinct > 1 and column.distinct == column.filled:
        return "unique"
    return f"{column.distinct:,}" if column.filled else ""


def _type(column: ColumnProfile) -> str:
    if column.type is ValueType.EMPTY:
        return ""
    return f"{column.type.value}, {column.format}" if column.format else column.type.value


def _is_doubtful(column: ColumnProfile) -> bool:
    return "AMBIGUOUS" in column.format or "MIXED" in column.format


def _range(shortest: int, longest: int) -> str:
    return str(longest) if shortest == longest else f"{shortest}-{longest}"


def _counted(column: ColumnProfile) -> Iterator[str]:
    for each in column.top:
        yield shown(each.value, _VALUE) + (f" ({each.rows:,})" if each.rows > 1 else "")


def show_unusual(profile: TableProfile) -> None:
    """Print what is unusual, by column, with the first examples and their rows."""
    found = [(column, unusual) for column in profile.columns for unusual in column.unusual]
    if not found:
        return
    say_text(Text("unusual values", style=WARN), indent=2)
    for column, unusual in found[:_UNUSUAL]:
        says = f"{shown(column.header, 30)}: {unusual.kind.value}, {unusual.rows:,} row{'' if unusual.rows == 1 else 's'}: "
        say_text(Text(says).append(", ".join(_examples(unusual)), style=DIM), indent=4)
    if (left := len(found) - _UNUSUAL) > 0:
        say_text(f"and {left} more kinds; --json has them all", DIM, indent=4)


def _examples(unusual: Unusual) -> Iterator[str]:
    for each in unusual.examples:
        rows = f"row {each.row:,}" if each.rows == 1 else f"row {each.row:,} and {each.rows - 1:,} more"
        yield f"“{shown(each.value, _VALUE)}” in {rows}"
    if unusual.values > len(unusual.examples):
        yield "…"
