"""What is said of the rows of a rule that are still open, where the rule's own words count all that fail."""

from collections import Counter
from collections.abc import Sequence

from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.intake.register import all_deliveries
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.outputs import REJECTS, folder_of, parquet
from aformity_pipelines.stages.rejected import because_of, is_about_reading, source_of_rule
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.vanished import came_last, is_about_delivery


def open_detail(run: Run, rule: RuleRecord, rows: Sequence[str], number: int) -> str:
    """Return the detail of a rule for its `number` open rows, of which `rows` are listed.

    A count of all failing rows would contradict the number beside it, so where that is another one the open rows are
    counted, or nothing is said of more rows than are listed.
    """
    if number == rule.failing or not (is_about_reading(rule.rule) or is_about_delivery(rule.rule)):
        return rule.detail
    if not rows or number != len(rows):
        return ""
    return _unread(run, rule, rows) if is_about_reading(rule.rule) else _gone(run, rows)


def _unread(run: Run, rule: RuleRecord, rows: Sequence[str]) -> str:
    path = folder_of(run, RAW_FILE, source_of_rule(rule.rule)) / REJECTS
    if not path.is_file():
        return ""
    found = run.connection.execute(
        f"select reason, count(*) from {parquet(path)} where row_id in (select unnest(?::varchar[])) group by all",
        [list(rows)],
    ).fetchall()
    return f"{len(rows):,} could not: {because_of(dict(found))}" if found else ""


def _gone(run: Run, rows: Sequence[str]) -> str:
    counts = Counter(row.partition("#")[0] for row in rows)
    files = {
        f"{each.source}@{each.sha256[:8]}": each
        for each in all_deliveries(run.workspace.deliveries(run.slug))
    }
    return came_last((number, files[name]) for name, number in sorted(counts.items()) if name in files)
