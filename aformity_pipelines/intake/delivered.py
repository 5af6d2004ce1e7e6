"""Read a registered delivery, or any file, without opening it here: the reading happens in another process.

Keep out: how a format is read, and what the file was sent for.
"""

from dataclasses import replace
from pathlib import Path

from aformity_pipelines.domain.delivery import Delivery, FormatHints
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable, Reading, largest_of
from aformity_pipelines.intake.refusal import (
    DeliveryAltered,
    NotUnderstood,
    Question,
    QuestionKind,
    put_format,
)

_SHOWN = 9


def read_delivery(delivery_copy: Path, hints: FormatHints, *, delivery: Delivery, into: Path) -> RawTable:
    """Read the one table that `hints` leave of the delivery's immutable copy, into the folder `into`.

    Raises NotUnderstood for what a person must settle, DeliveryAltered for a copy that is no longer what was
    registered, DeliveryRefused for a file that is broken or costs too much, ReadersDisagree for a fault of ours.
    """
    if sha256_of(delivery_copy) != delivery.sha256:
        raise DeliveryAltered(
            f"{delivery_copy}: is not what was registered; restore it and register it again"
        )
    job = Job(
        file=delivery_copy,
        name=delivery.file_name,
        hints=hints,
        into=into,
        row_id_prefix=delivery.row_id_prefix(),
    )
    table = one_table(read_contained(job))
    return replace(table, headers=hints.meant(table.headers)) if hints.renamed else table


def one_table(reading: Reading) -> RawTable:
    """Return the only table of a file that nothing is asked about; raises NotUnderstood otherwise."""
    questions = reading.questions
    if len(reading.tables) != 1:
        questions = (*questions, _which_table(reading))
    if questions:
        raise NotUnderstood(reading.file_name, questions)
    return reading.tables[0]


def _which_table(reading: Reading) -> Question:
    tables = reading.tables
    shown = "; ".join(_shown(table) for table in tables[:_SHOWN])
    more = f"; and {len(tables) - _SHOWN} more" if len(tables) > _SHOWN else ""
    proposal = _pointing_at(largest_of(tables), tables) if tables else FormatHints()
    answer = f"{put_format(**proposal.model_dump(exclude_defaults=True))} with the right one"
    if len({(one.member, one.sheet, one.headers, one.dialect.format) for one in tables}) == 1:
        answer += (
            "; if they are one table whose header stands again and again, `header_repeats: true` instead"
        )
    return Question(
        kind=QuestionKind.TABLE,
        what=f"the file holds {len(tables)} tables ({shown}{more})",
        answer=answer,
        proposal=proposal,
    )


def _shown(table: RawTable) -> str:
    name = f"{table.number}: {table.name}" if table.member or table.sheet else table.name
    records = f"{table.rows:,} record{'' if table.rows == 1 else 's'}"
    return f"{name}, {records} from row {table.first_row} on" if table.first_row else f"{name}, no record"


def _pointing_at(meant: RawTable, tables: tuple[RawTable, ...]) -> FormatHints:
    """Return the hints that single out one of `tables`, by its file and sheet as far as these tell them apart."""
    beside = tuple(one for one in tables if (one.member, one.sheet) == (meant.member, meant.sheet))
    return FormatHints(
        member=meant.member if len({one.member for one in tables}) > 1 else None,
        sheet=meant.sheet if len({one.sheet for one in tables if one.member == meant.member}) > 1 else None,
        table=beside.index(meant) + 1 if len(beside) > 1 else None,
    )
