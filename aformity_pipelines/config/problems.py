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
SIGNED_IN = re.compile(r"://|\w:(?![\s/])")
"""What stands before a name and password, or before a password: either goes up to the last `@`."""
ASKED = re.compile(r"(?<=\?)[^\s\"']+")
"""What an address ends in, where keys to a place stand."""
HIDDEN = "•"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that a person has to put right."""

    path: str  # relative to the project's root, with forward slashes
    line: int = 0  # from 1; 0 where the file as a whole is meant
    column: int = 0  # from 1; 0 where the line as a whole is meant
    says: str
    do: str

    def __post_init__(self) -> None:
        """Keep no name and password of an address: what a person wrote is quoted, and printed anywhere."""
        object.__setattr__(self, "says", without_secrets(self.says))
        object.__setattr__(self, "do", without_secrets(self.do))

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
        f"  {number:>{width}} | {_printable(without_secrets(lines[number - 1]), start)}".rstrip()
        for number in range(first, problem.line + 1)
    ]
    if problem.column:
        excerpt.append(f"  {'':>{width}} | {' ' * (problem.column - 1 - start + (1 if start else 0))}^")
    return "\n".join([problem.headline(), *excerpt])


def without_secrets(line: str) -> str:
    """Return a line as long as before, without the names, passwords and keys of the addresses in it."""
    signed, at, rest = line.rpartition("@")
    if found := SIGNED_IN.search(signed):
        signed = signed[: found.end()] + HIDDEN * (len(signed) - found.end())
    before, place, asked = f"{signed}{at}{rest}".partition("://")
    return before + place + ASKED.sub(lambda keys: HIDDEN * len(keys[0]), asked)


def likely(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return at most two of the known names that a name like them may stand for, the closest first."""
    folded: dict[str, str] = {name.casefold(): name for name in sorted(set(known), reverse=True)}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=2, cutoff=0.6)
    return tuple(folded[name] for name in close)


def did_you_mean(word: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """Return the advice for a name that nobody knows: the closest known ones, else `otherwise`.

    Without `otherwise`, the advice lists what is known.
    """
    names = sorted(set(known))
    if close := likely(word, names):
        return f"did you mean {' or '.join(map(repr, close))}?"
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
