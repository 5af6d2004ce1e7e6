"""Derives an entity's rules from its description, so that no rule is written twice.

One function per gate says which checks it judges.  Reading hand-written rules belongs in `extras`,
running any of them in `run_suite`.
"""

from collections.abc import Iterator
from typing import Any

from aformity_pipelines.domain.destination import Check, Destination, Entity, Field, FieldType, Policy
from aformity_pipelines.domain.findings import Gate, severity_of
from aformity_pipelines.quality import sentences
from aformity_pipelines.quality.formats import PATTERNS

Expectation = dict[str, Any]
"""One expectation in Great Expectations' own JSON: type, kwargs, severity, meta."""

BAD_SUFFIX = "__bad"
"""Staging keeps in `<field>__bad` the raw text that it could not read as the field's type or list."""


def all_waves(entity: str) -> str:
    """Return the name of the view that holds an entity's rows of all waves; the caller registers it."""
    return f"{entity}__all"


def derived(
    type_: str,
    kwargs: dict[str, Any],
    *,
    rule: str,
    policy: Policy,
    says: str,
    moment: str,
    fields: tuple[str, ...],
    may_check_nothing: bool = False,
) -> Expectation:
    """Return one derived expectation with everything that the rest of the system asks of a rule."""
    meta: dict[str, Any] = {
        "rule": rule,
        "policy": policy.value,
        "says": says,
        "moment": moment,
        "fields": list(fields),
        "derived": True,
    }
    if may_check_nothing:
        meta["may_check_nothing"] = True
    return {"type": type_, "kwargs": kwargs, "severity": severity_of(policy).value, "meta": meta}


def derive_entity_suite(
    destination: Destination, entity: str, gate: Gate, fields: frozenset[str]
) -> tuple[Expectation, ...]:
    """Return the rules that the destination implies for `entity` at `gate`.

    `fields` are the fields that this customer's mapping provides.  An optional field that is not
    among them has no rules; a required one keeps its `required` rule.  Raises `ValueError` for the
    intake gate, whose rules come from the source (`derive_intake_suite`).
    """
    described = _Described(destination, entity)
    match gate:
        case Gate.MAPPED:
            return (described.rows_present(), *described.mapped(fields))
        case Gate.TRANSFORMED:
            return (described.rows_present(), *described.transformed(fields))
        case Gate.EXPORT:
            return tuple(described.export(fields))
        case Gate.INTAKE:
            raise ValueError("the intake gate judges sources, not entities: use derive_intake_suite")


class _Described:
    """One entity's description, read gate by gate."""

    def __init__(self, destination: Destination, name: str) -> None:
        self.destination = destination
        self.name = name
        self.entity: Entity = destination.entities[name]

    def rows_present(self) -> Expectation:
        return derived(
            "expect_table_row_count_to_be_between",
            {"min_value": 1},
            rule=f"{self.name}.rows.present",
            policy=Policy.BLOCK,
            says=sentences.rows_present(self.entity),
            moment=self.entity.fields[self.entity.key].moment,
            fields=(),
        )

    def mapped(self, fields: frozenset[str]) -> Iterator[Expectation]:
        for name, field in self.entity.fields.items():
            if name in fields:
                yield from self._mapped_field(name, field)
            elif field.required:
                yield self._required(name, field, read=False)

    def transformed(self, fields: frozenset[str]) -> Iterator[Expectation]:
        for name, field in self.entity.fields.items():
            if name not in fields and not field.required:
                continue
            if field.unique:
                yield self._unique(name, field)
            if field.relationship:
                yield self._related(name, field)
                if field.relationship.acyclic:
                    yield self._acyclic(name, field)

    def export(self, fields: frozenset[str]) -> Iterator[Expectation]:
        key = self.entity.key
        described = self.entity.fields[key]
        yield self._required(key, described, read=False, net=True)
        yield self._unique(key, described, net=True)
        for name, field in self.entity.fields.items():
            is_net = field.policy(Check.RELATIONSHIP) is not Policy.REPORT
            if field.relationship and is_net and (name in fields or field.required):
                yield self._related(name, field, net=True)

    def _mapped_field(self, name: str, field: Field) -> Iterator[Expectation]:
        checks = field.checks()
        unread = {"column": f"{name}{BAD_SUFFIX}"}
        if Check.REQUIRED in checks:
            yield self._required(name, field, read=_is_read(field))
        if Check.TYPE in checks:
            says = sentences.typed(self.entity, name, field)
            yield self._rule(name, field, Check.TYPE, "expect_column_values_to_be_null", unread, says)
        if Check.ALLOWED in checks:
            says = sentences.allowed(self.entity, name, field)
            yield self._rule(
                name, field, Check.ALLOWED, "expect_column_values_to_be_null", dict(unread), says
            )
        if field.format is not None:
            kwargs = {"column": name, "regex": PATTERNS[field.format]}
            says = sentences.formatted(self.entity, name, field)
            yield self._rule(name, field, Check.FORMAT, "expect_column_values_to_match_regex", kwargs, says)
        if field.max_length is not None:
            limits = {"column": name, "max_value": field.max_length}
            says = sentences.short_enough(self.entity, name, field)
            yield self._rule(
                name, field, Check.LENGTH, "expect_column_value_lengths_to_be_between", limits, says
            )

    def _required(self, name: str, field: Field, *, read: bool, net: bool = False) -> Expectation:
        """A value that could not be read breaks `type` or `allowed`, so it is not missing as well."""
        says = sentences.required(self.entity, name)
        if read:
            kwargs = {"column": name, "bad_column": f"{name}{BAD_SUFFIX}"}
            return self._rule(
                name, field, Check.REQUIRED, "expect_column_values_to_be_delivered", kwargs, says, net=net
            )
        # Text of spaces only says no more than an empty cell.
        is_text = field.type is FieldType.TEXT
        not_null = f"expect_column_values_to_not_be_{'blank' if is_text else 'null'}"
        return self._rule(name, field, Check.REQUIRED, not_null, {"column": name}, says, net=net)

    def _unique(self, name: str, field: Field, *, net: bool = False) -> Expectation:
        kwargs = {"column": name, "ref_table": all_waves(self.name)}
        says = sentences.unique(self.entity, name)
        type_ = "expect_column_values_to_be_unique_in_table"
        return self._rule(name, field, Check.UNIQUE, type_, kwargs, says, net=net)

    def _related(self, name: str, field: Field, *, net: bool = False) -> Expectation:
        says = sentences.related(self.destination, self.entity, name, field)
        target = field.relationship
        if target is None:
            raise ValueError(f"field {name!r} has no relationship to judge")
        kwargs = {"column": name, "ref_table": all_waves(target.entity), "ref_column": target.field}
        type_ = "expect_column_values_to_be_in_table"
        return self._rule(name, field, Check.RELATIONSHIP, type_, kwargs, says, net=net)

    def _acyclic(self, name: str, field: Field) -> Expectation:
        target = field.relationship
        if target is None or target.entity != self.name:
            raise ValueError(f"{self.name}.{name}: only a link to {self.name!r} itself can be `acyclic`")
        return derived(
            "expect_column_links_to_be_acyclic",
            {"column": name, "key_column": target.field, "ref_table": all_waves(self.name)},
            rule=f"{self.name}.{name}.acyclic",
            policy=field.policy(Check.RELATIONSHIP),
            says=sentences.acyclic(self.entity, name),
            moment=field.moment,
            fields=(name,),
        )

    def _rule(
        self,
        name: str,
        field: Field,
        check: Check,
        type_: str,
        kwargs: dict[str, Any],
        says: str,
        *,
        net: bool = False,
    ) -> Expectation:
        """`net`: the export gate's safety net, which blocks and may find an empty wave."""
        return derived(
            type_,
            kwargs,
            rule=f"{self.name}.{name}.{check.value}",
            policy=Policy.BLOCK if net else field.policy(check),
            says=says,
            moment=field.moment,
            fields=(name,),
            may_check_nothing=net,
        )


def _is_read(field: Field) -> bool:
    return field.type is not FieldType.TEXT or bool(field.allowed)
