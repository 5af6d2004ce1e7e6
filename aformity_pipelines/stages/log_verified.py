"""A customer's decision log held against everything that knows what it held: chain, head file, coverage, versions.

Looks and changes nothing; works where the rest of the customer's folder cannot be loaded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.config.decision_log import KeptLog, examine
from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.decisions import RowDecision
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.log_kept import Witness, coverage_problems, lost_lines, witnesses_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at in one customer's log, and what was found."""

    customer: str
    log: KeptLog | None  # None where it is not what was written
    coverage_files: int  # that decisions name
    witnesses: tuple[Witness, ...]  # published versions that carry the log's end
    problems: tuple[Problem, ...]  # empty where the log is whole
    notices: tuple[str, ...]  # what is no fault, and somebody may wonder about


def verified(workspace: Workspace, slug: str) -> Verified:
    """Check a customer's log; every problem names its line or file, and how to recover."""
    path = workspace.log(slug)
    witnesses, unreadable = witnesses_of(workspace, slug)
    try:
        log = examine(path)
    except ConfigInvalid as invalid:
        return Verified(
            customer=slug,
            log=None,
            coverage_files=0,
            witnesses=witnesses,
            problems=(*invalid.problems, *unreadable),
            notices=(),
        )
    lost = lost_lines(path, log.entries, log.head, witnesses)
    named = {e.covers.rows_in for e in log.entries if isinstance(e, RowDecision) and e.covers.rows_in}
    return Verified(
        customer=slug,
        log=log,
        coverage_files=len(named),
        witnesses=witnesses,
        problems=(*lost, *coverage_problems(workspace.coverage(slug), log.entries), *unreadable),
        notices=tuple(_notices(workspace, slug, log)),
    )


def _notices(workspace: Workspace, slug: str, log: KeptLog) -> Iterator[str]:
    if words := unfinished_words(log):
        yield words
    laid_aside = sorted(workspace.unfinished(slug).glob("*.jsonl"))
    if laid_aside:
        names = ", ".join(path.name[:8] for path in laid_aside[:3])
        yield (
            f"{len(laid_aside)} unfinished {'append was' if len(laid_aside) == 1 else 'appends were'} laid aside in"
            f" customers/{slug}/unfinished ({names}): never acknowledged, kept so that nothing is lost"
        )
    if log.entries and not log.is_committed:
        yield (
            "there is no decisions.head beside the log: that its last line is the one that was written is known"
            " from published versions only; the next decision writes it"
        )


def unfinished_words(log: KeptLog) -> str:
    """Return what lies past the end that was committed, or nothing."""
    if not log.unfinished:
        return ""
    size = len(log.unfinished)
    return (
        f"{size} byte{'' if size == 1 else 's'} past the end that decisions.head names: an append that was never"
        " finished. They count for nothing, and the next decision lays them aside; if they came with another copy of"
        " the log, bring its decisions.head along"
    )
