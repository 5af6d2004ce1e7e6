"""How intake says no: the file may not be taken in, a person must say how to read it, or we are at fault.

Keep out: deciding when.  These are not findings: no row exists yet.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from aformity_pipelines.domain.delivery import FormatHints


class DeliveryRefused(Exception):
    """The file cannot be taken in as it is; the message says why and what to do."""


class NoTable(DeliveryRefused):
    """The file is of a kind that intake does not read, or empty: what it is, and what to send instead.

    `question` says the same where the file is one of several.
    """

    def __init__(self, file_name: str, what: str, answer: str) -> None:
        self.question = Question(kind=QuestionKind.TABLE, what=f"the file {what}", answer=answer)
        super().__init__(f"{file_name}: {what}; {answer}")


class DeliveryAltered(DeliveryRefused):
    """Our copy is no longer what was registered: nothing that the customer could put right."""


class ReadersDisagree(Exception):
    """Two readers of one file find different records in it: a fault of ours, never of the file."""


class QuestionKind(StrEnum):
    """What is asked."""

    ENCODING = "encoding"
    DIALECT = "dialect"
    HEADER = "header"
    TABLE = "table"
    """Which of several tables, sheets or files is meant."""
    RECORDS = "records"
    """Whether what most records have in common is their shape: short rows, notes below, repeated headers."""
    PATHS = "paths"
    """Which nested values become which columns."""
    RENAMED = "renamed_column"
    """Whether a column that is missing is the one that another name stands over by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing about a file that only a person can settle."""

    kind: QuestionKind
    what: str  # what was seen: where, how many, an example
    answer: str  # what to do about it; mostly the line to put into defs.yaml
    proposal: FormatHints = field(
        default_factory=FormatHints
    )  # the hints that settle it as the best guess does
    """Only what this question is about; empty where a person must ask for another file."""
    shown: str = ""  # `what` without any value of the file; empty: the words of its kind will do


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
    shown = "".join(f"\\x{ord(sign):02x}" if sign < " " or sign == "\x7f" else sign for sign in escaped)
    return f'"{shown}"'
