"""What crosses the line between the process that reads and the one that asked: plain data, as JSON.

Nothing here can run code when it is taken in, so a reader that a file has taken over cannot take over its
parent.  Keep out: sockets and processes.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, TypeAdapter

from aformity_pipelines.intake.reading import Reading
from aformity_pipelines.intake.refusal import Question

ANSWER_BYTES = 64 << 20
"""The longest answer that is passed on."""


class Exhausted(StrEnum):
    """What a reading used up."""

    MEMORY = "memory"
    CPU = "cpu"
    WALL = "wall"
    WRITTEN = "written"
    DEPTH = "depth"
    """Values nested in values, deeper than the reader can follow."""
    DISK = "disk"
    """The room on the disk: no fault of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The file was read."""

    reading: Reading
    kind: Literal["read"] = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """There is not even a best guess: what NotUnderstood carries."""

    file_name: str
    questions: tuple[Question, ...]
    kind: Literal["asks"] = "asks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuses:
    """The reader refuses the file: the message of DeliveryRefused."""

    message: str
    kind: Literal["refuses"] = "refuses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagrees:
    """Two readers disagree: the message of ReadersDisagree."""

    message: str
    kind: Literal["disagrees"] = "disagrees"


@dataclass(frozen=True, slots=True, kw_only=True)
class RanOut:
    """The reader noticed itself that it ran out of something."""

    of: Exhausted
    kind: Literal["ran_out"] = "ran_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An error that no reader expects.  Its message may hold a customer's values and stays behind."""

    error: str  # the name of its type
    frames: tuple[str, ...]  # `file:line in function`, the innermost last
    kind: Literal["failed"] = "failed"

    @property
    def is_panic(self) -> bool:
        """Whether a library written in Rust gave up."""
        return self.error == "PanicException"


Answer = Read | Asks | Refuses | Disagrees | RanOut | Failed
"""What a reader says about a file, if it lives to say it."""

ANSWER: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Discriminator("kind")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the process that read came to its end, as the process that watched it saw it."""

    signal: int = 0  # 0: it ended by itself
    exit_code: int = 0
    exhausted: Exhausted | None = None  # the limit that it met, as far as that can be seen from outside
    peak_memory: int = 0  # bytes resident at once, at most
    cpu_seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Whether the process said everything that it had to say."""
        return not self.signal and not self.exit_code and self.exhausted is None


ENDED = TypeAdapter(Ended)
