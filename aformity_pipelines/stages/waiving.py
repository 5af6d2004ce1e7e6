"""Rules that a customer is not asked to keep: which can be waived, as what they were, and which still are.

A waiver settles every row that breaks the rule, also rows to come; it lapses when the rule demands something else.
Nothing can be waived without which a record could not be told apart, typed or loaded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import RuleWaived
from aformity_pipelines.domain.destination import Check, Field, ParentAbsent, RelationshipKind
from aformity_pipelines.domain.drafts import DraftCoverage
from aformity_pipelines.domain.findings import Gate, Rule
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.quality.suites import Suite, rules_of
from aformity_pipelines.stages.refusing import refused
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.suites import entity_suite, intake_suite

ABOUT_A_TABLE = ("expect_table_", "expect_column_to_exist")
"""How the types of expectations begin that judge no single row."""
BESIDE = (".record.readable", ".column.unambiguous", ".decisions.current", ".mapping.approved", ".kept")
"""How the ids of rules end that no suite holds: about files, decisions and approvals."""
OF_PARENTS = frozenset({Check.RELATIONSHIP.value, Check.REQUIRED.value, "acyclic"})
"""How the ids of rules end that a link to a parent must keep."""
KEEP_IT = "decide about its rows: correct, accept, defer or exclude them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waivers:
    """The waivers in force on one subject, rule -> decision."""

    holding: Mapping[str, str] = field(default_factory=dict)  # the rule is what it was
    lapsed: Mapping[str, str] = field(default_factory=dict)  # the rule demands something else now


def waivers_on(run: Run, subject: str) -> Waivers:
    """Return which waivers of a subject's rules hold today, and which have lapsed."""
    given = waived_about(run.migration, subject)
    if not given:
        return Waivers()
    now = {each.covers.rule: demanded(run, subject, each.covers.rule) for each in given}
    return Waivers(
        holding={each.covers.rule: each.id for each in given if each.covers.digest == now[each.covers.rule]},
        lapsed={each.covers.rule: each.id for each in given if each.covers.digest != now[each.covers.rule]},
    )


def waived_about(migration: Migration, subject: str) -> tuple[RuleWaived, ...]:
    """Return the waivers in force of a subject's rules, in log order."""
    return tuple(e for e in in_force(migration) if isinstance(e, RuleWaived) and e.covers.subject == subject)


def demanded(run: Run, subject: str, rule: str) -> str:
    """Return the digest of what a rule demands, in every gate that asks for it; its sentence is not in it."""
    return digest_of([
        [gate, each["type"], each["kwargs"], each["meta"]["policy"]]
        for gate, suite in _suites(run, subject)
        for each in suite["expectations"]
        if each["meta"]["rule"] == rule
    ])  # fmt: skip


def stated(run: Run, subject: str, rule: str) -> str:
    """Return the digest of what a rule demands and of its sentence: what a person is shown of it."""
    says = [
        [gate, each["meta"]["says"]]
        for gate, suite in _suites(run, subject)
        for each in suite["expectations"]
        if each["meta"]["rule"] == rule
    ]
    return digest_of([demanded(run, subject, rule), says])


def waiver(run: Run, covers: DraftCoverage, subject: str) -> dict[str, Any]:
    """Return the `covers` of a waiver; DraftRefused says why the rule cannot be waived."""
    rule_id = covers.rule or ""
    at = ("covers", "rule")
    if rule_id.endswith(BESIDE):
        says = f"{subject}: {rule_id!r} cannot be waived: it asks people about files, decisions or approvals"
        raise refused(says, "settle what it asks", at)
    rules = tuple(_rules(run, subject))
    rule = next((each for each in rules if each.id == rule_id), None)
    if rule is None:
        known = did_you_mean(rule_id, (each.id for each in rules))
        raise refused(f"{subject}: no rule {rule_id!r} about rows", known, at)
    if why := why_not_waivable(run.migration, rule):
        raise refused(f"{subject}: {rule_id!r} cannot be waived: {why}", KEEP_IT, at)
    return {
        "subject": subject,
        "rule": rule_id,
        "digest": demanded(run, subject, rule_id),
        "fields": list(rule.fields),
        "says": rule.says,
    }


def why_not_waivable(migration: Migration, rule: Rule) -> str:
    """Return why nobody can waive a rule; empty where somebody can."""
    if rule.id.endswith(BESIDE):
        return "it asks people about files, decisions or approvals"
    if rule.expectation.startswith(ABOUT_A_TABLE):
        return "it is about the table as a whole, not about rows"
    if rule.gate is Gate.INTAKE:
        declared = migration.customer.sources[rule.subject]
        return "by it rows are told apart" if set(rule.fields) & set(declared.key) else ""
    entity = migration.destination.entities[rule.subject]
    if entity.key in rule.fields:
        return "by it records are told apart, and the product refuses records that are not"
    if rule.derived and rule.id.endswith(f".{Check.TYPE}"):
        return "what is no value of the field's type cannot be brought over"
    if rule.id.rpartition(".")[2] in OF_PARENTS and any(_needs_parent(entity.fields[n]) for n in rule.fields):
        return "a record cannot be loaded without the one that it belongs to"
    return ""


def _needs_parent(described: Field) -> bool:
    target = described.relationship
    if target is None or target.kind is not RelationshipKind.PARENT:
        return False
    return target.when_not_exported is ParentAbsent.FOLLOW


def _rules(run: Run, subject: str) -> Iterator[Rule]:
    for gate, suite in _suites(run, subject):
        yield from rules_of(suite, gate, subject)


def _suites(run: Run, subject: str) -> Iterator[tuple[Gate, Suite]]:
    if subject in run.migration.mappings:
        for gate in (Gate.MAPPED, Gate.TRANSFORMED, Gate.EXPORT):
            yield gate, entity_suite(run.workspace, run.migration, subject, gate)
    else:
        yield Gate.INTAKE, intake_suite(run.workspace, run.migration, subject)
