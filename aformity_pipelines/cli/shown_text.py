"""Customers' texts on a terminal: in one line, cut, and nothing in them obeyed or hidden.

Keep out: what is shown.
"""

from rich import box
from rich.table import Table
from rich.text import Text

from aformity_pipelines.cli.output import OUT

WARN = "yellow"
DIM = "dim"
_NUMBERS = {"#", "table", "rows", "columns", "filled", "distinct", "rejected"}


def shown(text: str, most: int = 60) -> str:
    """Return a text in one line and at most `most` characters; what a terminal would obey or hide is a token."""
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(_visible(char) for char in cut)


def _visible(char: str) -> str:
    if char in "\n\r\t":
        return {"\n": "⏎", "\r": "␍", "\t": "⇥"}[char]
    if char == " " or (char.isprintable() and not "\u0300" <= char <= "\u036f"):
        return char
    return char if "\u0300" <= char <= "\u036f" else f"⟦U+{ord(char):04X}⟧"


def say_text(text: str | Text, style: str = "", *, indent: int = 0) -> None:
    """Print one line, `indent` blanks in front; nothing in it is markup."""
    said = Text(text, style=style) if isinstance(text, str) else text
    OUT.print(Text(" " * indent).append_text(said), soft_wrap=True)


def say_beside(lead: Text, text: str, *, indent: int = 0) -> None:
    """Print a lead and a text in one line; on a terminal too narrow for it the text stays beside the lead."""
    room = OUT.width - indent - lead.cell_len
    lines = Text(text).wrap(OUT, room) if OUT.is_terminal and room > 0 else [Text(text)]
    for number, line in enumerate(lines):
        say_text((Text(" " * lead.cell_len) if number else lead.copy()).append_text(line), indent=indent)


def say_facts(*facts: tuple[str, str]) -> None:
    """Print names and what they are, one pair a line."""
    for name, value in facts:
        say_text(Text(f"{name:<12}", style=DIM).append(value), indent=2)


def grid(*columns: tuple[str, int]) -> Table:
    """Return a table without rows: (name, most cells wide) of each column."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for name, most in columns:
        is_number = name in _NUMBERS
        table.add_column(
            name,
            justify="right" if is_number else "left",
            overflow="fold" if name == "type" else "ellipsis",
            no_wrap=name != "type",
            max_width=most,
        )
    return table
