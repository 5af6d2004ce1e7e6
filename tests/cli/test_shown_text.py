"""How texts of customers are laid out on a terminal."""

from io import StringIO

import pytest
from rich.console import Console
from rich.text import Text

from aformity_pipelines.cli import shown_text

SAYS = "which row is the header is not clear"


def said(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> str:
    shown = StringIO()
    console = Console(file=shown, width=30, force_terminal=is_terminal, color_system=None)
    monkeypatch.setattr(shown_text, "OUT", console)
    shown_text.say_beside(Text("to settle: "), SAYS, indent=2)
    return shown.getvalue()


def test_a_long_text_stays_beside_its_lead_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.rstrip() for line in said(monkeypatch, is_terminal=True).splitlines()]
    assert lines == ["  to settle: which row is the", f"{'':13}header is not", f"{'':13}clear"]


def test_a_long_text_is_one_line_where_a_program_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, is_terminal=False) == f"  to settle: {SAYS}\n"
