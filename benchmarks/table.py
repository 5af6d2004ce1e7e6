"""What a benchmark reached, beside the floor that it should reach, as one line of a table."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure.  `floor` is the most that it may be, None where there is no floor."""

    measure: str
    reached: float
    unit: str  # "B", "x", "CPU s", "MiB"
    floor: float | None = None
    note: str = ""

    def text(self) -> str:
        """Return the line as it is printed."""
        floor = "" if self.floor is None else f"<= {self.floor:g}"
        missed = self.floor is not None and self.reached > self.floor
        return (
            f"{self.measure:<58} {floor:>8} {self.reached:>9.2f} {self.unit:<6}"
            f" {'MISSED ' if missed else ''}{self.note}".rstrip()
        )


def show(title: str, lines: Iterable[Line]) -> None:
    """Print a heading and its lines at once, so that a long run shows what it has."""
    print(f"\n{title}\n{'measure':<58} {'floor':>8} {'reached':>9} in")
    for line in lines:
        print(line.text(), flush=True)
