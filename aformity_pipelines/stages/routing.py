"""Whose open work is, since when and until when, and which command settles it: for gates, work list and status."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from aformity_pipelines.domain.approval import without_effect
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.responsible import responsible
from aformity_pipelines.review.covered import DELIVERED
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.run import Run, digest_of

OF_COLUMNS = (".columns.known", ".delivered", ".column.unambiguous")
"""How the ids of rules end that the mapping, or another file, settles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """The one owner of a piece of open work, and its days."""

    owner: Person
    since: date
    due: date


def received(run: Run, subject: str) -> dict[str, date]:
    """Return for each source that feeds an entity (or is the one that is meant), taken in or not, when it came."""
    names = [subject] if subject in run.migration.customer.sources else []
    if subject in run.migration.mappings:
        names = list(dict.fromkeys(read.source for read in run.migration.reads_of(subject)))
    records = ((source, read_record(run, RAW_FILE, source)) for source in names)
    seen = {source: record.delivery or record.waits for source, record in records if record}
    return {source: each.received_on for source, each in seen.items() if each}


def routed(
    run: Run,
    subject: str,
    *,
    fields: tuple[str, ...] = (),
    moment: str = "",
    risk: Severity | None = None,
    open_since: date | None = None,
) -> Routed:
    """Return who settles a broken rule, from what the rule says of itself.

    The days count from `open_since`, the first day of its rows; without one from the last delivery that feeds the
    subject, and from today where nothing was delivered.
    """
    settles = responsible(run.migration, subject, fields, received(run, subject), moment=moment, risk=risk)
    since = open_since or settles.since or run.as_of
    return Routed(owner=settles.person, since=since, due=since + timedelta(days=settles.due_days))


def routing_digest(run: Run, subjects: Iterable[str]) -> str:
    """Return the fingerprint of all that explains a closed gate beside its findings: owners, dates, idle decisions."""
    customer, about = run.migration.customer, frozenset(subjects)
    idle = [
        [each.entry.id, each.words]
        for each in without_effect(run.migration)
        if about & {getattr(getattr(each.entry, "covers", None), key, "") for key in ("subject", "entity")}
    ]
    declared = customer.model_dump(mode="json", include={"owners", "people", "field_groups"})
    came = [{source: str(day) for source, day in received(run, each).items()} for each in sorted(about)]
    return digest_of([declared, came, idle])


def settle_command(run: Run, rule: str, *, has_rows: bool) -> str:
    """Return the command that settles a broken rule: the workbook of open work, or for columns the check."""
    is_about_rows = has_rows and rule.endswith(DELIVERED)
    if rule.endswith(OF_COLUMNS) and not is_about_rows:
        return f"aformity check {run.slug}"
    if not has_rows and not rule.endswith(".mapping.approved"):
        return f"aformity run {run.slug}{of_wave(run)}"
    return f"aformity review export {run.slug}{of_wave(run)}"


def decide_command(run: Run) -> str:
    """Return the command that records answers."""
    return f"aformity decide {run.slug} answers.yaml{of_wave(run)}"


def of_wave(run: Run) -> str:
    """Return the option that names the wave; empty for the first, which commands take by themselves."""
    is_first = run.wave == run.migration.customer.waves[0].name
    return "" if is_first else f" --wave {run.wave}"
