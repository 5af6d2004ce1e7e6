"""One line of the table: a corpus, what is measured, what must be reached, a naive reader's figure and ours."""

from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured figure; `holds` says whether it is at least what must be reached."""

    corpus: str
    measure: str
    floor: str
    naive: str  # with the reader's name: a reader that fails shows that the measure bites
    ours: str
    holds: bool
