"""The grammar of a delimited text: told, or the one that explains a sample best, with what stays in doubt.

Keep out: encodings, headers and tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.cell_kind import CellKind, kind_of_column
from aformity_pipelines.intake.refusal import Question, QuestionKind, put_format
from aformity_pipelines.intake.text.candidates import delimiters_in, grammars, line_end_of
from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.sample import Sample, records_of
from aformity_pipelines.intake.text.scoring import Trial, try_grammar

_TRIED_BYTES = 1 << 16
_TRIED_RECORDS = 300
_RIVAL = 0.75
"""A second delimiter that explains this much of what the best one explains makes it doubtful."""
_WEAK = 0.15
"""Below this score no delimiter separates anything: every line is one cell."""
_ALL = 0.97
_USUAL = frozenset({b",", b";", b"\t", b"|"})
_ABSENT = ("\t", "|", ";", "\x1f")
_STRAY = 2
"""Up to so many records that break the usual grammar are damage, not another grammar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The grammar by the best guess, and what about it only a person can settle."""

    grammar: Grammar
    width: int  # of most records
    questions: tuple[Question, ...]


def choose_grammar(sample: Sample, hints: FormatHints) -> Choice:
    """Return the grammar of `sample`; what `hints` tell is kept and not asked about."""
    start = sample.head[:_TRIED_BYTES]
    is_last = sample.is_whole and len(start) == len(sample.head)
    text = start.decode(errors="replace")
    lines = tuple(line for line in text.splitlines()[:_TRIED_RECORDS] if line.strip())
    line_end = line_end_of(text)
    singles = "".join(one for one in delimiters_in(lines) if len(one) == 1 and one != " ")
    trials = [
        try_grammar(
            grammar,
            tuple(islice(records_of(start, grammar, is_last=is_last), _TRIED_RECORDS)),
            "".join(one for one in singles if one not in grammar.delimiter.decode()),
        )
        for grammar in grammars(lines, hints, line_end)
    ]
    if not trials:
        return Choice(grammar=Grammar(delimiter=b"", quote=b'"', line_end=line_end), width=1, questions=())
    best, rivals = _by_delimiter(trials)
    chosen = _usual_variant(best, trials)
    questions: list[Question] = []
    if hints.delimiter is None:
        if chosen.score < _WEAK or _is_one_value(lines, chosen):
            return _one_column(chosen, text)
        questions += _doubts_of_delimiter(chosen, rivals, trials)
    questions += _doubts_of_quote(chosen, trials, hints)
    return Choice(grammar=chosen.grammar, width=chosen.width, questions=tuple(questions))


def _is_one_value(lines: Sequence[str], chosen: Trial) -> bool:
    """Whether an unusual delimiter would only cut times, addresses and the like in two."""
    is_unusual = chosen.grammar.delimiter not in _USUAL
    return is_unusual and kind_of_column(lines[1:]) not in {CellKind.TEXT, CellKind.EMPTY}


def _by_delimiter(trials: list[Trial]) -> tuple[Trial, tuple[Trial, ...]]:
    """Return the best trial, and the best of each other delimiter, the better ones first."""
    best_of: dict[bytes, Trial] = {}
    for trial in trials:
        known = best_of.get(trial.grammar.delimiter)
        if known is None or trial.score > known.score:
            best_of[trial.grammar.delimiter] = trial
    best, *rivals = sorted(best_of.values(), key=lambda trial: trial.score, reverse=True)
    for rival in rivals:
        if _is_repeated(best, rival):
            return rival, tuple(one for one in (best, *rivals) if one is not rival)
    return best, tuple(rivals)


def _is_repeated(best: Trial, longer: Trial) -> bool:
    """Whether `longer` repeats the delimiter of `best`, which then leaves every second column empty."""
    sign, times = best.grammar.delimiter, len(longer.grammar.delimiter)
    is_repetition = times > 1 and longer.grammar.delimiter == sign * times
    return is_repetition and longer.width > 1 and longer.score > _RIVAL * best.score


def _usual_variant(best: Trial, trials: list[Trial]) -> Trial:
    """Return the trial of the same delimiter with doubled double quotes, unless more than damage speaks for another."""
    usual = _variant(trials, best.grammar.delimiter)
    if usual is None or usual is best:
        return best
    if usual.broken_records == 0 and best.grammar.quote != b"'":
        return usual
    if usual.broken_records > best.broken_records and best.grammar.escape:
        return best
    is_damage = usual.broken_records - best.broken_records <= _STRAY
    return usual if is_damage and usual.score > _RIVAL * best.score else best


def _variant(trials: list[Trial], delimiter: bytes) -> Trial | None:
    of_delimiter = (trial for trial in trials if trial.grammar.delimiter == delimiter)
    return next((t for t in of_delimiter if t.grammar.quote == b'"' and not t.grammar.escape), None)


def _doubts_of_delimiter(
    chosen: Trial, rivals: tuple[Trial, ...], trials: list[Trial]
) -> tuple[Question, ...]:
    delimiter = chosen.grammar.delimiter
    if delimiter.strip() != delimiter and delimiter.strip():
        if _is_proved_by_quotes(chosen, trials):
            return ()
        what = f"a space follows every {delimiter.strip().decode()!r}: it may belong to the values or not"
        answer = f"{put_format(delimiter=delimiter.decode())}, or {put_format(delimiter=delimiter.strip().decode())} if it belongs to the values"
        return (_question(what, answer, FormatHints(delimiter=delimiter.decode())),)
    if chosen.width == 2 and len(delimiter) > len(set(delimiter)):
        what = f"{delimiter.decode()!r} stands between two columns, or around an empty one without a name"
        answer = (
            f"{put_format(delimiter=delimiter.decode())}, or {put_format(delimiter=delimiter[:1].decode())}"
        )
        return (_question(what, answer, FormatHints(delimiter=delimiter.decode())),)
    others = (one for one in rivals if not _is_part(one.grammar.delimiter, delimiter))
    rival = next((one for one in others if one.score >= _RIVAL * chosen.score or _cuts_all(one)), None)
    if rival is None:
        return ()
    what = f"which character separates the fields is not clear: {_shown(chosen)}, and {_shown(rival)}"
    answer = f"{put_format(delimiter=delimiter.decode())}, or the one that is right"
    return (_question(what, answer, FormatHints(delimiter=delimiter.decode())),)


def _is_proved_by_quotes(chosen: Trial, trials: list[Trial]) -> bool:
    """Whether quotes open behind the space and would break the grammar without it."""
    without = _variant(trials, chosen.grammar.delimiter.strip())
    return without is not None and without.broken_records > _STRAY + chosen.broken_records


def _cuts_all(rival: Trial) -> bool:
    """Whether a usual delimiter cuts the header and the records alike, whatever the cells then look like."""
    is_usual = rival.grammar.delimiter in _USUAL
    return (
        is_usual
        and rival.is_from_start
        and rival.width > 1
        and rival.fitting > _ALL
        and not rival.broken_records
    )


def _is_part(one: bytes, other: bytes) -> bool:
    return one in other or other in one


def _shown(trial: Trial) -> str:
    return f"{trial.grammar.delimiter.decode()!r} gives {trial.width} columns in {trial.fitting:.0%} of the records"


def _one_column(trial: Trial, text: str) -> Choice:
    """Return that every line is one cell; asked about where `trial` cuts nearly all records alike."""
    grammar = replace(trial.grammar, delimiter=b"", quote=b'"', escape=b"")
    if trial.fitting < _RIVAL or trial.score >= _WEAK:
        return Choice(grammar=grammar, width=1, questions=())
    absent = next((sign for sign in _ABSENT if sign not in text), _ABSENT[-1])
    what = f"no character clearly separates fields, though {_shown(trial)}; read as one column"
    answer = (
        f"{put_format(delimiter=trial.grammar.delimiter.decode())} if it does, or one that is not in the file,"
        f" such as {put_format(delimiter=absent)}"
    )
    question = _question(what, answer, FormatHints(delimiter=absent))
    return Choice(grammar=replace(grammar, delimiter=absent.encode()), width=1, questions=(question,))


def _doubts_of_quote(chosen: Trial, trials: list[Trial], hints: FormatHints) -> tuple[Question, ...]:
    grammar, usual = chosen.grammar, _variant(trials, chosen.grammar.delimiter)
    broken = usual.broken_records if usual is not None else 0
    questions: list[Question] = []
    if hints.quote is None and grammar.quote != b'"':
        seen = f"{broken} of the first records break with '\"' as the quote"
        if grammar.quote:
            what = f"cells seem to be quoted with {grammar.quote.decode()!r}; {chosen.broken_records} of the first records break even so"
        else:
            what = f"quotes look like plain text: {seen}"
        answer = f"{put_format(quote=grammar.quote.decode())}, or {put_format(quote=chr(34))} if it is that"
        if not (grammar.quote and chosen.broken_records == 0):
            questions.append(_question(what, answer, FormatHints(quote=grammar.quote.decode())))
    if hints.quote is None and grammar.quote == b'"' and _may_quote_with_apostrophes(chosen, trials):
        what = "some cells stand in apostrophes, others do not: these may be quotes or part of the values"
        answer = (
            f"{put_format(quote=chr(39))} if they are quotes, or {put_format(quote=chr(34))} to keep them"
        )
        questions.append(_question(what, answer, FormatHints(quote='"')))
    if hints.escape is None and grammar.escape and (broken < _STRAY or chosen.broken_records):
        escape = grammar.escape.decode()
        what = f"{escape!r} seems to stand before a quote inside quotes, but seldom: {broken} of the first records"
        answer = f"{put_format(escape=escape)}, or nothing if those records are damaged"
        questions.append(_question(what, answer, FormatHints(escape=escape)))
    return tuple(questions)


def _may_quote_with_apostrophes(chosen: Trial, trials: list[Trial]) -> bool:
    """Whether apostrophes around whole cells are the only quotes there are, and break no record."""
    same = [trial for trial in trials if trial.grammar.delimiter == chosen.grammar.delimiter]
    has_no_other = all(trial.grammar.quote for trial in same)
    return has_no_other and any(trial.grammar.quote == b"'" and not trial.broken_records for trial in same)


def _question(what: str, answer: str, proposal: FormatHints) -> Question:
    return Question(kind=QuestionKind.DIALECT, what=what, answer=answer, proposal=proposal)
