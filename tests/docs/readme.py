"""The README as a reader uses it: the commands it shows and what it says they print."""

import re
from dataclasses import dataclass

from tests.architecture.sources import ROOT

LEFT_OUT = "…"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One command of the tour and the lines that it is said to print; `…` stands for any that are left out."""

    command: str
    lines: tuple[str, ...]

    def missing_from(self, printed: str) -> str:
        """Return the first shown line that is not in `printed`, or not in its place; nothing if all are."""
        rest = iter([_plain(line) for line in printed.splitlines()])
        for line in self.lines:
            if line != LEFT_OUT and _plain(line) not in rest:
                return line
        return ""


def text() -> str:
    """Return the README."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> tuple[str, ...]:
    """Return the fenced blocks of one language."""
    return tuple(body for name, body in BLOCK.findall(text()) if name == language)


def tour() -> tuple[Shown, ...]:
    """Return the commands that the README shows together with their output."""
    lines = [line for block in blocks("console") for line in block.splitlines()]
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    ends = [*starts[1:], len(lines)]
    return tuple(
        Shown(command=lines[start].removeprefix("$ "), lines=tuple(lines[start + 1 : end]))
        for start, end in zip(starts, ends, strict=True)
    )


def commands() -> tuple[str, ...]:
    """Return every command line of the README, without its comment."""
    typed = [line for block in blocks("sh") for line in block.splitlines()]
    lines = [
        *typed,
        *(shown.command for shown in tour()),
        *re.findall(r"`((?:aformity|make) [^`]+)`", text()),
    ]
    return tuple(line.partition("#")[0].strip() for line in lines)


def _plain(line: str) -> str:
    return " ".join(line.split())
