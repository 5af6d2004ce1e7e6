"""Markdown as text: a table and a page.  What the pages say belongs to the modules that make them."""

from collections.abc import Iterable, Sequence


def page(title: str, made_from: str, *parts: str) -> str:
    """Return a whole generated page, which says so in its first lines."""
    notice = f"Made from {made_from} by `make docs`; a test fails when this page is out of date."
    return "\n\n".join((f"# {title}", notice, *parts)).rstrip() + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a cell's bars and line breaks are kept from breaking it."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: object) -> str:
    """Return `text` in code type; nothing stays nothing."""
    return f"`{text}`" if str(text) else ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
