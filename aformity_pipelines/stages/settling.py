"""Which kinds of decisions settle a broken rule: what a reviewer is offered, and nothing that would be refused."""

from aformity_pipelines.domain.decisions import FollowUpOpened, QuestionAsked
from aformity_pipelines.domain.findings import Gate, Rule
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.stages.graph import project_in
from aformity_pipelines.stages.outdated import OUTDATED
from aformity_pipelines.stages.refusing import MERGES
from aformity_pipelines.stages.rejected import is_about_reading
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.suites import mapped_fields
from aformity_pipelines.stages.vanished import is_about_delivery
from aformity_pipelines.stages.waiving import why_not_waivable

APPROVED = ".mapping.approved"
OF_DUPLICATES = ("to_be_unique", "to_name_one_row")
"""Parts of the names of expectations that find rows which may be one record."""
LOOKED_AT = ("follow_up_opened", "question_asked")


def kinds_for(run: Run, gate: Gate, subject: str, rule: RuleRecord, *, has_rows: bool) -> tuple[str, ...]:
    """Return the kinds of decisions that make sense about the rows of a broken rule, the most helpful first."""
    if rule.rule.endswith(APPROVED):
        return ("mapping_approved",)
    if is_about_reading(rule.rule):
        return ("rows_excluded", "follow_up_opened")
    if not has_rows:
        return ()
    if is_about_delivery(rule.rule):
        return ("risk_accepted", "rows_excluded", *LOOKED_AT)
    waiver = () if why_not_waivable(run.migration, _rule(gate, subject, rule)) else ("rule_waived",)
    if subject not in run.migration.mappings:
        return ("risk_accepted", *LOOKED_AT, *waiver)
    if rule.rule.endswith(OUTDATED):
        return ("rows_excluded", *_deferral(run), "risk_accepted", *LOOKED_AT)
    merging = _merging(run, subject, rule) if any(part in rule.expectation for part in OF_DUPLICATES) else ()
    is_delivered = bool(mapped_fields(run.migration, subject) & set(rule.fields))
    corrected = ("value_corrected", "values_replaced") if is_delivered else ()
    return (*merging, *corrected, "risk_accepted", *_deferral(run), "rows_excluded", *LOOKED_AT, *waiver)


def kinds_for_work(
    run: Run, gate: Gate, subject: str, rule: RuleRecord, work: FollowUpOpened | QuestionAsked
) -> tuple[str, ...]:
    """Return the kinds that settle rows which a follow-up or a question holds: its end, or a decision in its place."""
    instead = kinds_for(run, gate, subject, rule, has_rows=True)
    ends = "question_answered" if isinstance(work, QuestionAsked) else "follow_up_closed"
    return (ends, "follow_up_reassigned", *(kind for kind in instead if kind not in LOOKED_AT))


def _deferral(run: Run) -> tuple[str, ...]:
    """Return the kind that sends rows to a later wave, where there is one."""
    return () if run.wave == run.migration.customer.waves[-1].name else ("rows_deferred",)


def _merging(run: Run, entity: str, rule: RuleRecord) -> tuple[str, ...]:
    """Return the kinds about rows that may be one record, as far as the entity's model merges and its key differs."""
    merges = MERGES in project_in(run.workspace.transforms).sources_of(entity)
    is_apart = run.migration.destination.entities[entity].key not in rule.fields
    return (*(("merge_approved",) if merges else ()), *(("merge_refused",) if is_apart else ()))


def _rule(gate: Gate, subject: str, rule: RuleRecord) -> Rule:
    """Return a recorded rule as the rule that it was; a field's own rules are the derived ones."""
    return Rule(
        id=rule.rule,
        gate=gate,
        subject=subject,
        policy=rule.policy,
        severity=rule.severity,
        says=rule.says,
        moment=rule.moment,
        fields=rule.fields,
        expectation=rule.expectation,
        derived=rule.rule == f"{subject}.{'.'.join(rule.fields)}.{rule.rule.rpartition('.')[2]}",
    )
