"""Problems: what is wrong in a file that a person wrote, where, and what to do about it.

Words and places only.  How a problem is found belongs to the readers and checks beside this module.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

LINE_ENDS = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML counts as the end of a line."""
EXCERPT_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that a person has to put right."""

    path: str  # relative to the project's root, with forward slashes
    line: int = 0  # from 1; 0 where the file as a whole is meant
    column: int = 0  # from 1; 0 where the line as a whole is meant
    says: str
    do: str

    def headline(self) -> str:
        """Return the problem in one line: `path:line: what is wrong; what to do`."""
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.says}; {self.do}"


class ConfigInvalid(Exception):
    """Files that a person wrote do not make sense; carries every problem, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(problem.headline() for problem in self.problems))


def render(problem: Problem, text: str) -> str:
    """Return the headline and, below it, the lines of `text` that it is about with a caret.

    `text` is the whole file; an empty text (or a problem without a line) gives the headline alone.
    """
    lines = LINE_ENDS.split(text)
    if not problem.line or not text or problem.line > len(lines):
        return problem.headline()
    width = len(str(problem.line))
    first = max(1, problem.line - 1)
    start = _window_start(problem.column)
    excerpt = [
        f"  {number:>{width}} | {_printable(lines[number - 1], start)}".rstrip()
        for number in range(first, problem.line + 1)
    ]
    if problem.column:
        excerpt.append(f"  {'':>{width}} | {' ' * (problem.column - 1 - start + (1 if start else 0))}^")
    return "\n".join([problem.headline(), *excerpt])


def did_you_mean(word: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """Return the advice for a name that nobody knows: the closest known ones, else `otherwise`.

    Without `otherwise`, the advice lists what is known.
    """
    names = sorted(set(known))
    folded: dict[str, str] = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=2, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(folded[name]) for name in close)}?"
    if otherwise is not None:
        return otherwise
    return f"known are {listed(names)}" if names else "none is known here"


def listed(words: Iterable[str], most: int = 20) -> str:
    """Return the words as a person lists them: quoted, with commas, at most `most` of them."""
    quoted = [repr(word) for word in words]
    more = [f"and {len(quoted) - most} more"] if len(quoted) > most else []
    return ", ".join([*quoted[:most], *more])


def _window_start(column: int) -> int:
    """Return how many characters of a very long line stand left of the excerpt."""
    return max(0, column - EXCERPT_WIDTH // 2) if column > EXCERPT_WIDTH else 0


def _printable(line: str, start: int) -> str:
    """Return one line of an excerpt: cut to width, what a terminal would interpret made visible."""
    shown = "".join(char if char.isprintable() else " " if char == "\t" else "\ufffd" for char in line)
    cut = shown[start : start + EXCERPT_WIDTH]
    return ("…" if start else "") + cut + ("…" if len(shown) > start + EXCERPT_WIDTH else "")
