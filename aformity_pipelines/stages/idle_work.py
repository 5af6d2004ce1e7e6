"""Follow-ups and questions that stand and hold no row any more: somebody still has them, until they are closed.

Without them a promise to somebody would vanish from the work list on the day on which its rows stop failing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import FollowUpOpened, QuestionAsked
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import RuleRecord, StageRecord
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.earlier_delivery import delivered_now
from aformity_pipelines.stages.gates import taken_in
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import MAPPED, Step, sources_behind
from aformity_pipelines.stages.outputs import FINDINGS, TABLE, folder_of, parquet
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all

UNKNOWN = "Whether its rows still break the rule is not known: the rule is not judged today."
GONE = "None of its rows is delivered any more"
LATER = "Its rows go live with a later wave, and are judged again then."
CHANGED = "What was shown of its rows has changed, and they are asked about again"
SOUND = "Nothing fails any more for its rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleWork:
    """A follow-up or a question in force that no finding names."""

    entry: FollowUpOpened | QuestionAsked
    gate: Gate
    rule: RuleRecord | None  # as it was judged today; None where it was not
    rows: tuple[str, ...]  # ids of its rows in today's deliveries, in order
    next_step: str


def idle_work(run: Run, judged: Mapping[Step, StageRecord], busy: Collection[str]) -> tuple[IdleWork, ...]:
    """Return the follow-ups and questions in force that are not `busy` (ids of those that hold rows), in log order.

    `judged` are the records that speak of today.  What a later decision has settled as a whole is not work.
    """
    standing = [e for e in in_force(run.migration) if isinstance(e, FollowUpOpened | QuestionAsked)]
    idle = [entry for entry in standing if entry.id not in busy]
    rows = _rows_today(run, idle)
    found = (_about(run, judged, entry, rows.get(entry.id)) for entry in idle)
    return tuple(each for each in found if each is not None)


def _rows_today(run: Run, entries: Iterable[FollowUpOpened | QuestionAsked]) -> dict[str, tuple[str, ...]]:
    """Return decision -> the rows that it was shown and that are there today; no key where a delivery is not read."""
    delivered = [source for source in run.migration.customer.sources if delivered_now(run, source)]
    there = frozenset(taken_in(run, delivered))
    readable = [each for each in entries if there.issuperset(_sources_of(run, each.covers.subject))]
    if not readable:
        return {}
    cover(run, open_all(run, sorted(there)), readable)
    rows = run.connection.execute(
        f"select decision, list_sort(list(distinct row_id)) from {COVERED} where row_id is not null group by 1"
    ).fetchall()
    return {each.id: () for each in readable} | {decision: tuple(ids) for decision, ids in rows}


def _sources_of(run: Run, subject: str) -> Collection[str]:
    return sources_behind(run.migration, subject) if subject in run.migration.mappings else (subject,)


def _about(
    run: Run,
    judged: Mapping[Step, StageRecord],
    entry: FollowUpOpened | QuestionAsked,
    rows: tuple[str, ...] | None,
) -> IdleWork | None:
    """Return the work as it is listed; None where what its rows break is accepted."""
    steps = [(step, rule) for step, record in judged.items() for rule in _named(record, entry.covers.rule)]
    found = [_found(run, step, entry.covers.rule or "") for step, _ in steps]
    accepted = {row for by_row in found for row, is_accepted in by_row.items() if is_accepted}
    asked = {row for by_row in found for row, is_accepted in by_row.items() if not is_accepted}
    left = tuple(row for row in rows or () if row.partition("/")[0] not in accepted and row not in accepted)
    if rows and not left:
        return None
    if rows is None or not steps:
        step = UNKNOWN
    elif not rows:
        step = _close(entry, GONE)
    elif any(row in asked or row.partition("/")[0] in asked for row in left):
        step = _close(entry, CHANGED)
    elif _is_later(run, entry.covers.subject, left):
        step = LATER
    else:
        step = _close(entry, SOUND)
    gates = [record.verdict.gate for (at, _) in steps if (record := judged[at]).verdict]
    usual = Gate.MAPPED if entry.covers.subject in run.migration.mappings else Gate.INTAKE
    return IdleWork(
        entry=entry,
        gate=gates[0] if gates else usual,
        rule=steps[0][1] if steps else None,
        rows=left,
        next_step=step,
    )


def _named(record: StageRecord, rule: str | None) -> tuple[RuleRecord, ...]:
    return tuple(each for each in record.verdict.rules if each.rule == rule) if record.verdict else ()


def _found(run: Run, step: Step, rule: str) -> dict[str, bool]:
    """Return each row that breaks a rule at a stage -> whether that is accepted."""
    path = folder_of(run, *step) / FINDINGS
    if not path.is_file():
        return {}
    return dict(
        run.connection.execute(
            f"select row_id, accepted_by is not null from {parquet(path)} where rule = ?", [rule]
        ).fetchall()
    )


def _is_later(run: Run, subject: str, rows: tuple[str, ...]) -> bool:
    """Whether all rows belong to a wave that comes after the run's."""
    path = folder_of(run, MAPPED, subject) / TABLE
    if subject not in run.migration.mappings or not path.is_file():
        return False
    named = ", ".join(literal(row) for row in rows)
    found = run.connection.execute(
        f"select bool_and(wave not in {run.scope_sql()}) from {parquet(path)} where row_id in ({named})"
    ).fetchall()
    return bool(found[0][0])


def _close(entry: FollowUpOpened | QuestionAsked, says: str) -> str:
    return f"{says}: record the answer." if isinstance(entry, QuestionAsked) else f"{says}: close it."
