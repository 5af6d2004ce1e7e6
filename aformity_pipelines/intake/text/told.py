"""What a person told about a text and is not in it: said at once, for a hint is replayed on every later delivery.

Keep out: what nobody told.
"""

from collections.abc import Sequence

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format
from aformity_pipelines.intake.text.dialect import choose_grammar
from aformity_pipelines.intake.text.sample import Record, Sample

ONE_COLUMN = "\x1f"
"""A delimiter that nobody writes: what to tell where commas and the like belong to the only column."""


def delimiter_must_occur(sample: Sample, hints: FormatHints, name: str) -> None:
    """Raise NotUnderstood if the delimiter told is nowhere in the sample, where another one separates fields.

    Where none does, a delimiter that is not in the text says that it has one column; `ONE_COLUMN` always says so.
    """
    told = hints.delimiter
    if told is None or told == ONE_COLUMN or told.encode() in sample.head or told.encode() in sample.tail:
        return
    found = choose_grammar(sample, hints.model_copy(update={"delimiter": None}))
    if found.width < 2:
        return
    delimiter = found.grammar.delimiter.decode()
    what = f"the delimiter should be {told!r} but stands nowhere; {delimiter!r} gives {found.width} columns"
    answer = f"{put_format(delimiter=delimiter)}, or what separates the fields of this delivery, or {put_format(delimiter=ONE_COLUMN)} if nothing does"
    raise NotUnderstood(name, (Question(kind=QuestionKind.DIALECT, what=what, answer=answer),))


def rows_must_be_there(records: Sequence[Record], hints: FormatHints, name: str) -> None:
    """Raise NotUnderstood if the header is not in the row told, or the table ends before it begins."""
    told, last = hints.header_row, hints.last_row
    first = told or next((record.row for record in records if record.filled), 1)
    questions = []
    if told and not any(record.row == told and record.filled for record in records):
        what = f"row {told} should be the header but is blank or not within the first MiB"
        answer = (
            "correct `header_row` under the source in defs.yaml: blank lines and title lines count as rows"
        )
        questions.append(Question(kind=QuestionKind.HEADER, what=what, answer=answer))
    if last is not None and last < first:
        what = f"row {last} should be the table's last but stands above row {first}, where it begins"
        answer = "correct `last_row` under the source in defs.yaml, or leave it out"
        questions.append(Question(kind=QuestionKind.RECORDS, what=what, answer=answer))
    if questions:
        raise NotUnderstood(name, tuple(questions))
