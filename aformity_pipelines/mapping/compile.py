"""One SELECT per entity: its sources' raw text in, the destination's fields out.

The result has one row per source row and read: `row_id` (with `/part` behind it for parts other than
main), `source`, `wave`, `set_aside` (why the row takes no part; NULL where it does), then for every field of
the entity the typed value and, where a text can fail to fit, `<field>__bad` with that text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aformity_pipelines.domain.destination import Entity, Field, FieldType
from aformity_pipelines.domain.mapping import FieldMapping, Read, Step
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.sql_types import DUCKDB_TYPES
from aformity_pipelines.mapping.casts import typed
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.sql import bind, headers_in
from aformity_pipelines.mapping.steps import apply_step

MAIN = "main"
VANISHED = "vanished"
"""Why a row takes no part that a later delivery no longer holds, where the source's policy leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What standing decisions do to an entity's rows while they are mapped: names of relations, or None."""

    corrections: str | None = None  # (row_id, field, value)
    corrected_fields: frozenset[str] = frozenset()
    set_aside: str | None = None  # (row_id, decision): excluded rows
    deferred: str | None = None  # (row_id, wave)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldText:
    """A field's text before value map and cast, with the joins that it needs."""

    expression: str
    joins: tuple[str, ...] = ()
    before_lookup: str | None = None


@dataclass(slots=True, kw_only=True)
class Compiler:
    """Compiles the reads of one entity; see `compile_entity`."""

    migration: Migration
    entity_name: str
    entity: Entity
    raw: Mapping[str, RawRelation]
    effects: Effects
    joins: list[str] = field(default_factory=list)

    def read(self, read: Read) -> str:
        """Return the SELECT of one read."""
        self.joins = []
        source = self.raw[read.source]
        texts = {name: self.text(read, name, mapping) for name, mapping in read.fields.items()}
        row_id = row_reference("r.row_id", read.part)
        inner = [f"{row_id} as row_id"]
        inner.append(f"{self._wave(read, row_id)} as wave")
        inner.append(f"{self._set_aside(read, source, row_id)} as set_aside")
        inner += [f"{text.expression} as {identifier(name)}" for name, text in texts.items()]
        inner += [
            f"{text.before_lookup} as {identifier(name + '__sought')}"
            for name, text in texts.items()
            if text.before_lookup
        ]
        body = ",\n    ".join(inner)
        joins = "".join(f"\n  {join}" for join in self.joins)
        outer, value_joins = self._outer(read)
        return (
            f"select\n  {outer}\nfrom (\n  select\n    {body}\n  from {source.relation} r{joins}\n) t"
            + "".join(f"\n{join}" for join in value_joins)
        )

    def texts(self, read: Read, name: str) -> str:
        """Return a SELECT of (row_id, text) of one field of a read, before value map and cast."""
        self.joins = []
        text = self.text(read, name, read.fields[name]).expression
        joins = "".join(f" {join}" for join in self.joins)
        row_id = row_reference("r.row_id", read.part)
        return f"select {row_id} as row_id, {text} as text from {self.raw[read.source].relation} r{joins}"

    def text(self, read: Read, name: str, mapping: FieldMapping) -> FieldText:
        """Return a field's text before value map and cast."""
        source = self.raw[read.source]
        before_lookup = None
        if mapping.constant is not None:
            text = literal(mapping.constant)
        else:
            texts: tuple[str, ...] = tuple(source.filled(header) for header in mapping.columns)
            for step in mapping.rule:
                if step.sql is not None:
                    texts = (self._expression(step.sql, source),)
                elif step.lookup is not None:
                    before_lookup = texts[0]
                    texts = (self.lookup(step, texts[0], name),)
                else:
                    texts = apply_step(step, texts)
            (text,) = texts
        if name in self.effects.corrected_fields:
            text = self._corrected(name, text, read)
            if before_lookup:
                corrected = f"{identifier(name + '__corrected')}.row_id is not null"
                before_lookup = f"case when {corrected} then null else {before_lookup} end"
        return FieldText(expression=text, before_lookup=before_lookup)

    def _expression(self, sql: str, source: RawRelation) -> str:
        bound = bind(sql, {header: source.filled(header) for header in headers_in(sql)})
        return f"nullif(cast({bound} as varchar), '')"

    def lookup(self, step: Step, text: str, name: str) -> str:
        """Return the SQL of what another source has for a text; NULL where it has none or several."""
        lookup = step.lookup
        assert lookup is not None
        other, alias = self.raw[lookup.source], identifier(f"{name}__found")
        key, taken = other.filled(lookup.key, "l"), other.filled(lookup.take, "l")
        self.joins.append(
            f"left join (select {key} as key, min({taken}) as value from {other.relation} l"
            f" group by all having count(*) = 1) {alias} on {alias}.key = {text}"
        )
        return f"{alias}.value"

    def _corrected(self, name: str, text: str, read: Read) -> str:
        alias = identifier(f"{name}__corrected")
        self.joins.append(
            f"left join {self.effects.corrections} {alias} on {alias}.field = {literal(name)}"
            f" and {alias}.row_id = {row_reference('r.row_id', read.part)}"
        )
        return f"case when {alias}.row_id is not null then nullif({alias}.value, '') else {text} end"

    def _wave(self, read: Read, row_id: str) -> str:
        source = self.raw[read.source]
        first, *later = self.migration.customer.waves
        whens = [
            f"when {self._condition(wave.where[read.source], source)} then {literal(wave.name)}"
            for wave in reversed(later)
            if read.source in wave.where
        ]
        own = f"case {' '.join(whens)} else {literal(first.name)} end" if whens else literal(first.name)
        if not self.effects.deferred:
            return own
        self.joins.append(f"left join {self.effects.deferred} d on d.row_id = {row_id}")
        return f"coalesce(d.wave, {own})"

    def _condition(self, sql: str, source: RawRelation) -> str:
        bound = bind(sql, {header: source.filled(header) for header in headers_in(sql)})
        return f"({bound}) is true"

    def _set_aside(self, read: Read, source: RawRelation, row_id: str) -> str:
        reasons = []
        if self.effects.set_aside:
            self.joins.append(f"left join {self.effects.set_aside} x on x.row_id = {row_id}")
            reasons.append("x.decision")
        if source.left_out and source.carried:
            reasons.append(
                f"case when r.row_id in (select row_id from {source.carried}) then '{VANISHED}' end"
            )
        if read.only:
            reasons.append(f"case when not {self._condition(read.only.where, source)} then 'mapping' end")
        return (
            f"coalesce({', '.join(reasons)})"
            if len(reasons) > 1
            else (reasons or ["cast(null as varchar)"])[0]
        )

    def _outer(self, read: Read) -> tuple[str, tuple[str, ...]]:
        columns = ["t.row_id", f"{literal(read.source)} as source", "t.wave", "t.set_aside"]
        joins: list[str] = []
        for name, field_ in self.entity.fields.items():
            mapping = read.fields.get(name)
            value, bad, value_joins = self.value(name, field_, mapping)
            columns.append(f"{value} as {identifier(name)}")
            if can_be_bad(field_) or has_lookup(self.migration, self.entity_name, name):
                columns.append(f"{bad} as {identifier(name + '__bad')}")
            joins += value_joins
        return ",\n  ".join(columns), tuple(joins)

    def value(
        self, name: str, field_: Field, mapping: FieldMapping | None
    ) -> tuple[str, str, tuple[str, ...]]:
        """Return the SQL of a field's value, of the text that did not fit, and the joins that both need."""
        nothing = "cast(null as varchar)"
        if mapping is None:
            return f"cast(null as {DUCKDB_TYPES[field_.type]})", nothing, ()
        text = f"t.{identifier(name)}"
        sought = f"t.{identifier(name + '__sought')}" if any(s.lookup for s in mapping.rule) else None
        translated, joins = self.translated(name, field_, mapping, text)
        value = typed(translated, field_.type, mapping.cast)
        if field_.type is FieldType.TEXT and not field_.allowed:
            bad = nothing if sought is None else f"case when {value} is null then {sought} end"
            return value, bad, joins
        meant_blank = f" and {identifier(name + '__map')}.source is null" if mapping.values else ""
        bad = f"case when {value} is null{meant_blank} then {text} end"
        return value, f"coalesce({bad}, {sought})" if sought else bad, joins

    def translated(
        self, name: str, field_: Field, mapping: FieldMapping, text: str
    ) -> tuple[str, tuple[str, ...]]:
        """Return the SQL of a text after value map and closed list, and the joins that it needs."""
        joins, known = [], text
        if field_.allowed:
            alias = identifier(f"{name}__known")
            words = list(_known_words(field_))
            joins.append(_values_join(words, alias, f"lower(trim({text}))"))
            known = f"{alias}.target"
        values = self.migration.value_map_of(mapping)
        if values:
            alias = identifier(f"{name}__map")
            joins.append(_values_join([(e.source, e.target) for e in values.entries], alias, text))
            known = f"case when {alias}.source is not null then nullif({alias}.target, '') else {known} end"
        return known, tuple(joins)


def _known_words(field_: Field) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for allowed in field_.allowed:
        for word in (allowed.value, *allowed.aliases):
            if word.strip().lower() not in seen:
                seen.add(word.strip().lower())
                yield word.strip().lower(), allowed.value


def _values_join(pairs: list[tuple[str, str]], alias: str, text: str) -> str:
    rows = ", ".join(f"({literal(source)}, {literal(target)})" for source, target in pairs)
    return f"left join (values {rows}) {alias}(source, target) on {alias}.source = {text}"


def row_reference(row_id: str, part: str) -> str:
    """Return the SQL of a row reference: the row id, with its part behind it where it has one."""
    return row_id if part == MAIN else f"{row_id} || {literal('/' + part)}"


def can_be_bad(field_: Field) -> bool:
    """Whether a delivered text can fail to become a value of this field."""
    return field_.type is not FieldType.TEXT or bool(field_.allowed)


def has_lookup(migration: Migration, entity: str, name: str) -> bool:
    """Whether any read of the entity looks this field up in another source."""
    return any(
        step.lookup is not None
        for read in migration.reads_of(entity)
        if name in read.fields
        for step in read.fields[name].rule
    )


def compile_entity(
    migration: Migration, entity: str, raw: Mapping[str, RawRelation], effects: Effects | None = None
) -> str:
    """Return the SELECT of `entity`, one branch per read, in the order of the mapping file.

    `raw` holds a relation for every source that the mapping reads or looks up.
    KeyError names a header that a delivery lacks: run the intake gate first.
    """
    compiler = _compiler(migration, entity, raw, effects or Effects())
    return "\nunion all\n".join(compiler.read(read) for read in migration.reads_of(entity))


def field_texts(migration: Migration, entity: str, raw: Mapping[str, RawRelation], name: str) -> str:
    """Return a SELECT of (row_id, text) of one field: after its rule, before correction, value map and cast.

    NULL is blank.  Rows of reads that do not map the field are not in it.
    """
    compiler = _compiler(migration, entity, raw, Effects())
    reads = [read for read in migration.reads_of(entity) if name in read.fields and read.source in raw]
    nothing = "select '' as row_id, '' as text where false"
    return "\nunion all\n".join([compiler.texts(read, name) for read in reads] or [nothing])


def _compiler(
    migration: Migration, entity: str, raw: Mapping[str, RawRelation], effects: Effects
) -> Compiler:
    return Compiler(
        migration=migration,
        entity_name=entity,
        entity=migration.destination.entities[entity],
        raw=raw,
        effects=effects,
    )
