"""What formats with nested values ask a person, and what they warn of.  Keep out: reading them."""

from collections.abc import Iterable, Mapping, Sequence

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.reading import RawWarning, WarningKind
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format

_SHOWN = 5


def about_paths(
    columns: Sequence[str], several: Mapping[str, str], *, told: Mapping[str, str], first: str = ".0"
) -> tuple[Question, ...]:
    """Ask what becomes of columns with several values in one record (column -> an example), unless it is told.

    `first` is what a path ends with to mean only the first of them.
    """
    if told or not several:
        return ()
    column, example = next(iter(several.items()))
    what = f"{len(several)} of {len(columns)} columns have several values in one record: {_listed(several)}"
    answer = (
        "put `paths` under `format` in defs.yaml with each column to read and where it is, such as"
        f" `{column}: {column}{first}` for one value"
    )
    return (
        Question(
            kind=QuestionKind.PATHS,
            what=f"{what}; for example {example!r}",
            answer=answer,
            proposal=FormatHints(paths={name: name for name in columns}),
        ),
    )


def about_records(candidates: Sequence[tuple[str, int]], *, told: str | None) -> tuple[Question, ...]:
    """Ask which of several repeated things (path, how often) are the records; the first is the best guess."""
    if told is not None or len(candidates) < 2:
        return ()
    shown = ", ".join(f"{path!r} with {count}" for path, count in candidates[:9])
    first = candidates[0][0]
    return (
        Question(
            kind=QuestionKind.RECORDS,
            what=f"{len(candidates)} groups could be the records: {shown}",
            answer=f"{put_format(records=first)} with the right one",
            proposal=FormatHints(records=first),
        ),
    )


def no_such_records(name: str, told: str, candidates: Sequence[tuple[str, int]]) -> NotUnderstood:
    """Return the refusal of a `records` path that leads to no records."""
    shown = ", ".join(repr(path) for path, _ in candidates[:9]) or "none; leave `records` out"
    question = Question(
        kind=QuestionKind.RECORDS,
        what=f"no records at {told!r}, which defs.yaml names",
        answer=f"correct `records` under `format` in defs.yaml; there are {shown}",
        proposal=FormatHints(records=candidates[0][0]) if candidates else FormatHints(),
    )
    return NotUnderstood(name, (question,))


def no_records(name: str, what: str) -> NotUnderstood:
    """Return the refusal of a file without a single record: nothing in it names a column."""
    question = Question(
        kind=QuestionKind.RECORDS, what=what, answer="ask for the file again, with its records"
    )
    return NotUnderstood(name, (question,))


def not_read(names: Iterable[str], example: str) -> tuple[RawWarning, ...]:
    """Warn of values that no column holds, if there are any."""
    found = tuple(names)
    if not found:
        return ()
    return (
        RawWarning(kind=WarningKind.FIELD_NOT_READ, count=len(found), example=f"{example}: {_listed(found)}"),
    )


def _listed(names: Iterable[str]) -> str:
    found = tuple(names)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(repr(name[:80]) for name in found[:_SHOWN]) + more
