"""The exception workbook of a wave: every open finding on its owner's sheet, and the field map on its own.

The workbook is the one place where personal values leave this program unmasked whatever `show_personal_values` says:
that policy is about the report for customer success, and this goes to the people whose data it is, who cannot correct
an address that they cannot read.  Keep out: how a sheet looks, and what comes back.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from aformity_pipelines.domain.customer import Person, Side
from aformity_pipelines.domain.decisions import QuestionAsked
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.files.atomic import replace_with
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.review.workbook.choices import choices_of
from aformity_pipelines.review.workbook.layout import LAST_ROW, fitted
from aformity_pipelines.review.workbook.seal import Sealer
from aformity_pipelines.review.workbook.shape import OWN_SHEETS, Block, Book, Choice, Line, ReviewerSheet
from aformity_pipelines.review.workbook.write import write_book
from aformity_pipelines.stages.outputs import Stopped
from aformity_pipelines.stages.review_fields import field_lines
from aformity_pipelines.stages.review_groups import groups_of
from aformity_pipelines.stages.review_rows import FoundRow, file_of, found_rows
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.waiving import stated

_ABOUT_ROWS = frozenset({"risk_accepted", "rows_excluded", "rows_deferred", "value_corrected"})
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_NAME_LENGTH = 31
"""Letters of a sheet's name, by Excel's own limit."""


class NothingToReview(Exception):
    """No finding is open and no field is mapped: a workbook would be empty."""


def export_book(run: Run, findings: Iterable[OpenFinding], path: Path, *, only: str | None = None) -> Book:
    """Write the wave's workbook to `path` and return what it says; `only` one person's sheet, by key in `people`.

    Raises FileExistsError where another workbook stands there, which may hold answers, and NothingToReview.
    """
    book = build_book(run, findings, only=only)
    if not book.sheets and not book.field_map:
        raise NothingToReview(
            f"{run.slug} {run.wave}: nothing is open{f' for {only}' if only else ''}; there is no workbook"
        )
    with replace_with(path) as temporary:
        write_book(book, Sealer(key=run.digest_key()), temporary)
        if path.exists() and sha256_of(path) != sha256_of(temporary):
            raise FileExistsError(
                f"{path}: another file stands there, which may hold answers; name another place with --out"
            )
    return book


def build_book(run: Run, findings: Iterable[OpenFinding], *, only: str | None = None) -> Book:
    """Return what the wave's workbook says: sheets in the order of their most pressing finding."""
    people = called(run)
    wanted = [each for each in findings if only is None or person_of(run, each.owner) == only]
    sheets = tuple(_sheets(run, wanted))
    return Book(
        slug=run.slug,
        customer=run.migration.customer.customer,
        wave=run.wave,
        launches_on=run.migration.customer.wave(run.wave).launches_on,
        as_of=run.as_of,
        head=run.migration.head,
        people=people,
        approvers=tuple(
            name for name, key in people.items() if run.migration.customer.people[key].side is Side.CUSTOMER
        ),
        due=min((each.due for each in wanted), default=None),
        sheets=sheets,
        field_map=field_lines(run, only=only),
    )


def called(run: Run) -> dict[str, str]:
    """Return how each person is called in a workbook -> the key in `people`; two of one name are told apart."""
    people = run.migration.customer.people
    names = [person.name for person in people.values()]
    return {
        person.name if names.count(person.name) == 1 else f"{person.name} ({key})": key
        for key, person in people.items()
    }


def person_of(run: Run, person: Person) -> str:
    """Return the key of a person in `people`."""
    return next(key for key, each in run.migration.customer.people.items() if each == person)


def _sheets(run: Run, findings: Sequence[OpenFinding]) -> Iterator[ReviewerSheet]:
    by_person: dict[str, list[OpenFinding]] = {}
    for finding in findings:
        by_person.setdefault(person_of(run, finding.owner), []).append(finding)
    names = _sheet_names(run, tuple(by_person))
    numbers = {finding.id: number for number, finding in enumerate(findings, start=1)}
    for person, mine in by_person.items():
        blocks = tuple(_block(run, finding, numbers[finding.id]) for finding in mine)
        rows = sum(1 + len(block.lines) for block in blocks)
        if rows >= LAST_ROW:
            raise Stopped(
                f"{names[person]} would get {rows:,} rows, more than a sheet holds; settle the largest findings first, each"
                f" with one decision: {max(mine, key=lambda each: len(each.rows)).settle}"
            )
        yield ReviewerSheet(name=names[person], person=person, blocks=blocks)


def _sheet_names(run: Run, people: Sequence[str]) -> dict[str, str]:
    """Return the name of each person's sheet: theirs, as far as Excel takes it, and no two alike."""
    labels = {key: label for label, key in called(run).items()}
    taken = {name.casefold() for name in (*OWN_SHEETS, "History")}
    found = {}
    for person in people:
        plain = (
            " ".join(labels[person].translate(_NOT_IN_NAMES).split()).strip("'")[:_NAME_LENGTH]
            or person[:_NAME_LENGTH]
        )
        name, copy = plain, 1
        while name.casefold() in taken:
            copy += 1
            name = f"{plain[: _NAME_LENGTH - len(f' {copy}')]} {copy}"
        taken.add(name.casefold())
        found[person] = name
    return found


def _block(run: Run, finding: OpenFinding, number: int) -> Block:
    code = f"f{number}"
    choices = choices_for(run, finding)
    rows = found_rows(run, finding) if finding.rows else ()
    groups = groups_of(run, finding)
    lines = tuple(
        Line(
            code=f"{code}.{place}",
            key=row.key,
            row=row.row,
            evidence=row.evidence,
            group=groups.get(row.row, ""),
            shown=tuple(fitted(text) for text in _shown(run, finding, row)),
        )
        for place, row in enumerate(rows, start=1)
    )
    return Block(
        code=code,
        finding=finding.id,
        subject=finding.subject,
        rule=finding.rule,
        choices=choices,
        shown=tuple(fitted(text) for text in _heading(run, finding, len(lines), is_answerable=bool(choices))),
        lines=lines,
        stated=stated(run, finding.subject, finding.rule),
    )


def choices_for(run: Run, finding: OpenFinding) -> tuple[Choice, ...]:
    """Return the answers of a finding's drop-down; none where it takes a command or the field map."""
    waves = [wave.name for wave in run.migration.customer.waves]
    mapped = run.migration.mappings.get(finding.subject)
    fed = {name for read in mapped.reads for name in read.fields} if mapped else set()
    by_id = {entry.id: entry for entry in run.migration.log}
    about_question = isinstance(by_id.get(finding.follow_up or ""), QuestionAsked)
    unfit = "follow_up_closed" if about_question else "question_answered"
    answers = [
        kind for kind in finding.answers if kind != unfit and (finding.rows or kind not in _ABOUT_ROWS)
    ]
    return choices_of(
        answers,
        fields={name: called_field(name) for name in finding.fields if name in fed},
        later_waves=waves[waves.index(run.wave) + 1 :],
        follow_up=finding.follow_up,
    )


def called_field(name: str) -> str:
    """Return how a field of the destination is called: `is_billing_contact` is `Is billing contact`."""
    return name.replace("_", " ").capitalize()


def _heading(run: Run, finding: OpenFinding, rows: int, *, is_answerable: bool) -> tuple[str, ...]:
    moments = run.migration.destination.moments
    moment = moments[finding.moment].label if finding.moment in moments else finding.moment
    says = f"{finding.says}\n{finding.detail}" if finding.detail else finding.says
    stale = f"\nChanged since it was decided: {', '.join(finding.stale)}" if finding.stale else ""
    counted = f"{rows:,} row{'' if rows == 1 else 's'}" if rows else ""
    effect = "The launch waits for this." if finding.is_blocking else ""
    late = ", overdue" if finding.is_overdue else ""
    by_when = f"Answer by {finding.due:%-d %B %Y}{late}"
    if not is_answerable:
        by_when += f"\nNot answered here: {finding.settle}"
    return (moment, _label(run, finding.subject), counted, says + stale, effect, by_when)


def _label(run: Run, subject: str) -> str:
    entities = run.migration.destination.entities
    return entities[subject].plural if subject in entities else subject.replace("_", " ").capitalize()


def _shown(run: Run, finding: OpenFinding, row: FoundRow) -> tuple[str, ...]:
    is_entity = finding.subject in run.migration.mappings
    fields = ", ".join(called_field(name) if is_entity else name for name in finding.fields)
    return (
        row.label,
        file_of(run, row.source),
        str(row.number) if row.number else "",
        fields or _unread(row) or finding.says,
        _texts(row.delivered),
        _texts(tuple((called_field(name), value) for name, value in row.product)),
    )


def _unread(row: FoundRow) -> str:
    """Return why a record could not be read: it has no fields, and stands under the reason."""
    return row.delivered[0][0] if row.delivered else ""


def _texts(named: Sequence[tuple[str, str]]) -> str:
    """Return one value as it is, several each with its name on a line of its own."""
    if len(named) == 1:
        return named[0][1]
    return "\n".join(f"{name}: {value}" for name, value in named)
