"""How answers look: one JSON document for programs, tables and short lines for people."""

import json
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

PIPED = 160
"""Columns of a table that no terminal bounds."""

OUT = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED)
ERR = Console(stderr=True, highlight=False)


def put_json(document: object) -> None:
    """Print a document as JSON on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def say(text: str, style: str | None = None) -> None:
    """Print a line for people; nothing in it is markup."""
    OUT.print(visible(text), style=style, markup=False, soft_wrap=True)


def put_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; columns whose cells are all numbers stand right."""
    cells = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(columns):
        is_number = bool(cells) and all(isinstance(row[place], int) for row in cells)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in cells:
        table.add_row(*(escape(visible(str(cell))) for cell in row))
    if title:
        say(title, style="italic")  # as a title of the table, it would wrap to the table's width
    OUT.print(table)


def visible(text: str) -> str:
    """Return a text without characters that a terminal would obey."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)
