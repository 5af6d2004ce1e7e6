"""A launch record as Dagster metadata: its digest as Markdown, its lists as tables, two that never mix.

The Markdown holds no customer text; the tables, which Dagster shows as plain text, name owners and approvers.
"""

import dagster as dg

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.markdown import render_markdown
from aformity_pipelines.orchestration.packed import Cell, Described, cut, table_of, within

LIST_LIMIT = 6 * 1024
"""Bytes that each list may take of an event."""
SAYS_LIMIT = 200


def of_launch_record(record: LaunchRecord) -> Described:
    """Return the digest, the accepted risks and the unresolved work; what does not fit is in the report."""
    shown: Described = {
        "handoff": dg.MetadataValue.md(render_markdown(record)),
        "as_of": dg.MetadataValue.text(record.as_of.isoformat()),
        "log_seq": dg.MetadataValue.int(record.log.seq),
        "log_sha256": dg.MetadataValue.text(record.log.sha256),
    }
    lists = {"accepted_risks": _accepted(record), "unresolved_work": _unresolved(record)}
    return shown | {name: table_of(within(rows, LIST_LIMIT)) for name, rows in lists.items() if rows}


def _accepted(record: LaunchRecord) -> list[dict[str, Cell]]:
    return [
        {
            "decision": each.decision,
            "says": cut(each.says, SAYS_LIMIT),
            "agreed_by": each.approver.name,
            "on": each.accepted_on.isoformat(),
            "rows": each.row_count,
        }
        for each in record.accepted_risks
    ]


def _unresolved(record: LaunchRecord) -> list[dict[str, Cell]]:
    return [
        {
            "due": each.due.isoformat(),
            "overdue": "overdue" if each.is_overdue else "",
            "owner": each.owner.name,
            "says": cut(each.says, SAYS_LIMIT),
            "holds_rows": each.holds,
        }
        for each in record.unresolved
    ]
