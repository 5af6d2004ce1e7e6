"""The SQL of one field as people read it: its expression over the delivered columns, by their headers.

It is compiled by the code that compiles what runs, with three things left as calls that a reader understands and that
would bury the rest: `by_value_map(map, text, otherwise)`, `known_word(field, text)` for the product's own list, and
`look_up(source, key, take, text)`.  The values of maps and other sources are customers' and stay out.
"""

from dataclasses import dataclass

from aformity_pipelines.domain.destination import Field
from aformity_pipelines.domain.mapping import FieldMapping, Read, Step
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import Compiler, Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivered(RawRelation):
    """A source whose columns are called by their headers."""

    def exact(self, header: str, alias: str = "r") -> str:
        """Return the header as SQL."""
        return identifier(header)


@dataclass(slots=True, kw_only=True)
class _Shown(Compiler):
    """Compiles calls in place of joins."""

    def lookup(self, step: Step, text: str, name: str) -> str:
        """Return a call that says where the text is looked up."""
        assert step.lookup is not None
        names = (step.lookup.source, step.lookup.key, step.lookup.take)
        return f"look_up({', '.join(map(literal, names))}, {text})"

    def translated(
        self, name: str, field_: Field, mapping: FieldMapping, text: str
    ) -> tuple[str, tuple[str, ...]]:
        """Return calls that say by which list and which value map the text is translated."""
        known = text
        if field_.allowed:
            known = f"known_word({literal(f'{self.entity_name}.{name}')}, {text})"
        if mapping.values:
            known = f"by_value_map({literal(mapping.values)}, {text}, {known})"
        return known, ()


def field_sql(migration: Migration, entity: str, read: Read, name: str) -> str:
    """Return the SQL of a mapped field of one read, without corrections: an expression, or a SELECT of one.

    The macros in it, such as `read_iso_date`, are those of `mapping.casts`.
    """
    described, mapping = migration.destination.entities[entity], read.fields[name]
    blanks = migration.customer.sources[read.source].blanks
    source = _Delivered(source=read.source, relation=identifier(read.source), internal={}, blanks=blanks)
    compiler = _Shown(
        migration=migration,
        entity_name=entity,
        entity=described,
        raw={read.source: source},
        effects=Effects(),
    )
    text = compiler.text(read, name, mapping).expression
    value, _, _ = compiler.value(name, described.fields[name], mapping)
    column = identifier(name)
    if value == f"t.{column}":
        return text
    return f"select {value} from (select {text} as {column} from {source.relation}) t"
