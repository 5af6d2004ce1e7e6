"""The rows that a rule judges together with each row of an open finding: what a reviewer's answer rests on beside it.

Digests only.  Keep out: values, and what is said of a row whose group is another now.
"""

from aformity_pipelines.domain.coverage import RowCoverage
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.review.members import GROUPED
from aformity_pipelines.stages.grouping import group_of
from aformity_pipelines.stages.review_rows import ASKED, identities
from aformity_pipelines.stages.run import Run, digest_of

JOINED = "another row belongs to it now"
OTHERWISE = "a row that it was shown with has changed"
_SETTLES = "risk_accepted"
"""The kind that rests on all of a group; what sets a row aside rests on less of it."""

_Together = set[tuple[str, str, str]]
"""(subject, key, digest) of the rows of one group."""


def groups_of(run: Run, finding: OpenFinding) -> dict[str, str]:
    """Return row id -> `size.keys.evidence` of the group that the row stands in; the last two are digests.

    Rows of a rule that judges each row for itself have none.
    """
    if not finding.rows:
        return {}
    rows = {row.row: row for row in identities(run, finding)}
    about = RowCoverage.model_construct(rule=finding.rule, subject=finding.subject, fields=finding.fields)
    group = group_of(run, kind=_SETTLES, covers=about, gate=Gate(finding.gate), wanted=ASKED)
    if group.groups is None:
        return {}
    together: dict[str, _Together] = {}
    heads = run.connection.execute(
        f"select distinct of, grp from {GROUPED} where of in (from {ASKED})"
    ).fetchall()
    for row_id, name in heads:
        row = rows[row_id]
        together.setdefault(name, set()).add((finding.subject, row.key, row.evidence))
    for member in group.members:
        shown = (member.subject or finding.subject, member.key, member.digest)
        together.setdefault(member.group or "", set()).add(shown)
    stands_in = run.connection.execute(
        f"select row_id, list_sort(list(distinct grp)) from ({group.groups}) where row_id in (from {ASKED}) group by row_id"
    ).fetchall()
    told = {names: _told(together, names) for names in {tuple(found) for _, found in stands_in}}
    return {row_id: told[tuple(names)] for row_id, names in stands_in}


def _told(together: dict[str, _Together], names: tuple[str, ...]) -> str:
    found = sorted(set().union(*(together.get(name, set()) for name in names)))
    keys = [(subject, key) for subject, key, _ in found]
    return f"{len(found)}.{digest_of(keys)}.{digest_of(found)}"


def regrouped(then: str, now: str) -> str:
    """Return what became of a row's group, in words; empty where it is what it was."""
    if then == now:
        return ""
    (size_then, keys_then, _), (size_now, keys_now, _) = ((each or "0..").split(".") for each in (then, now))
    return JOINED if keys_then != keys_now and int(size_now) >= int(size_then) else OTHERWISE
