"""Column lineage, read from the SQL itself: which source columns each result column is made of.

What only chooses among rows is not lineage, for no value comes from it: joins, WHERE, FILTER, the
order inside MIN_BY.  The condition of a CASE is: `CASE WHEN status = 'A' THEN 'active'` is made of status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sqlglot import exp, parse_one
from sqlglot.lineage import Node, lineage

from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.transform.project import Project
from aformity_pipelines.transform.run_models import compiled_sql

Schema = Mapping[str, Mapping[str, str]]
"""Relation (`mapped.account`, `raw_crm`) -> column -> DuckDB type."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Upstream:
    """A source column that a value can come from."""

    relation: str
    """As the schema names it, such as `mapped.account`; empty where the SQL does not tell which one it is."""
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a result column is made of."""

    upstream: tuple[Upstream, ...]
    is_plain: bool
    """Whether it is one column as it stands, under whatever name, in every row."""


def column_lineage(project: Project, model: str, schema: Schema) -> Mapping[str, tuple[Upstream, ...]]:
    """Return for each column of `model` the source columns it is made of, through all `ref()`s, sorted.

    `schema` names the columns of each source as `schema.table`.  Raises ValueError when a source
    that the model reads is missing from it.
    """
    sources = project.sources_of(model)
    if missing := [".".join(source) for source in sources if ".".join(source) not in schema]:
        raise ValueError(
            f"lineage of {model!r} needs the columns of {', '.join(missing)}; add them to `schema`"
        )
    relations = {source: ".".join(identifier(part) for part in source) for source in sources}
    return lineage_of_sql(compiled_sql(project, model, relations), schema)


def lineage_of_sql(sql: str, schema: Schema) -> Mapping[str, tuple[Upstream, ...]]:
    """Return for each column of a SELECT the columns of `schema` it is made of, sorted; () for a constant.

    Relations and columns are found without regard to case, as DuckDB does, and reported as `schema`
    spells them.  Raises sqlglot's SqlglotError when `sql` is not one SELECT with named columns.
    """
    return {column: made.upstream for column, made in made_of(sql, schema).items()}


def made_of(sql: str, schema: Schema) -> Mapping[str, Made]:
    """Return for each column of a SELECT what it is made of, as `lineage_of_sql` does, and whether that is one column."""
    return _made_of(sql, tuple((relation, tuple(columns.items())) for relation, columns in schema.items()))


# Tenths of a second each; a run asks about its models twice, and every wave and customer about the same ones again.
@lru_cache(maxsize=512)
def _made_of(sql: str, relations: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> Mapping[str, Made]:
    schema = {relation: dict(columns) for relation, columns in relations}
    query = parse_one(sql, read="duckdb")
    spelled = {relation.lower(): relation for relation in schema}
    _flatten_relations(query, spelled)
    query = query.transform(_without_choice)
    read = {table.name for table in query.find_all(exp.Table)}
    # Quoted, because a name with a dot would otherwise be read as several.
    flat = {
        identifier(relation.lower()): {identifier(column): kind for column, kind in columns.items()}
        for relation, columns in schema.items()
        if relation.lower() in read  # each column that the library is told of costs it a parse
    }
    nodes = lineage(None, query, schema=flat, dialect="duckdb", trim_selects=False)
    return MappingProxyType({column: _made(node, schema, spelled) for column, node in nodes.items()})


def _flatten_relations(query: exp.Expr, spelled: Mapping[str, str]) -> None:
    """Give each relation of the schema one name of one part: sqlglot wants equal depth everywhere."""
    steps = {step.alias.lower() for step in query.find_all(exp.CTE)}
    for table in list(query.find_all(exp.Table)):
        name = ".".join(part.name for part in table.parts).lower()
        if name in spelled and not (name in steps and not table.db):
            alias = table.alias or table.name
            table.replace(
                exp.alias_(exp.to_table(identifier(name), dialect="duckdb"), alias, table=True, quoted=True)
            )


def _without_choice(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Filter):
        return _without_choice(node.this.copy())
    if isinstance(node, exp.ArgMin | exp.ArgMax):
        node.set("expression", exp.Literal.number(1))
    return node


def _made(node: Node, schema: Schema, spelled: Mapping[str, str]) -> Made:
    upstream = _upstreams(node, schema, spelled)
    steps = [
        each.expression
        for each in node.walk()
        if each.downstream and not isinstance(each.expression, exp.SetOperation)
    ]
    return Made(
        upstream=upstream,
        is_plain=len(upstream) == 1 and all(isinstance(step.unalias(), exp.Column) for step in steps),
    )


def _upstreams(node: Node, schema: Schema, spelled: Mapping[str, str]) -> tuple[Upstream, ...]:
    found = set()
    for leaf in node.walk():
        if isinstance(leaf.expression, exp.Table | exp.Placeholder):
            name = leaf.expression.name if isinstance(leaf.expression, exp.Table) else ""
            relation = spelled.get(name, name)
            column = exp.to_column(leaf.name).name
            columns = {name.lower(): name for name in schema.get(relation, ())}
            found.add(Upstream(relation=relation, column=columns.get(column, column)))
    return tuple(sorted(found))
