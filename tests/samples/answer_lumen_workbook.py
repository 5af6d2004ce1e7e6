"""Writes the exception workbook of `lumen_labs` as its reviewers send it back, `story/answered_2026-11-09.xlsx`.

    python -m tests.samples.answer_lumen_workbook

The story is played as far as the export, the workbook is exported, and Nadia and Tomas fill in their answers; nothing
else in it changes.  To be run again when the workbook's form or the data behind it changes.
"""

import sys
import tempfile
from datetime import date
from pathlib import Path

from aformity_pipelines.stages.open_findings import open_findings
from aformity_pipelines.stages.review_export import export_book
from tests.builders.reviewer import ANSWER, NEW_VALUE, REASON, filled, opened
from tests.golden.playing import played

SLUG = "lumen_labs"
AS_OF = date(2026, 11, 9)
STEPS_BEFORE = 2
ANSWERED = Path(__file__).parents[2] / "customers" / SLUG / "story" / "answered_2026-11-09.xlsx"
ADMIN, SCRIPT = (
    "They run the workspace; Superuser was the old CRM's word for it.",
    ("It is a script that copied addresses between two systems; both are switched off."),
)
PRICES = "Their prices are being renegotiated, and an invoice on the wrong plan is worse than a late one."
ANSWERS = {
    "jo.keller@lumenlabs.example": ("Correct Role to …", "Admin", ADMIN),
    "sam.okafor@lumenlabs.example": ("Correct Role to …", "Admin", ADMIN),
    "legacy-sync@lumenlabs.example": ("Leave out", "", SCRIPT),
    "S-10019": ("Launch with wave_2", "", PRICES),
    "S-10088": ("Launch with wave_2", "", PRICES),
    "S-10171": ("Launch with wave_2", "", PRICES),
}
"""Key of a row, as the sheet shows it -> answer, new value, reason."""


def export(into: Path) -> Path:
    """Play the story as far as the workbook goes out, and return it."""
    story = played(SLUG, into, steps=STEPS_BEFORE)
    workbook = into / "exported.xlsx"
    with story.opened(AS_OF) as run:
        export_book(run, open_findings(run), workbook)
    return workbook


def answer(workbook: Path) -> None:
    """Fill in what the reviewers answer."""
    with opened(workbook, workbook.with_suffix(".read.xlsx")) as book:
        shown = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    for title, rows in shown.items():
        cells = {}
        for number, row in enumerate(rows, start=1):
            given = ANSWERS.get(str(row[1]) if len(row) > 1 else "")
            if given is not None:
                for column, text in zip((ANSWER, NEW_VALUE, REASON), given, strict=True):
                    cells |= {f"{column}{number}": text} if text else {}
        if cells:
            filled(workbook, title, cells)


def main() -> int:
    """Write the answered workbook."""
    with tempfile.TemporaryDirectory() as folder:
        workbook = export(Path(folder) / "project")
        answer(workbook)
        ANSWERED.write_bytes(workbook.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
