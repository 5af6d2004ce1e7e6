"""The end of a text that is longer than its sample: the notes below its last table, by the rule of short texts.

Keep out: what lies between the start and the end; the reader sets apart what does not fit there.
"""

from dataclasses import replace
from pathlib import Path

from aformity_pipelines.intake.text import stretch
from aformity_pipelines.intake.text.layout import Region, regions_in
from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.records import walk
from aformity_pipelines.intake.text.sample import Record, Sample, records_of


def with_ending(region: Region, sample: Sample, grammar: Grammar, path: Path, start: int) -> Region:
    """Return the last table with the notes that end the text, if any, instead of what seemed notes where it was cut.

    Only where the text ends with notes is the whole of it walked over, to know their rows.
    """
    seen = (*region.body, *region.notes)
    opened = replace(region, body=seen, notes=(), blank_rows_below=False)
    records = _last_records(sample.tail, grammar, region.width)
    endings = regions_in(records, header_row=0)
    if len(endings) != 1 or not seen or grammar.comment:
        return opened
    (ending,) = endings
    if not ending.notes or not ending.body or any(note.is_broken for note in ending.notes):
        return opened
    whole = stretch.Region(width=region.width, first_row=seen[0].row, last_row=None)
    rows = sum(len(part) for part in walk(path, grammar, start=start, region=whole))
    shift = rows - records[-1].row
    last = ending.body[-1]
    return replace(
        opened,
        body=(*seen, replace(last, row=last.row + shift)),
        notes=tuple(replace(note, row=note.row + shift) for note in ending.notes),
        blank_rows_below=ending.blank_rows_below,
    )


def _last_records(tail: bytes, grammar: Grammar, width: int) -> tuple[Record, ...]:
    """Return the records from the first whole line of `tail` on."""
    _, _, whole = tail.partition(b"\n" if b"\n" in tail else b"\r")
    return tuple(records_of(whole, grammar, is_last=True, width=width))
