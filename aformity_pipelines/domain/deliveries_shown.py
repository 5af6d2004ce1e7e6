"""What a person is shown of a source's deliveries: each file that came, and two of them row by row.

Cells of persons are tokens by the time they stand here.  Keep out: how it is found.
"""

from datetime import date

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.redelivery import RowChange


class DeliveryShown(Document):
    """One file of one source, as often as it was registered."""

    source: str
    file: str
    received_on: date
    received_by: str
    size: int
    """In bytes."""
    sha256: str
    is_again: bool
    """Whether it was registered before: somebody went back to it."""
    state: str
    """`counts`, `waits`, `new` (registered and not read yet) or `before`."""
    built: tuple[str, ...] = ()
    """The published versions that were made from it, such as `wave_1/v0008-4a873acd`."""


class CellShown(Document):
    """One cell of a row that is another one now; None where there was nothing."""

    header: str
    before: str | None
    now: str | None


class RowShown(Document):
    """One row that came, went or changed."""

    key: str
    change: RowChange
    before_row: str | None
    """Row id in the delivery before, or in the one that held it last."""
    row: str | None
    cells: tuple[CellShown, ...] = ()
    """Of a changed row, the cells that differ."""


class RowsShown(Document):
    """The first rows that differ, and how many there are."""

    rows: tuple[RowShown, ...]
    total: int
