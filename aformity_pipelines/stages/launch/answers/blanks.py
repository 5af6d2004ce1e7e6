"""Why a field is blank: one answer for the live records of one source that share a cause, in the words of `aformity why`."""

from collections.abc import Iterator

from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.stages.launch.answers.absences import Absence, absences
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.group import Group, Owed
from aformity_pipelines.stages.launch.answers.quotes import in_quotes
from aformity_pipelines.tracing.answer import Outcome
from aformity_pipelines.tracing.cause import not_a_value
from aformity_pipelines.tracing.words import listed, sentence, the_field

AS_DELIVERED = frozenset(
    {Outcome.DELIVERED_BLANK, Outcome.BLANK_WORD, Outcome.NEVER_DELIVERED, Outcome.NOT_MAPPED}
)
"""Causes by which the product holds just what the customer's system held: nothing."""


def blank_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for every cause by which a field of live records is blank; cut links are not among them."""
    for entity in basis.entities():
        for absence in absences(basis, entity):
            yield _group(basis, absence)


def _group(basis: Basis, absence: Absence) -> Group:
    because, evidence = _cause(basis, absence)
    known, about, owed = known_or_open(basis, absence.accepted_by, absence.open_rule)
    return Group(
        about=AskedAbout.BLANK,
        entity=absence.entity,
        field=absence.field,
        says=f"{the_field(absence.field)} is blank, because {because}{known}.",
        because=f"{because}{known}",
        count=absence.count,
        evidence=tuple(dict.fromkeys((f"mapping/{absence.entity}.yaml", *evidence, *about))),
        rows=absence.rows,
        moment=basis.moment(absence.entity, absence.field),
        owed=owed,
        is_own=absence.is_concerned,
        is_live=True,
        is_expected=absence.cause in AS_DELIVERED and not absence.is_concerned,
    )


def known_or_open(
    basis: Basis, accepted_by: str | None, open_rule: tuple[str, str, str | None] | None
) -> tuple[str, tuple[str, ...], Owed | None]:
    """Return what is said of a finding about the field, what that rests on, and who settles it where it is open."""
    work = basis.work_on(*open_rule) if open_rule else None
    owed = basis.owed(work) if work else None
    known = f". This is known: {basis.told(accepted_by)}" if accepted_by else ""
    asked = f". Open: {owed.says}" if owed else ""
    evidence = (*((accepted_by,) if accepted_by else ()), *(owed.evidence if owed else ()))
    return f"{known}{asked}", evidence, owed


def _cause(basis: Basis, absence: Absence) -> tuple[str, tuple[str, ...]]:
    """Return the clause behind "because", and what it rests on beside the mapping."""
    source = absence.read.source
    match absence.cause:
        case Outcome.NOT_MAPPED:
            return "nothing in the delivered files is mapped to it", ()
        case Outcome.NEVER_DELIVERED:
            reads = basis.sources.run.migration.reads_of(absence.entity)
            others = tuple(dict.fromkeys(basis.file(r.source) for r in reads if absence.field in r.fields))
            only = f"it only comes with {listed(others, 'or')}"
            return f"nothing in {basis.file(source)} is mapped to it; {only}", ()
        case Outcome.DELIVERED_BLANK:
            return "it was delivered blank", ()
        case Outcome.BLANK_WORD:
            return _blank_word(basis, absence)
        case Outcome.CLEARED_BY_VALUE_MAP:
            return _left_blank(basis, absence)
        case Outcome.CLEARED_BY_CORRECTION:
            return f"it was cleared on purpose: {basis.told(absence.key)}", (absence.key,)
        case Outcome.UNREADABLE:
            return _unreadable(basis, absence)
        case _:
            return _by_step(basis, absence)


def _blank_word(basis: Basis, absence: Absence) -> tuple[str, tuple[str, ...]]:
    words = basis.sources.run.migration.customer.sources[absence.read.source].blanks
    delivered = _delivered(basis, absence)
    if not absence.key:
        # A word for nothing is nobody's value: it stands in the customer's own list.
        delivered = f"{listed(tuple(in_quotes(word) for word in words), 'or')} was delivered"
    return f"{delivered}, which stands for nothing entered", ()


def _left_blank(basis: Basis, absence: Absence) -> tuple[str, tuple[str, ...]]:
    mapping = absence.read.fields[absence.field]
    values = basis.sources.run.migration.value_map_of(mapping)
    entry = values.entries[int(absence.key) - 1] if values else None
    note = f" (noted: {in_quotes(sentence(entry.note))})" if entry and entry.note else ""
    cited, decided = _agreed(basis, absence)
    if entry and entry.decision:
        cited, decided = f": {basis.told(entry.decision)}", (entry.decision,)
    clause = f"{_delivered(basis, absence)}, which is left blank on purpose{note}{cited}"
    return clause, (f"values/{mapping.values}.csv", *decided)


def _unreadable(basis: Basis, absence: Absence) -> tuple[str, tuple[str, ...]]:
    field = basis.sources.run.migration.destination.entities[absence.entity].fields[absence.field]
    what = f"which is {not_a_value(field)}; nothing was guessed"
    if absence.key:
        given = (
            "" if absence.different != 1 or _hides(basis, absence) else f" to {in_quotes(absence.texts[0])}"
        )
        return f"it was corrected{given} ({basis.told(absence.key)}), {what}", (absence.key,)
    return f"{_delivered(basis, absence)}, {what}", ()


def _by_step(basis: Basis, absence: Absence) -> tuple[str, tuple[str, ...]]:
    leaves = "its rule leaves nothing" if absence.key else "the field map makes nothing of it"
    agreed, approvals = _agreed(basis, absence)
    return f"{_delivered(basis, absence)}, and {leaves}{agreed}", approvals


def _agreed(basis: Basis, absence: Absence) -> tuple[str, tuple[str, ...]]:
    line = basis.line(absence.entity, absence.field, absence.read)
    return basis.agreed((line.approved_by, line.values_approved_by) if line else ())


def _delivered(basis: Basis, absence: Absence) -> str:
    """Say what was delivered: the text where all share it, one of them where they do not, none where it is personal."""
    if _hides(basis, absence) or not absence.texts:
        what = "something"
    elif absence.different == 1:
        what = in_quotes(absence.texts[0])
    else:
        what = f"a text such as {listed(tuple(in_quotes(text) for text in absence.texts), 'or')}"
    return f"{what} was delivered"


def _hides(basis: Basis, absence: Absence) -> bool:
    return basis.hides_delivered(absence.entity, absence.field)
