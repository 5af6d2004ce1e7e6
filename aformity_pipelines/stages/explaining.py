"""What a closed gate says beside its findings: who settles them, which decisions do not hold, and the command.

Words without values: explanations are stored, and shown in Dagster.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from aformity_pipelines.domain.approval import Idle, without_effect
from aformity_pipelines.domain.decisions import MappingApproved, RowDecision, RuleWaived
from aformity_pipelines.domain.gate import Judged, Standing, Verdict
from aformity_pipelines.review.covered import stale_reasons
from aformity_pipelines.stages.approving import approval_asked
from aformity_pipelines.stages.outdated import OUTDATED
from aformity_pipelines.stages.routing import decide_command, routed, settle_command
from aformity_pipelines.stages.run import Run

LAPSED = "the rule demands something else than what was waived"


def explained(run: Run, verdict: Verdict) -> Verdict:
    """Return the verdict with all that its explanation says; needs the table `covered`."""
    reasons = stale_reasons(run.connection, verdict.subject)
    idle = without_effect(run.migration)
    judged = []
    for each in verdict.judged:
        rule = each.result.rule
        settles = ""
        if each.standing is Standing.BLOCKED:
            to_whom = routed(run, verdict.subject, fields=rule.fields, moment=rule.moment, risk=rule.severity)
            settles = f"{to_whom.owner.name} settles it by {to_whom.due:%-d %B %Y}."
        because = dict(each.stale_because) or _because(rule.id, each.stale, reasons)
        found = tuple(_idle_about(run, each, idle))
        judged.append(dataclasses.replace(each, stale_because=because, idle=found, settles=settles))
    closed = dataclasses.replace(verdict, judged=tuple(judged))
    return dataclasses.replace(closed, settle=_settle(run, closed.blocking))


def _because(rule: str, stale: Iterable[str], reasons: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return why decisions no longer fit; the rule about outdated ones takes them from whichever rule they name."""
    known = dict(reasons.get(rule, {}))
    if rule.endswith(OUTDATED):
        known = {decision: why for by in reasons.values() for decision, why in by.items()}
    return {decision: known.get(decision, LAPSED) for decision in stale}


def _idle_about(run: Run, judged: Judged, idle: Iterable[Idle]) -> Iterator[str]:
    """Yield each decision about a rule that has no effect, with why."""
    rule = judged.result.rule
    for each in idle:
        entry = each.entry
        if isinstance(entry, MappingApproved):
            is_meant = rule.subject == entry.covers.entity and rule.id == _approval_id(run, rule.subject)
        elif isinstance(entry, RowDecision | RuleWaived):
            named = entry.covers.rule
            is_meant = rule.subject == entry.covers.subject and named in {rule.id, *_any(judged)}
        else:
            is_meant = False
        if is_meant:
            yield f"{entry.id} {each.words}"


def _any(judged: Judged) -> tuple[None, ...]:
    """Return what a decision names that is about rows whichever rule they break: nothing, where rows are undecided."""
    return (None,) if judged.uncovered else ()


def _approval_id(run: Run, entity: str) -> str:
    return approval_asked(run.migration, entity).id


def _settle(run: Run, blocking: Iterable[Judged]) -> str:
    """Return the sentence that names the command."""
    commands = [
        settle_command(run, each.result.rule.id, has_rows=each.result.failing > 0) for each in blocking
    ]
    wanted = list(dict.fromkeys(f"`{command}`" for command in commands))
    if any(" review export " in command for command in commands):
        wanted.append(f"`{decide_command(run)}`")
    return f"Settle it: {' or '.join(wanted)}" if wanted else ""
