"""Which decisions in force do not hold for all that they were shown, and why: as the gates of this export judged it.

Words without values.  What no gate judges is asked here: refused merges that name no rule, answers about files.
"""

from aformity_pipelines.domain.decisions import IntakeAnswered, MergeRefused
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.keeping_apart import rows_kept_apart
from aformity_pipelines.stages.launch.source import Sources

CHANGED = "what it was shown has changed"


def stale_because(sources: Sources) -> dict[str, str]:
    """Return stale decision -> why, in log order."""
    found: dict[str, list[str]] = {}
    for rule in sources.rules().values():
        for decision in rule.stale:
            found.setdefault(decision, []).append(rule.stale_because.get(decision, CHANGED))
    refused = [e for e in sources.standing() if isinstance(e, MergeRefused) and e.covers.rule is None]
    holding = rows_kept_apart(sources.run, refused, 0)
    found |= {entry.id: [CHANGED] for entry in refused if entry.id not in holding}
    for entry in sources.standing():
        if isinstance(entry, IntakeAnswered) and (lacking := _columns_gone(sources, entry)):
            found[entry.id] = [lacking]
    return {
        entry.id: "; ".join(dict.fromkeys(found[entry.id]))
        for entry in sources.standing()
        if entry.id in found
    }


def _columns_gone(sources: Sources, entry: IntakeAnswered) -> str:
    """Say how many columns an answer about a file led to that today's file lacks; empty where it has them all."""
    record = sources.records.get((RAW_FILE, entry.covers.source))
    if record is None or record.delivery is None:
        return ""
    columns = entry.covers.headers
    gone = sum(name not in record.delivery.headers for name in columns)
    return (
        f"{gone} of the {len(columns)} columns that it leads to {'is' if gone == 1 else 'are'} gone"
        if gone
        else ""
    )
