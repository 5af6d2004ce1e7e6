"""Exception workbooks in memory: findings with a few rows, ready to be written and read back."""

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.migration import LogHead
from aformity_pipelines.intake.contained.answers import Read, Refuses
from aformity_pipelines.intake.contained.child import answer_about
from aformity_pipelines.intake.job import Job
from aformity_pipelines.review.workbook.choices import choices_of
from aformity_pipelines.review.workbook.grid import Cell, Grid
from aformity_pipelines.review.workbook.seal import Sealer
from aformity_pipelines.review.workbook.shape import Block, Book, FieldLine, Line, ReviewerSheet
from aformity_pipelines.review.workbook.write import write_book

KEY = bytes(range(32))
SEALER = Sealer(key=KEY)
KINDS = (
    *("value_corrected", "risk_accepted", "rows_deferred", "rows_excluded"),
    *("follow_up_opened", "merge_approved", "merge_refused", "rule_waived"),
)


def block(
    number: int, *values: str, rule: str = "contact.email.format", kinds: tuple[str, ...] = KINDS
) -> Block:
    """A finding about e-mail addresses; one row for each value."""
    code = f"f{number}"
    return Block(
        code=code,
        finding=f"mapped/contact/{rule}" if number == 1 else f"mapped/contact/{rule}_{number}",
        subject="contact",
        rule=rule,
        choices=choices_of(kinds, fields={"email": "Email"}, later_waves=("wave_2",), follow_up=None),
        shown=("First login", "Contacts", f"{len(values)} rows", "Every contact has an address.", "", "Soon"),
        lines=tuple(
            Line(
                code=f"{code}.{place}",
                key=f"people:p{place}",
                row=f"people@aa#{place:07d}",
                evidence=f"{place:064x}",
                shown=(f"p{place}", "people.csv", str(place + 1), "Email", value, ""),
            )
            for place, value in enumerate(values, start=1)
        ),
    )


def book(*blocks: Block, **changes: Any) -> Book:
    """A workbook for Hanna, who is the only reviewer."""
    whole = Book(
        slug="tiny",
        customer="Tiny Traders",
        wave="wave_1",
        launches_on=date(2027, 1, 1),
        as_of=date(2026, 11, 20),
        head=LogHead(seq=3, sha256="c" * 64),
        people={"Hanna Vogt": "hanna", "Sam Lee": "sam"},
        approvers=("Hanna Vogt",),
        due=date(2026, 12, 1),
        sheets=(ReviewerSheet(name="Hanna Vogt", person="hanna", blocks=blocks),),
        field_map=(
            FieldLine(
                code="m1",
                entity="contact",
                name="people/main/email",
                evidence="d" * 64,
                shown=(
                    "People: Mail",
                    "Contact: Email",
                    "How we reach them.",
                    "As it is",
                    "a@b.example",
                    "a@b.example",
                    "Not approved",
                ),
            ),
        ),
    )
    return dataclasses.replace(whole, **changes)


def written(whole: Book, path: Path) -> Path:
    """Write a workbook and return where it is."""
    write_book(whole, SEALER, path)
    return path


def grids(path: Path, into: Path) -> dict[str, Grid]:
    """Return the cells of every sheet as intake's reader gives them, without a process of its own."""
    into.mkdir(exist_ok=True)
    answer = answer_about(
        Job(file=path, name=path.name, hints=FormatHints(), into=into, row_id_prefix="", as_cells=True)
    )
    assert not isinstance(answer, Refuses), answer.message
    assert isinstance(answer, Read), answer
    found = {}
    for table in answer.reading.tables:
        rows = pl.read_parquet(table.parquet).rows()
        found[table.sheet or ""] = {
            (row, column): Cell(text=text or "", is_turned=stored is not None, is_formula=formula)
            for row, column, text, stored, formula in rows
        }
    return found
