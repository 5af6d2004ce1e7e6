"""How every decision in the log fits today's data: as it is, for some rows, not any more, or against another one."""

from collections.abc import Iterable, Mapping, Sequence

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.contradictions import contradicts
from aformity_pipelines.domain.decision_state import DecisionState, Fit
from aformity_pipelines.domain.decisions import (
    RowDecision,
)
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.changed_rows import changed_rows
from aformity_pipelines.stages.earlier_delivery import delivered_now
from aformity_pipelines.stages.gates import taken_in
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import MAPPED, TRANSFORMED, VALIDATED, sources_behind
from aformity_pipelines.stages.grouping import mark_rows_that_joined, suite_of
from aformity_pipelines.stages.outputs import FINDINGS, TABLE, folder_of, parquet
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.states_without_rows import states_without_rows

FIRST = 20
"""Row ids of new rows that are named."""
OPEN = "open_now"
"""Temp table (subject, rule, row_id): the findings of today's deliveries that no decision settles."""


def decision_states(run: Run) -> tuple[DecisionState, ...]:
    """Return how each decision that stands fits today's data, in log order; needs the raw tables of today.

    A decision about a subject whose delivery waits, or was never read, has no state.
    """
    raw = _open_raw(run)
    decisions = [each for each in row_decisions(run.migration) if _is_read(run, raw, each.covers.subject)]
    cover(run, raw, decisions)
    _mark_joined(run, raw, decisions)
    _create_open(run, raw)
    conflicts = _conflicts(run, decisions)
    found = [_of_rows(run, raw, each, conflicts.get(each.id, ())) for each in decisions]
    found += states_without_rows(run)
    return tuple(sorted(found, key=lambda state: _place(run, state.decision)))


def attention(states: Iterable[DecisionState]) -> tuple[DecisionState, ...]:
    """Return the states that somebody has to see to: all but decisions that apply as they are, the worst first."""
    order = tuple(Fit)
    asking = [each for each in states if each.fit is not Fit.APPLIES]
    return tuple(sorted(asking, key=lambda each: order.index(each.fit)))


def _place(run: Run, decision: str) -> int:
    return next(entry.seq for entry in run.migration.log if entry.id == decision)


def _open_raw(run: Run) -> dict[str, RawRelation]:
    read = [each for each in run.migration.customer.sources if delivered_now(run, each)]
    return open_all(run, taken_in(run, read))


def _is_read(run: Run, raw: Mapping[str, RawRelation], subject: str) -> bool:
    is_entity = subject in run.migration.mappings
    return all(each in raw for each in (sources_behind(run.migration, subject) if is_entity else (subject,)))


def _mark_joined(run: Run, raw: Mapping[str, RawRelation], decisions: Sequence[RowDecision]) -> None:
    """Mark in `covered` what was settled of groups that have another row today, gate by gate."""
    for subject in dict.fromkeys(each.covers.subject for each in decisions if each.covers.rule):
        if subject in raw:
            suite, columns = suite_of(run, subject, Gate.INTAKE), raw[subject].internal
            table = raw[subject].relation
            mark_rows_that_joined(run, suite, gate=Gate.INTAKE, subject=subject, table=table, columns=columns)
            continue
        for gate, stage in ((Gate.MAPPED, MAPPED), (Gate.TRANSFORMED, TRANSFORMED)):
            path = folder_of(run, stage, subject) / TABLE
            if path.is_file():
                judged = parquet(path)
                table = f"(select row_ids[1] as row_id, * from {judged})" if stage == TRANSFORMED else judged
                suite = suite_of(run, subject, gate)
                mark_rows_that_joined(run, suite, gate=gate, subject=subject, table=table, columns=None)


def _create_open(run: Run, raw: Mapping[str, RawRelation]) -> None:
    """Create `open_now` of what the stages found in the deliveries that are read today."""
    selects = ["select '' as subject, '' as rule, '' as row_id where false"]
    steps = [(VALIDATED, source) for source in raw]
    steps += [(stage, entity) for stage in (MAPPED, TRANSFORMED) for entity in run.migration.entities()]
    for stage, name in steps:
        path = folder_of(run, stage, name) / FINDINGS
        if path.is_file():
            selects.append(
                f"select {literal(name)}, rule, row_id from {parquet(path)}"
                " where accepted_by is null and followed_by is null"
            )
    today = ", ".join(literal(f"{source}@{(delivered_now(run, source) or '')[:8]}") for source in raw) or "''"
    run.connection.execute(
        f"create or replace temp table {OPEN} as select * from ({' union all '.join(selects)})"
        f" where split_part(row_id, '#', 1) in ({today})"
    )


def _of_rows(
    run: Run, raw: Mapping[str, RawRelation], entry: RowDecision, conflicts: tuple[str, ...]
) -> DecisionState:
    (counted,) = run.connection.execute(
        f"select count(*) filter (matches), count(distinct row_key) filter (not matches) from {COVERED}"
        " where decision = ?",
        [entry.id],
    ).fetchall()
    covered, lost = int(counted[0]), int(counted[1])
    new = _new_rows(run, entry)
    changed = changed_rows(run, raw, entry) if lost else ()
    shown = entry.covers.size
    fit = (
        Fit.CONFLICTS
        if conflicts
        else Fit.NO_LONGER_MATCHES
        if lost
        else Fit.COVERS_SOME
        if new
        else Fit.APPLIES
    )
    in_question = covered + len(new) if entry.covers.rule else shown
    says = (
        _says_lost(covered, shown, lost),
        _says_new(covered, len(new), entry),
        f"conflicts with {', '.join(conflicts)}" if conflicts else "",
    )
    return DecisionState(
        decision=entry.id,
        kind=entry.kind,
        fit=fit,
        says="; ".join(each for each in says if each) or "applies as it is",
        covered=covered,
        shown=shown,
        in_question=in_question,
        new=tuple(new[:FIRST]),
        changed=changed,
        conflicts_with=conflicts,
    )


def _says_lost(covered: int, shown: int, lost: int) -> str:
    if not lost:
        return ""
    return f"no longer matches {lost} of the {_rows(shown)} that it was shown; it still covers {covered}"


def _says_new(covered: int, new: int, entry: RowDecision) -> str:
    if not new:
        return ""
    return f"covers {covered} of {covered + new} rows that break {entry.covers.rule}; {new} {'is' if new == 1 else 'are'} new"


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number} rows"


def _new_rows(run: Run, entry: RowDecision) -> list[str]:
    """Return the rows that break the decision's rule, that it was not shown, and that nothing settles."""
    rows = run.connection.execute(
        f"select distinct row_id from {OPEN} where subject = ? and rule = ? and row_id not in"
        f" (select row_id from {COVERED} where decision = ? and row_id is not null) order by 1",
        [entry.covers.subject, entry.covers.rule or "", entry.id],
    ).fetchall()
    return [row for (row,) in rows]


def _conflicts(run: Run, decisions: Sequence[RowDecision]) -> dict[str, tuple[str, ...]]:
    """Return decision -> the ids of those that say otherwise about a row that both cover."""
    by_id = {each.id: each for each in decisions}
    pairs = run.connection.execute(
        f"select a.decision, b.decision, count(distinct a.row_id) from {COVERED} a join {COVERED} b"
        " on a.row_id = b.row_id and a.subject = b.subject and a.decision <> b.decision"
        " where a.matches and b.matches group by all order by all"
    ).fetchall()
    found: dict[str, tuple[str, ...]] = {}
    for one, other, shared in pairs:
        if contradicts(by_id[one], by_id[other], shared=shared):
            found[one] = (*found.get(one, ()), other)
    return found
