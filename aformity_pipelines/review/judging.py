"""A suite's results held against the decisions that stand: rule by rule, how many rows are settled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import RuleResult
from aformity_pipelines.domain.gate import Judged
from aformity_pipelines.review.covered import COVERED

SETTLE = ["risk_accepted", "rows_excluded", "merge_refused"]
"""Kinds of decisions after which nobody has to act on a failing row."""
FOLLOW = ["follow_up_opened", "question_asked"]
"""Kinds of decisions that hold a failing row for somebody, until a date."""
FINDINGS = "findings"
"""Temp table (rule, row_id, accepted_by, followed_by, held): every failing row and what settles it."""


NONE_WAIVED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    accepted: int
    followed: int
    decisions: tuple[str, ...]
    examples: tuple[str, ...]


def create_findings(
    connection: duckdb.DuckDBPyConnection,
    failing: str,
    subject: str,
    results: Iterable[RuleResult],
    *,
    waived: Mapping[str, str] = NONE_WAIVED,
) -> None:
    """Create the table `findings` from a relation (rule, row_id); needs the table `covered`.

    `waived` are the rules that are not asked of the customer -> the decision: it accepts every row that no other does.

    `held` is true for rows that become unresolved work: nothing accepts them, and the rule holds or an open
    follow-up names them.  A row that is excluded is judged no more; only a record that could not be read is still
    listed, settled by what excludes it.
    """
    settling = (
        f"select rule, row_id, min(decision) as decision from {COVERED}"
        " where matches and subject = ? and list_contains(?, kind) group by rule, row_id"
    )
    rules = [each.rule for each in results]
    connection.execute(
        "create or replace temp table policies as select unnest(?::varchar[]) as rule, unnest(?::varchar[]) as policy,"
        " unnest(?::varchar[]) as waived_by",
        [[r.id for r in rules], [r.policy.value for r in rules], [waived.get(r.id) for r in rules]],
    )
    connection.execute(
        f"create or replace temp table {FINDINGS} as"
        f" with accepted as ({settling}), followed as ({settling})"
        " select f.rule, f.row_id, coalesce(a.decision, p.waived_by) as accepted_by,"
        " case when coalesce(a.decision, p.waived_by) is null then o.decision end as followed_by,"
        f" coalesce(a.decision, p.waived_by) is null and (p.policy = '{Policy.HOLD}'"
        f" or (o.decision is not null and p.policy = '{Policy.BLOCK}')) as held"
        f" from {failing} f join policies p using (rule)"
        " left join accepted a on a.rule = f.rule and a.row_id = f.row_id"
        " left join followed o on o.rule = f.rule and o.row_id = f.row_id",
        [subject, SETTLE, subject, FOLLOW],
    )


def judged(
    connection: duckdb.DuckDBPyConnection,
    results: Iterable[RuleResult],
    subject: str,
    *,
    lapsed: Mapping[str, str] = NONE_WAIVED,
) -> tuple[Judged, ...]:
    """Return each rule with what settles its failing rows; needs `findings` and `covered`.

    `lapsed` are the rules that were waived and demand something else now -> the decision.
    """
    settled = _settled_by_rule(connection)
    stale = _stale_by_rule(connection, subject)
    for rule, decision in lapsed.items():
        stale[rule] = tuple(sorted((*stale.get(rule, ()), decision)))
    nothing = _Settled(accepted=0, followed=0, decisions=(), examples=())
    found = []
    for result in results:
        of_rule = settled.get(result.rule.id, nothing)
        found.append(
            Judged(
                result=result,
                accepted=of_rule.accepted,
                followed=of_rule.followed,
                decisions=of_rule.decisions,
                uncovered_examples=of_rule.examples,
                stale=stale.get(result.rule.id, ()),
            )
        )
    return tuple(found)


def _settled_by_rule(connection: duckdb.DuckDBPyConnection) -> dict[str, _Settled]:
    rows = connection.execute(
        "select rule, count(accepted_by), count(followed_by),"
        " list_sort(list_distinct(list(coalesce(accepted_by, followed_by))"
        " filter (where coalesce(accepted_by, followed_by) is not null))),"
        " list_sort(list(row_id) filter (where accepted_by is null and followed_by is null))[1:3]"
        f" from {FINDINGS} group by rule"
    ).fetchall()
    return {
        rule: _Settled(
            accepted=accepted, followed=followed, decisions=tuple(ids or ()), examples=tuple(examples or ())
        )
        for rule, accepted, followed, ids, examples in rows
    }


def _stale_by_rule(connection: duckdb.DuckDBPyConnection, subject: str) -> dict[str, tuple[str, ...]]:
    rows = connection.execute(
        f"select rule, list_sort(list(distinct decision)) from {COVERED}"
        " where subject = ? and rule is not null and not coalesce(matches, false) group by rule",
        [subject],
    ).fetchall()
    return {rule: tuple(ids) for rule, ids in rows}
