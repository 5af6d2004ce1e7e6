"""Files that wait, as the launch record shows them: unresolved work about a whole file, whose rows nobody can count yet."""

from datetime import date

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person


class AskedOfFile(Document):
    """One question about how a file is read, without any value of it."""

    says: str
    proposal: str = ""
    """The best guess in words; empty where there is none."""


class WaitingFile(Document):
    """A file that came and was not taken in: somebody must answer, or send another one.  Always with an owner and a date."""

    source: str
    says: str
    file: str
    sha256: str
    received_on: date
    received_by: str
    owner: Person
    due: date
    is_overdue: bool
    asks: tuple[AskedOfFile, ...]
    refused: str = ""
    """Why no answer would help; empty where questions stand."""
    entities: tuple[str, ...] = ()
    """Entities that wait with it."""
    next_step: str = Setting(min_length=1)
