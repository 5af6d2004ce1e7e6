"""How a text is to be read, by the best guess, and what only a person can settle.

The start of a text decides: its grammar, its tables, the header of each; the end, where its last table ends.  Of
what lies between nothing is said: the reader sets apart what does not fit.  Keep out: encodings, and reading.
"""

from dataclasses import dataclass

from aformity_pipelines.domain.delivery import FormatHints, ShortRecords
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format
from aformity_pipelines.intake.text.dialect import choose_grammar
from aformity_pipelines.intake.text.encoding import Utf8Text
from aformity_pipelines.intake.text.ending import with_ending
from aformity_pipelines.intake.text.headers import Header, find_header, told_header, without_header
from aformity_pipelines.intake.text.layout import Region, regions_in
from aformity_pipelines.intake.text.plan import Grammar, Plan, Proposal
from aformity_pipelines.intake.text.sample import Record, Sample, records_of, take_sample
from aformity_pipelines.intake.text.told import delimiter_must_occur, rows_must_be_there

_MANY_SHORT = 0.2
"""From this share on, short records are how the file was written, not damage."""
_COMMENTS = "#%"
_NOTHING_TOLD = FormatHints()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One table by the best guess, and what only a person can settle about it."""

    plan: Plan
    questions: tuple[Question, ...]


def propose(text: Utf8Text, hints: FormatHints, *, name: str) -> Proposal:
    """Return how to read every table of `text`, and the questions about the one that `hints` mean (else the largest).

    `name` is what messages call the file.  Raises NotUnderstood where there is nothing to read, or the text
    is plainly not what the hints say.
    """
    sample = take_sample(text.path, text.start)
    delimiter_must_occur(sample, hints, name)
    choice = choose_grammar(sample, hints)
    records = _records(sample, choice.grammar, choice.width)
    questions = [*text.questions, *choice.questions]
    grammar = choice.grammar
    if hints.comment is None and (sign := _comment_sign(records, choice.width)):
        # The lines that count no more may be what made the grammar doubtful, or what cleared it.
        choice = choose_grammar(sample, hints.model_copy(update={"comment": sign}))
        questions = [*text.questions, *choice.questions, _about_comments(sign, records)]
        grammar = choice.grammar
        records = _records(sample, grammar, choice.width)
    if not any(record.filled for record in records):
        raise _nothing_there(name)
    regions = _regions(records, hints, name)
    if regions and not sample.is_whole and hints.last_row is None:
        regions = (*regions[:-1], with_ending(regions[-1], sample, grammar, text.path, text.start))
    meant = _meant(regions, hints)
    tables = [
        _table(
            region,
            grammar,
            hints if index == meant else _NOTHING_TOLD,
            is_open=index == len(regions) - 1,
        )
        for index, region in enumerate(regions)
    ]
    if meant < len(tables):
        questions += tables[meant].questions
    proposal = Proposal(plans=tuple(table.plan for table in tables), questions=tuple(questions))
    return _encoded_right(proposal, name)


def _records(sample: Sample, grammar: Grammar, width: int) -> tuple[Record, ...]:
    return tuple(records_of(sample.head, grammar, is_last=sample.is_whole, width=width))


def _nothing_there(name: str) -> NotUnderstood:
    what = "no record in the first MiB: the file is blank, or a quote is never closed"
    question = Question(kind=QuestionKind.DIALECT, what=what, answer="ask for the file again")
    return NotUnderstood(name, (question,))


def _comment_sign(records: tuple[Record, ...], width: int) -> str | None:
    """Return the sign that begins lines between the records, if it begins none that fits."""
    first = next((index for index, record in enumerate(records) if record.width == width), len(records))
    for sign in _COMMENTS if width > 1 else "":
        marked = [record for record in records[first:] if record.line.startswith(sign)]
        if marked and all(record.width != width for record in marked):
            return sign
    return None


def _about_comments(sign: str, records: tuple[Record, ...]) -> Question:
    marked = [record for record in records if record.line.startswith(sign)]
    what = (
        f"{len(marked)} lines begin with {sign!r}, the last in row {marked[-1].row}, and look like comments:"
        f" {marked[-1].line[:60]!r}"
    )
    answer = f"{put_format(comment=sign)} if they are no records"
    hints = FormatHints(comment=sign)
    return Question(kind=QuestionKind.DIALECT, what=what, answer=answer, proposal=hints)


def _regions(records: tuple[Record, ...], hints: FormatHints, name: str) -> tuple[Region, ...]:
    """Return the tables; those from the one that `hints` mean on begin and end where the hints say."""
    told, before = hints.header_row, (hints.table or 1) - 1
    rows_must_be_there(records, hints, name)
    if hints.last_row is not None:
        records = tuple(record for record in records if record.row <= hints.last_row)
    if told and before:
        earlier = tuple(record for record in records if record.row < told)
        rest = tuple(record for record in records if record.row >= told)
        return (
            *regions_in(earlier)[:before],
            *regions_in(
                rest,
                header_row=told,
                header_rows=hints.header_rows,
                header_repeats=hints.header_repeats,
            ),
        )
    if before:
        return regions_in(records, header_repeats=hints.header_repeats)
    return regions_in(
        records, header_row=told, header_rows=hints.header_rows, header_repeats=hints.header_repeats
    )


def _meant(regions: tuple[Region, ...], hints: FormatHints) -> int:
    """Return the index of the table that `hints` mean: a told header is the first one's unless a table is told too."""
    if hints.table is not None:
        return hints.table - 1
    if hints.header_row is not None:
        return 0
    return max(range(len(regions)), key=lambda index: (len(regions[index].body), -index), default=0)


def _table(region: Region, grammar: Grammar, hints: FormatHints, *, is_open: bool) -> _Table:
    """Return the plan of one table; `is_open` if the rest of the text belongs to it."""
    told = hints.header_row
    header = find_header(region, grammar) if told is None else told_header(region, told, grammar)
    header_line = _header_line(region, header)
    if not (header.row and region.header and header.row == region.header[0].row):
        region = without_header(region)
    questions = [header.question] if header.question is not None else []
    short = hints.short_records or ShortRecords.REJECT
    if hints.short_records is None and (asked := _about_short_records(region, header)):
        questions.append(asked)
        short = ShortRecords.FILL
    if hints.last_row is None and (asked := _about_notes(region)):
        questions.append(asked)
    first_row = region.body[0].row if region.body else header.row + max(1, header.rows)
    last_row = None
    if region.notes or not is_open or region.blank_rows_below:
        last_row = region.body[-1].row if region.body else first_row - 1
    plan = Plan(
        grammar=grammar,
        headers=header.names,
        header_row=header.row,
        header_rows=header.rows,
        first_row=header.row + header.rows if header.row else first_row,
        last_row=hints.last_row or last_row,
        short_records=short,
        header_line=header_line,
        header_repeats=bool(hints.header_repeats),
    )
    return _Table(plan=plan, questions=tuple(questions))


def _header_line(region: Region, header: Header) -> bytes:
    if header.rows != 1 or len(header.names) < 2:
        return b""
    lines = (record.line for record in (*region.titles, *region.header) if record.row == header.row)
    return next(lines, "").encode(errors="surrogateescape")


def _about_short_records(region: Region, header: Header) -> Question | None:
    width = len(header.names)
    filled = [record for record in region.body if record.filled and not record.is_broken]
    short = [record for record in filled if record.width < width]
    if not short or (len(short) < max(2, _MANY_SHORT * len(filled)) and len(short) < len(filled)):
        return None
    example = short[0]
    what = (
        f"{len(short)} of {len(filled)} records have fewer than the header's {width} fields,"
        f" row {example.row} has {example.width}: {example.line[:60]!r}"
    )
    answer = f"{put_format(short_records='fill')} if their last fields are blank, or {put_format(short_records='reject')}"
    hints = FormatHints(short_records=ShortRecords.FILL)
    return Question(kind=QuestionKind.RECORDS, what=what, answer=answer, proposal=hints)


def _about_notes(region: Region) -> Question | None:
    """Return the question whether rows below are notes, where they look like records with one filled cell."""
    doubtful = [note for note in region.notes if note.width == region.width]
    is_apart = region.blank_rows_below and all(note.filled <= 1 for note in doubtful)
    if not doubtful or not region.body or is_apart:
        return None
    last, note = region.body[-1].row, doubtful[0]
    what = f"{len(region.notes)} rows below row {last} look like notes: row {note.row}: {note.line[:60]!r}"
    answer = f"{put_format(last_row=last)}, or the last row of the table"
    hints = FormatHints(last_row=last)
    return Question(kind=QuestionKind.RECORDS, what=what, answer=answer, proposal=hints)


def _encoded_right(proposal: Proposal, name: str) -> Proposal:
    """Return the proposal.  Raises NotUnderstood if names hold bytes that are no UTF-8: there is no guess at them."""
    wrong = [column for plan in proposal.plans for column in plan.headers if not _is_text(column)]
    if not wrong:
        return proposal
    shown = ", ".join(repr(column.encode(errors="surrogateescape"))[1:] for column in wrong[:3])
    what = f"{len(wrong)} names in the header hold bytes that are no UTF-8: {shown}"
    answer = (
        f"{put_format(encoding='cp1252')} or what the system that wrote it uses, or ask for the file again"
    )
    raise NotUnderstood(name, (Question(kind=QuestionKind.ENCODING, what=what, answer=answer),))


def _is_text(name: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in name)
