"""A workbook that came back, held against today: which answers can be recorded, and what is said of every other row.

The file comes from a stranger: it is copied, opened in the process that may die, and believed only under its seals.
Nothing is recorded here.  Keep out: what a sheet looks like, and what an answer means.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.job import Job
from aformity_pipelines.review.workbook.answers import review
from aformity_pipelines.review.workbook.drafting import Drafted, Drafting, draft
from aformity_pipelines.review.workbook.grid import Cell, Grid, table_of
from aformity_pipelines.review.workbook.remarks import Remark, Weight
from aformity_pipelines.review.workbook.returned import match
from aformity_pipelines.review.workbook.seal import Sealer
from aformity_pipelines.review.workbook.sealed import NotOurs, origin_of
from aformity_pipelines.review.workbook.shape import SEALS
from aformity_pipelines.stages.review_match import matches_of
from aformity_pipelines.stages.run import Run

FindingsOf = Callable[[Run], tuple[OpenFinding, ...]]
"""What lists the open findings of a run's wave."""


class WorkbookRefused(ValueError):
    """A workbook cannot be imported as it is; carries every reason, each with its cell."""

    def __init__(self, name: str, remarks: tuple[Remark, ...]) -> None:
        self.remarks = remarks
        lines = "\n".join(f"{name}: {each.words}" for each in remarks)
        super().__init__(f"{lines}\nNothing was recorded.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a workbook asks for, and what is said of the rest of it."""

    file: str
    sha256: str
    wave: str
    drafted: tuple[Drafted, ...]
    remarks: tuple[Remark, ...]

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """The decisions to be recorded, in the order of the sheets."""
        return tuple(each.draft for each in self.drafted)

    @property
    def refused(self) -> tuple[Remark, ...]:
        """The remarks for which the workbook is not imported as it is."""
        return tuple(each for each in self.remarks if each.weight is Weight.REFUSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A workbook as its cells."""

    name: str
    sha256: str
    sheets: Mapping[str, Grid]


def import_book(
    run: Run,
    path: Path,
    findings_of: FindingsOf,
    *,
    wave: str | None = None,
    by: str | None = None,
    skip_faulty: bool = False,
) -> Imported:
    """Return what the workbook at `path` asks to be recorded, for the wave that it was made for.

    Rows that are not any more what the workbook showed are left out and said.  Raises WorkbookRefused with every
    fault of an entry, unless `skip_faulty` leaves these out too, and for a workbook that is not ours;
    DeliveryRefused for a file that is none.  `by` is who decided, where it is not the reviewer of the sheet.
    """
    people = run.migration.customer.people
    if by is not None and by not in people:
        raise ValueError(f"--by {by!r} is not one of the customer's people; {did_you_mean(by, people)}")
    file = _read(run, path)
    sealer = Sealer(key=run.digest_key())
    try:
        origin = origin_of(table_of(file.sheets.get(SEALS, {})), sealer, slug=run.slug, wave=wave)
    except NotOurs as foreign:
        raise WorkbookRefused(file.name, (Remark(at="", weight=Weight.REFUSES, says=str(foreign)),)) from None
    run = replace(run, wave=origin.facts["wave"])
    returned = match(file.sheets, origin, sealer)
    reviewed = review(returned, origin, by=by, today=run.as_of)
    findings = {each.id: each for each in findings_of(run)}
    using = Drafting(
        returned=returned,
        matches=matches_of(run, origin, reviewed.answers, findings),
        findings=findings,
        people={key: person.name for key, person in people.items()},
        file=file.name,
        sha256=file.sha256,
        on=run.as_of.isoformat(),
        called={name: (each.label, each.plural) for name, each in run.migration.destination.entities.items()},
    )
    drafted, left_out = draft(reviewed.answers, using)
    remarks = (*returned.remarks, *reviewed.remarks, *left_out)
    imported = Imported(
        file=file.name,
        sha256=file.sha256,
        wave=run.wave,
        drafted=drafted,
        remarks=tuple(dict.fromkeys(remarks)),
    )
    if imported.refused and not skip_faulty:
        raise WorkbookRefused(file.name, imported.refused)
    return imported


def _read(run: Run, path: Path) -> _File:
    """Return the cells of every sheet; the file is copied first, so that what is hashed is what is read."""
    with _desk(run) as desk:
        copy = desk / "workbook.xlsx"
        shutil.copyfile(path, copy)
        job = Job(
            file=copy,
            name=path.name,
            hints=FormatHints(),
            into=desk / "cells",
            row_id_prefix="",
            as_cells=True,
        )
        reading = read_contained(job)
        sheets = {table.sheet or "": _grid(run, table.parquet) for table in reading.tables}
        return _File(name=path.name, sha256=sha256_of(copy), sheets=sheets)


@contextmanager
def _desk(run: Run) -> Iterator[Path]:
    """Yield a folder of the customer's own, which is gone afterwards with the values in it."""
    scratch = run.workspace.scratch(run.slug)
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="review-") as folder:
        yield Path(folder)


def _grid(run: Run, cells: Path) -> Grid:
    found = run.connection.execute(
        'select "row", "column", coalesce(text, \'\'), stored is not null, is_formula'
        f" from read_parquet({literal(str(cells))})"
    ).fetchall()
    return {
        (row, column): Cell(text=text, is_turned=turned, is_formula=formula)
        for row, column, text, turned, formula in found
    }
