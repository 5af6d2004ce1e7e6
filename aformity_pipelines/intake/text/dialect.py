"""The dialect of a delimited text: delimiter, quote, line end and header row, told or plain from its start.

Every candidate is tried on whole records with the strict grammar; if none or several fit, a person is asked.
Keep out: encodings, and reading past the sample.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.header import Row, doubts, first_table_row
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format
from aformity_pipelines.intake.text.records import Grammar, Stretch, split

CANDIDATES = (",", ";", "\t", "|")
SAMPLE_BYTES = 1 << 20
_LOOK_AHEAD = 50
"""Rows at the start whose cells are looked at to find the header."""
_UNUSUAL = "%^~#!$*=&:\x01\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to read a text: its grammar, its header and the row that a spreadsheet gives to the header."""

    grammar: Grammar
    header_row: int
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Trial:
    """What the sample looks like with one delimiter."""

    delimiter: str
    grammar: Grammar
    rows: tuple[Row, ...]  # the first rows (from the header on, if it was told), blank lines left out
    header: int | None  # index in `rows`
    width: int
    fitting: int  # records from the header on with the header's width
    others: int  # records from the header on with another width
    breaches: int

    def fits(self) -> bool:
        """Whether every record from the header on has the header's width, and titles are the lesser part."""
        return (
            self.header is not None and not self.others and not self.breaches and self.header < self.fitting
        )

    def nearly_fits(self) -> bool:
        """Whether most records fit, so that the others can be named as broken."""
        return self.header is not None and self.fitting > self.others + self.header


def plan(path: Path, hints: FormatHints, *, start: int, name: str) -> Plan:
    """Return how to read the UTF-8 text at `path` from byte `start` on; `name` is what messages call it.

    Raises NotUnderstood with what to put into defs.yaml where the hints and the text leave it open.
    """
    with path.open("rb") as opened:
        opened.seek(start)
        sample = opened.read(SAMPLE_BYTES)
        is_whole = not opened.read(1)
    quote = b'"' if hints.quote is None else hints.quote.encode()
    line_end = _first_line_end(sample, quote)
    delimiters = CANDIDATES if hints.delimiter is None else (hints.delimiter,)
    trials = []
    for delimiter in (d for d in delimiters if d.encode() != quote):
        grammar = Grammar(delimiter=delimiter.encode(), quote=quote, line_end=line_end)
        stretch, _ = split(sample, grammar, is_last=is_whole)
        if stretch is not None:
            trials.append(_try(delimiter, grammar, stretch, hints.header_row))
    if hints.header_row is None and not any(trial.rows for trial in trials):
        what = "no record in the first MiB: the file is blank, or a quote is never closed"
        raise NotUnderstood(
            name, (Question(kind=QuestionKind.DIALECT, what=what, answer="ask for the file again"),)
        )
    chosen = _choose(tuple(trials), hints, sample, name)
    return _plan_of(chosen, hints, name)


def _first_line_end(sample: bytes, quote: bytes) -> bytes:
    bytes_ = np.frombuffer(sample, dtype=np.uint8)
    is_end = (bytes_ == ord("\r")) | (bytes_ == ord("\n"))
    if quote:
        is_end &= ~np.logical_xor.accumulate(bytes_ == ord(quote))
    ends = np.flatnonzero(is_end)
    if not ends.size:
        return b"\n"
    first = int(ends[0])
    return b"\r\n" if sample[first : first + 2] == b"\r\n" else sample[first : first + 1]


def _try(delimiter: str, grammar: Grammar, stretch: Stretch, header_row: int | None) -> _Trial:
    filled = np.flatnonzero(~stretch.is_blank())
    widths = stretch.widths[filled]
    looked_at = filled[:_LOOK_AHEAD] if header_row is None else filled[filled >= header_row - 1][:_LOOK_AHEAD]
    rows = tuple((int(i) + 1, _cells(stretch.text(int(i)), grammar)) for i in looked_at)
    skipped = len(filled) - len(filled[filled >= looked_at[0]]) if looked_at.size else 0
    if header_row is not None:
        header = 0 if rows and rows[0][0] == header_row else None
        width = int(widths[skipped]) if header is not None else 0
    else:
        several = widths[widths > 1]
        width = int(np.bincount(several).argmax()) if several.size else 1
        header = first_table_row(rows, width)
    table = widths[skipped + header :] if header is not None else widths[:0]
    return _Trial(
        delimiter=delimiter,
        grammar=grammar,
        rows=rows,
        header=header,
        width=width,
        fitting=int(np.count_nonzero(table == width)),
        others=int(np.count_nonzero(table != width)),
        breaches=len(stretch.breaches),
    )


def _cells(record: str, grammar: Grammar) -> tuple[str, ...]:
    """Return the fields of one record; of a broken record, something to show."""
    pieces = record.split(grammar.delimiter.decode())
    quote = grammar.quote.decode()
    if not quote or quote not in record:
        return tuple(pieces)
    cells: list[str] = []
    is_open = False
    for piece in pieces:
        if is_open:
            cells[-1] += grammar.delimiter.decode() + piece
        else:
            cells.append(piece)
        is_open ^= piece.count(quote) % 2 == 1
    return tuple(_unquoted(cell, quote) for cell in cells)


def _unquoted(cell: str, quote: str) -> str:
    if len(cell) > 1 and cell.startswith(quote) and cell.endswith(quote):
        return cell[1:-1].replace(quote * 2, quote)
    return cell


def _choose(trials: tuple[_Trial, ...], hints: FormatHints, sample: bytes, name: str) -> _Trial:
    if hints.header_row is not None and all(trial.header is None for trial in trials):
        what = f"row {hints.header_row} should be the header but is blank or not within the first MiB"
        answer = (
            "correct `header_row` under the source in defs.yaml: blank lines and title lines count as rows"
        )
        raise NotUnderstood(name, (Question(kind=QuestionKind.DIALECT, what=what, answer=answer),))
    tables = _fullest(tuple(trial for trial in trials if trial.width > 1 and trial.fits()))
    if not tables:
        tables = _fullest(tuple(trial for trial in trials if trial.width > 1 and trial.nearly_fits()))
    if len(tables) == 1:
        return tables[0]
    if not tables and all(trial.width == 1 for trial in trials):
        _refuse_other_delimiters(trials[0], hints, sample, name)
        return trials[0]
    raise NotUnderstood(name, (_which_delimiter(tables or trials, sample),))


def _fullest(trials: tuple[_Trial, ...]) -> tuple[_Trial, ...]:
    most = max((trial.fitting for trial in trials), default=0)
    return tuple(trial for trial in trials if trial.fitting * 2 > most)


def _which_delimiter(trials: tuple[_Trial, ...], sample: bytes) -> Question:
    shown = ", ".join(
        f"{t.delimiter!r}: {t.fitting} records of {t.width} fields, {t.others} others, {t.breaches} broken"
        for t in trials
    )
    best = max(trials, key=lambda trial: (trial.width > 1, trial.fitting)).delimiter
    lines = sample.decode(errors="replace").splitlines()[:_LOOK_AHEAD]
    regular = (sign for sign in _UNUSUAL if len({line.count(sign) for line in lines} | {0}) == 2)
    return Question(
        kind=QuestionKind.DIALECT,
        what=f"which character separates the fields is not clear ({shown})",
        answer=put_format(delimiter=next(regular, best)) + ", or the one that is right",
    )


def _refuse_other_delimiters(trial: _Trial, hints: FormatHints, sample: bytes, name: str) -> None:
    """Ask when a text of one column repeats some other sign as a delimiter would."""
    others = [d for d in (*CANDIDATES, *_UNUSUAL) if d != trial.delimiter]
    if hints.delimiter is None:
        others = list(_UNUSUAL)
    for other in others:
        counts = {record[0].count(other) for _, record in trial.rows if record}
        if len(trial.rows) > 1 and len(counts) == 1 and 0 not in counts:
            what = f"no {trial.delimiter!r} between fields, but {other!r} in every record, as a delimiter would be"
            answer = (
                f"{put_format(delimiter=other)}, or {put_format(delimiter=trial.delimiter)} for one column"
            )
            raise NotUnderstood(name, (Question(kind=QuestionKind.DIALECT, what=what, answer=answer),))


def _plan_of(trial: _Trial, hints: FormatHints, name: str) -> Plan:
    if trial.header is None:
        what = f"no row of {trial.width} fields with a name in each is found at the top"
        raise NotUnderstood(
            name,
            (Question(kind=QuestionKind.DIALECT, what=what, answer=put_format(header_row=trial.rows[0][0])),),
        )
    row, cells = trial.rows[trial.header]
    if hints.header_row is None:
        question = doubts(trial.rows, trial.header)
        if question is not None:
            raise NotUnderstood(name, (question,))
    return Plan(grammar=trial.grammar, header_row=row, headers=cells)
