"""Read a registered delivery, or any file, without opening it here: the reading happens in another process.

Keep out: how a format is read, and what the file was sent for.
"""

from pathlib import Path

from aformity_pipelines.domain.delivery import Delivery, FormatHints
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable, Reading
from aformity_pipelines.intake.refusal import (
    DeliveryRefused,
    NotUnderstood,
    Question,
    QuestionKind,
    put_format,
)


def read_delivery(delivery_copy: Path, hints: FormatHints, *, delivery: Delivery, into: Path) -> RawTable:
    """Read the one table that `hints` leave of the delivery's immutable copy, into the folder `into`.

    Raises NotUnderstood for what a person must settle, DeliveryRefused for a copy that is no longer what was
    registered, is broken or costs too much, ReadersDisagree for a fault of ours.
    """
    if sha256_of(delivery_copy) != delivery.sha256:
        raise DeliveryRefused(
            f"{delivery_copy}: is not what was registered; restore it and register it again"
        )
    job = Job(
        file=delivery_copy,
        name=delivery.file_name,
        hints=hints,
        into=into,
        row_id_prefix=delivery.row_id_prefix(),
    )
    return one_table(read_contained(job))


def one_table(reading: Reading) -> RawTable:
    """Return the only table of a file that nothing is asked about; raises NotUnderstood otherwise."""
    questions = reading.questions
    if len(reading.tables) != 1:
        questions = (*questions, _which_table(reading))
    if questions:
        raise NotUnderstood(reading.file_name, questions)
    return reading.tables[0]


def _which_table(reading: Reading) -> Question:
    shown = "; ".join(
        f"{table.number}: {table.name}, {table.rows} records from row {table.first_row} on"
        for table in reading.tables[:9]
    )
    return Question(
        kind=QuestionKind.TABLE,
        what=f"the file holds {len(reading.tables)} tables ({shown})",
        answer=f"{put_format(table=1)} with the right one",
        proposal=FormatHints(table=1),
    )
