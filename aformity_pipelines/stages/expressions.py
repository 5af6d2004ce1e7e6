"""SQL that people wrote in mappings and waves and that fails on what was delivered: said with its place.

The values themselves stay out of the message; the database's own words would quote them.
"""

from collections.abc import Iterator, Mapping

import duckdb

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.sql import bind, headers_in
from aformity_pipelines.stages.run import Run

ADVICE = "use try_cast, or say with CASE what becomes of the rows that it does not fit"


def failing_in_mapping(run: Run, entity: str, raw: Mapping[str, RawRelation]) -> ConfigInvalid | None:
    """Return what is wrong with the SQL of an entity's mapping; None where none of it fails."""
    path = f"customers/{run.slug}/mapping/{entity}.yaml"
    problems = [
        Problem(path=path, says=f"{place}: {expression} fails on {read.source} ({fault})", do=ADVICE)
        for read in run.migration.reads_of(entity)
        for place, expression in _expressions(run, entity, read.source, read.part)
        if (fault := _fault(run, raw[read.source], expression, raw[read.source].relation))
    ]
    return ConfigInvalid(problems) if problems else None


def failing_somewhere(run: Run, entity: str, error: duckdb.Error) -> ConfigInvalid:
    """Return what is wrong with an entity's mapping where no expression in it fails by itself."""
    path = f"customers/{run.slug}/mapping/{entity}.yaml"
    says = f"the mapping of {entity} fails on what was delivered: {without_values(str(error))}"
    do = f"print its SQL with `aformity explain {run.slug} {entity}`"
    return ConfigInvalid([Problem(path=path, says=says, do=do)])


def require_wave_conditions(run: Run, raw: RawRelation, table: str) -> None:
    """Raise ConfigInvalid where a wave's condition over a source fails on the rows of `table`."""
    conditions = [
        (wave.name, wave.where[raw.source])
        for wave in run.migration.customer.waves
        if raw.source in wave.where
        and all(header in raw.internal for header in headers_in(wave.where[raw.source]))
    ]
    problems = [
        Problem(
            path=f"customers/{run.slug}/defs.yaml",
            says=f"waves.{wave}.where.{raw.source}: {condition} fails ({fault})",
            do=ADVICE,
        )
        for wave, condition in conditions
        if (fault := _fault(run, raw, condition, table))
    ]
    if problems:
        raise ConfigInvalid(problems)


def _expressions(run: Run, entity: str, source: str, part: str) -> Iterator[tuple[str, str]]:
    for read in run.migration.reads_of(entity):
        if (read.source, read.part) != (source, part):
            continue
        if read.only:
            yield f"only of {source}/{part}", read.only.where
        for name, mapping in read.fields.items():
            yield from (
                (f"{source}/{part}/{name}", step.sql) for step in mapping.rule if step.sql is not None
            )


def _fault(run: Run, raw: RawRelation, expression: str, table: str) -> str | None:
    """Return the kind of error that an expression raises over a source's rows, or None."""
    bound = bind(expression, {header: raw.filled(header) for header in headers_in(expression)})
    try:
        run.connection.execute(f"select count({bound}) from {table} r").fetchone()
    except duckdb.Error as error:
        return type(error).__name__
    return None
