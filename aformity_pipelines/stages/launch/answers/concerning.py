"""Which finding of a record is about which of its fields, so that a blank field says whether that is known or open."""

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.mapping.compile import MAIN
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.stages.graph import VALIDATED
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.findings import FOUND

CONCERNING = "answer_concerning"
"""Temp table (entity, record, field, accepted_by, subject, rule, followed_by): by record and field the decision that accepts
a finding about it, and of what is open the first; each NULL where there is none."""

About = tuple[str, str, str, str, str, str]
"""Stage, subject, rule, entity, field, part."""


def create_concerning(basis: Basis) -> None:
    """Create `answer_concerning`; needs `answer_found`."""
    rules = basis.sources.rules()
    seen = basis.query(f"select distinct stage, subject, rule from {FOUND} order by all")
    about = [each for key in seen for each in _about(basis, (key[0], key[1], key[2]), rules[tuple(key)])]
    acting = [key for key, rule in rules.items() if rule.policy in (Policy.HOLD, Policy.BLOCK)]
    named = (
        ", ".join(f"({', '.join(literal(each) for each in row)})" for row in about)
        or "('', '', '', '', '', '')"
    )
    acts = ", ".join(f"({', '.join(literal(each) for each in key)})" for key in acting) or "('', '', '')"
    order = "(not f.held, f.stage, f.rule, f.row_id)"
    is_open = f"f.accepted_by is null and (f.held or f.followed_by is not null or (f.stage, f.subject, f.rule) in ({acts}))"
    basis.query(
        f"create or replace temp table {CONCERNING} as select entity, record, field, accepted_by,"
        " open.subject as subject, open.rule as rule, open.followed_by as followed_by from"
        f" (select f.entity, f.record, a.field, arg_min(f.accepted_by, {order}) filter (f.accepted_by is not null) as accepted_by,"
        " arg_min(struct_pack(subject := f.subject, rule := f.rule, followed_by := f.followed_by),"
        f" {order}) filter ({is_open}) as open"
        f" from {FOUND} f join (values {named}) a(stage, subject, rule, entity, field, part)"
        " on a.stage = f.stage and a.subject = f.subject and a.rule = f.rule and a.entity = f.entity"
        " and (a.part = '*' or a.part = split_part(f.row_id, '/', 2)) group by all)"
        " where accepted_by is not null or open is not null"
    )


def _about(basis: Basis, key: tuple[str, str, str], rule: RuleRecord) -> list[About]:
    """Return the fields that a rule is about; at intake those that are made of a column that it is about."""
    stage, subject, id_ = key
    migration = basis.sources.run.migration
    if stage != VALIDATED:
        fields = migration.destination.entities[subject].fields
        return [
            (stage, subject, id_, subject, name, "*")
            for name in fields
            if name in rule.fields or id_.startswith(f"{subject}.{name}.")
        ]
    return [
        (stage, subject, id_, entity, name, "" if read.part == MAIN else read.part)
        for entity in migration.readers_of(subject)
        for read in migration.reads_of(entity)
        if read.source == subject
        for name, mapping in read.fields.items()
        if set(headers_of(mapping)) & set(rule.fields)
    ]
