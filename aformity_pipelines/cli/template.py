"""A file of answers to fill in, for an open finding: what is known already stands in it.

The first kind that may settle the finding is to be filled in; the others stand behind `#`, to be chosen instead.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import Unknown
from aformity_pipelines.cli.output import put_json, visible
from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.files.workspace import Workspace

if TYPE_CHECKING:
    from aformity_pipelines.stages.work_list import WorkItem


def put_template(
    workspace: Workspace, slug: str, wave: str | None, day: date, rule: str, *, as_json: bool
) -> None:
    """Print answers to the open findings of a rule (or the one of an id); Unknown says which rules are open."""
    from aformity_pipelines.stages.open_findings import open_findings  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.work_list import work_list  # noqa: PLC0415 - imports the stages

    with opened(workspace, slug, wave, day) as run:
        items = work_list(run, open_findings(run)).open
        chosen_wave = run.wave
    asked = [item for item in items if rule in (item.finding.rule, item.finding.id)]
    if not asked:
        raise Unknown(_nothing_open(slug, rule, sorted({item.finding.rule for item in items})))
    if as_json:
        put_json({"decide": [_draft(item, draft) for item in asked for draft in item.drafts[:1]]})
        return
    lines = [
        f"# Fill in every …, then: aformity decide {slug} answers.yaml --wave {chosen_wave}",
        "decide:",
    ]
    for item in asked:
        lines += _lines(item)
    sys.stdout.write(visible("\n".join(lines)) + "\n")


def _nothing_open(slug: str, rule: str, open_rules: list[str]) -> str:
    if not open_rules:
        return f"nothing is open for {slug}; there is nothing to decide"
    return f"no finding of {rule!r} is open for {slug}; {did_you_mean(rule, open_rules)}"


def _lines(item: "WorkItem") -> Iterator[str]:
    finding = item.finding
    rows = f"{len(finding.rows)} row{'' if len(finding.rows) == 1 else 's'}, " if finding.rows else ""
    says = " ".join(finding.says.split())
    yield f"  # {finding.id}: {says}"
    yield f"  # {rows}owner {finding.owner.name}, due {finding.due.isoformat()}"
    for place, draft in enumerate(item.drafts):
        if place == 1:
            yield "  # Or one of these instead:"
        before = "  # " if place else "  "
        for number, line in enumerate(_members(_draft(item, draft))):
            yield f"{before}{'  ' if number else '- '}{line}"


def _draft(item: "WorkItem", draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft that covers every undecided row of its rule, as far as it may be said so shortly."""
    covers = draft.get("covers")
    if covers is None or not covers.get("rows") or item.finding.follow_up:
        return dict(draft)
    return {**draft, "covers": {**covers, "rows": "all"}}


def _members(members: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield the members of a mapping as YAML, one a line; texts as JSON writes them, which YAML reads too."""
    for key, value in members.items():
        if isinstance(value, Mapping) and key == "covers":
            yield f"{indent}{key}:"
            yield from _members(value, f"{indent}  ")
        else:
            yield f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}"
