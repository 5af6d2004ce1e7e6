"""Run models in a DuckDB connection, or print one as a single statement.

Nothing is written outside the connection: views, and in-memory tables for what is read twice.
Where the rows go afterwards is the caller's.
"""

from collections.abc import Mapping

import duckdb

from aformity_pipelines.domain.destination import Entity, Field
from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.domain.sql_types import DUCKDB_TYPES
from aformity_pipelines.transform.project import Model, Project, Source

MAPPED_COLUMNS = ("row_id", "source", "wave", "set_aside")
"""The columns that every mapped relation has before the fields of its entity; all text."""


class ModelError(RuntimeError):
    """A model's SQL does not run: which file, and what DuckDB says but for values."""


def empty_mapped(entity: Entity) -> str:
    """Return the SQL of a mapped relation without rows, for an entity that a customer does not map."""
    columns = [f"CAST(NULL AS VARCHAR) AS {identifier(column)}" for column in MAPPED_COLUMNS]
    columns += [
        f"CAST(NULL AS {DUCKDB_TYPES[field.type]}) AS {identifier(name)}"
        for name, field in entity.fields.items()
    ]
    return f"SELECT {', '.join(columns)} WHERE FALSE"


def widened(relation: str, fields: Mapping[str, Field]) -> str:
    """Return the SQL of a mapped relation with fields that it has not, empty: models may read them."""
    columns = [
        f"CAST(NULL AS {DUCKDB_TYPES[field.type]}) AS {identifier(name)}" for name, field in fields.items()
    ]
    return f"(SELECT *, {', '.join(columns)} FROM {relation})" if columns else relation


def run_model(
    connection: duckdb.DuckDBPyConnection, project: Project, name: str, *, sources: Mapping[Source, str]
) -> None:
    """Build `name` and all it is made of, so that `SELECT * FROM "<name>"` gives its rows.

    `sources` gives the SQL relation behind each (schema, table), such as `mapped.account` or
    `read_parquet('...')`.  Everything made is temporary to the connection and replaces an earlier
    run's; a model that several others read is computed once.  Rows come in no order.
    Raises ValueError when a source is missing or its relation has the name of a model, ModelError
    when DuckDB refuses a model.
    """
    chain = (*project.ancestors(name), project.model(name))
    _check_sources(project, name, sources)
    for model in chain:
        sql = model.resolved(identifier, lambda source: sources[source])
        is_shared = sum(model.name in reader.refs for reader in chain) > 1
        kind = "TABLE" if is_shared and model.layer == "intermediate" else "VIEW"
        _drop(connection, model.name)
        try:
            connection.execute(f"CREATE TEMP {kind} {identifier(model.name)} AS\n{sql}")
        except duckdb.Error as error:
            raise does_not_run(model, error) from None


def does_not_run(model: Model, error: duckdb.Error) -> ModelError:
    """Return what is wrong with a model, without the values that it fails on."""
    return ModelError(f"{model.path}: model {model.name!r} does not run: {without_values(str(error))}")


def compiled_sql(project: Project, name: str, sources: Mapping[Source, str]) -> str:
    """Return one readable statement: what `name` is made of as named steps, in order, then itself.

    Raises ValueError as `run_model` does.
    """
    _check_sources(project, name, sources)
    steps = [
        f"{identifier(model.name)} AS (\n{_indented(_compiled(model, sources))}\n)"
        for model in project.ancestors(name)
    ]
    body = _compiled(project.model(name), sources)
    if not steps:
        return body
    return (
        "WITH "
        + ",\n\n".join(steps)
        + f",\n\n{identifier(name)} AS (\n{_indented(body)}\n)\n\nSELECT * FROM {identifier(name)}"
    )


def _compiled(model: Model, sources: Mapping[Source, str]) -> str:
    return model.resolved(identifier, lambda source: sources[source]).strip()


def _indented(sql: str) -> str:
    return "\n".join("    " + line if line else line for line in sql.splitlines())


def _check_sources(project: Project, name: str, sources: Mapping[Source, str]) -> None:
    needed = project.sources_of(name)
    if missing := [".".join(source) for source in needed if source not in sources]:
        raise ValueError(f"model {name!r} also reads {', '.join(missing)}; give their relations in `sources`")
    models = {model.name for model in project.models}
    if taken := sorted(relation for relation in sources.values() if relation.strip('"') in models):
        raise ValueError(
            f"relation {taken[0]!r} has the name of a model; qualify it with a schema or rename it"
        )


def _drop(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Drop a temporary view or table of an earlier run; DuckDB replaces only one kind by the same kind."""
    found = connection.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_catalog = 'temp' AND table_name = ?",
        [name],
    ).fetchone()
    if found:
        kind = "VIEW" if found[0] == "VIEW" else "TABLE"
        connection.execute(f"DROP {kind} temp.main.{identifier(name)}")
