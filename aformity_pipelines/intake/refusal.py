"""How intake says no: the file may not be taken in, a person must say how to read it, or we are at fault.

Keep out: deciding when.  These are not findings: no row exists yet.
"""

from dataclasses import dataclass


class DeliveryRefused(Exception):
    """The file cannot be taken in as it lies there; the message says why and what to do."""


class ReadersDisagree(Exception):
    """Two readers of one file count its records differently: a fault of ours, never of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing about a file that only a person can settle."""

    what: str  # what was seen: where, how many, an example
    answer: str  # what to do about it; mostly the line to put into defs.yaml


class NotUnderstood(Exception):
    """A file that intake will not guess about.  Carries every question at once."""

    def __init__(self, file_name: str, questions: tuple[Question, ...]) -> None:
        self.file_name = file_name
        self.questions = questions
        super().__init__("\n".join(f"{file_name}: {q.what}; {q.answer}" for q in questions))


def put_format(**hints: str | int) -> str:
    """Return the advice to put these format hints into defs.yaml, quoted so that YAML reads them right."""
    shown = ", ".join(
        f"{key}: {value if isinstance(value, int) else _quoted(value)}" for key, value in hints.items()
    )
    return f"put `format: {{{shown}}}` under the source in defs.yaml"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'
