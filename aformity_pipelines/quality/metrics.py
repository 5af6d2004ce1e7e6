"""What Great Expectations computes on DuckDB: column types and the conditions of our own expectations.

Every provider is registered for `DuckDBExecutionEngine` through Great Expectations' registry, so
that counts of many rules are still bundled into one query.  Which expectation uses a condition is
said in `expectations`; patterns in text are in `text_metrics`.
"""

# Great Expectations ships no types that mypy follows, and passes the class to its providers.
# mypy: allow-subclassing-any, allow-untyped-decorators
# ruff: noqa: N805 - Great Expectations passes the class itself

from typing import Any

import sqlalchemy as sa
from great_expectations.expectations.metrics.map_metric_provider import column_condition_partial
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metrics.table_column_types import ColumnTypes
from great_expectations.util import get_sqlalchemy_selectable

from aformity_pipelines.quality.cycles import on_a_cycle
from aformity_pipelines.quality.engine import DuckDBExecutionEngine
from aformity_pipelines.quality.text_metrics import Column, Condition, ConditionOnDuckDB


class DuckDBColumnTypes(ColumnTypes):
    """Column names and types of a table or view, without reflection."""

    @metric_value(engine=DuckDBExecutionEngine)
    def _duckdb(
        cls,
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> list[dict[str, Any]]:
        batches = execution_engine.batch_manager
        batch = batches.batch_data_cache[metric_domain_kwargs.get("batch_id") or batches.active_batch_data_id]
        nothing = sa.select(sa.text("*")).select_from(batch.selectable).limit(0)
        described = execution_engine.execute_query(nothing).cursor.description
        names = execution_engine.engine.dialect.ischema_names
        return [{"name": column[0], "type": _sql_type(names, str(column[1]))} for column in described]


def _sql_type(names: dict[str, Any], described: str) -> sa.types.TypeEngine[Any]:
    known = names.get(described.split("(")[0].lower())
    return known() if known is not None else sa.types.NullType()


class ColumnValuesDelivered(ConditionOnDuckDB):
    """A value is there, or one was that could not be read as the field's type."""

    condition_metric_name = "column_values.delivered"
    condition_value_keys = ("bad_column",)
    filter_column_isnull = False

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, bad_column: str, **kwargs: object) -> Condition:
        return sa.or_(column.is_not(None), sa.column(bad_column).is_not(None))


class ColumnValuesNotBlank(ConditionOnDuckDB):
    """Text with more in it than spaces."""

    condition_metric_name = "column_values.not_blank"
    condition_value_keys = ()
    filter_column_isnull = False

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, **kwargs: object) -> Condition:
        return sa.and_(column.is_not(None), sa.func.trim(column) != "")


class ColumnValuesNameOneRow(ConditionOnDuckDB):
    """The value, with those of `with_columns`, occurs once among rows where none of them is blank."""

    condition_metric_name = "column_values.names_one_row"
    condition_value_keys = ("with_columns",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(
        cls, column: Column, with_columns: list[str], _table: sa.FromClause, **kwargs: object
    ) -> Condition:
        key = [column, *(sa.column(name) for name in with_columns)]
        given = [condition for part in key for condition in (part.is_not(None), sa.func.trim(part) != "")]
        repeated = (
            sa.select(*key)
            .select_from(get_sqlalchemy_selectable(_table))
            .where(*given)
            .group_by(*key)
            .having(sa.func.count() > 1)
        )
        named = sa.tuple_(*key) if with_columns else column
        return named.not_in(repeated.correlate(None))


class ColumnValuesUniqueInTable(ConditionOnDuckDB):
    """The value occurs at most once in the column of the same name of `ref_table`."""

    condition_metric_name = "column_values.unique_in_table"
    condition_value_keys = ("ref_table",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, ref_table: str, **kwargs: object) -> Condition:
        there: Column = sa.column(column.name)
        repeated = (
            sa.select(there)
            .select_from(sa.table(ref_table))
            .where(there.is_not(None))
            .group_by(there)
            .having(sa.func.count() > 1)
        )
        return column.not_in(repeated.correlate(None))


class ColumnValuesInTable(ConditionOnDuckDB):
    """The value occurs in `ref_column` of `ref_table`."""

    condition_metric_name = "column_values.in_table"
    condition_value_keys = ("ref_table", "ref_column")

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, ref_table: str, ref_column: str, **kwargs: object) -> Condition:
        there: Column = sa.column(ref_column)
        # A NULL among the keys would make "not found" unknown, and unknown counts as found.
        keys = sa.select(there).select_from(sa.table(ref_table)).where(there.is_not(None))
        return column.in_(keys.correlate(None))


class ColumnLinksAcyclic(ConditionOnDuckDB):
    """Following the link from row to row of `ref_table` never leads back to the row."""

    condition_metric_name = "column_links.acyclic"
    condition_value_keys = ("key_column", "ref_table")

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, key_column: str, ref_table: str, **kwargs: object) -> Condition:
        cyclic = sa.text(f"({on_a_cycle(ref_table, key_column, str(column.name))})")
        return sa.tuple_(sa.column(key_column), column).not_in(cyclic)
