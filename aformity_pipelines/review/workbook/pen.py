"""What a workbook is written with: its sheets, its formats, and the lists that drop-downs take their words from.

Keep out: what is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import xlsxwriter
from xlsxwriter.format import Format

from aformity_pipelines.files.exact_sheet import ExactSheet, Worksheet
from aformity_pipelines.review.workbook.layout import letters
from aformity_pipelines.review.workbook.shape import LISTS

_INK, _PAPER, _BAND, _EDGE = "#1F2A37", "#FFFBEA", "#E8EDF3", "#C9D1DA"


@dataclass(slots=True)
class Pen:
    """The workbook being written, its formats, and the lists that drop-downs take their words from."""

    workbook: xlsxwriter.Workbook
    formats: dict[str, Format] = field(default_factory=dict)
    lists: dict[tuple[str, ...], int] = field(default_factory=dict)

    def sheet(self, name: str) -> Worksheet:
        """Return a new sheet; its rows are written from the top, each once."""
        return self.workbook.add_worksheet(name, worksheet_class=ExactSheet)

    def format(self, name: str, **properties: object) -> Format:
        """Return the format of this name, made once."""
        if name not in self.formats:
            base = {
                "font_name": "Calibri",
                "font_size": 10,
                "valign": "top",
                "text_wrap": True,
                "num_format": "@",
            }
            self.formats[name] = self.workbook.add_format({**base, **properties})
        return self.formats[name]

    def title(self) -> Format:
        """Return the format of the title of the first sheet."""
        return self.format("title", bold=True, font_size=18, font_color=_INK, text_wrap=False)

    def header(self) -> Format:
        """Return the format of headers of columns."""
        return self.format(
            "header", bold=True, font_color="#FFFFFF", bg_color=_INK, border=1, border_color=_EDGE
        )

    def shown(self) -> Format:
        """Return the format of what is shown."""
        return self.format("shown", border=1, border_color=_EDGE)

    def heading(self) -> Format:
        """Return the format of the line that a finding begins with."""
        return self.format("heading", bold=True, bg_color=_BAND, border=1, border_color=_EDGE)

    def answer(self) -> Format:
        """Return the format of what a reviewer fills in."""
        return self.format("answer", locked=False, bg_color=_PAPER, border=1, border_color=_EDGE)

    def day(self) -> Format:
        """Return the format of a date that a reviewer fills in."""
        return self.format(
            "day", locked=False, bg_color=_PAPER, border=1, border_color=_EDGE, num_format="yyyy-mm-dd"
        )

    def choices(self, words: Sequence[str]) -> str:
        """Return the reference to a list of words on the hidden sheet."""
        column = letters(self.lists.setdefault(tuple(words), len(self.lists)) + 1)
        return f"='{LISTS}'!${column}$1:${column}${len(words)}"
