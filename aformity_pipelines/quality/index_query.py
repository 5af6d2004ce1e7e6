"""The query for a rule's failing rows, rendered so that DuckDB can run it as it is.

Great Expectations renders such queries for reading: it may leave a placeholder in the text, and it
forgets a rule's row condition.  This provider takes its place for DuckDB, through the registry.
"""

from typing import Any

import sqlalchemy as sa
from great_expectations.core.metric_function_types import MetricFunctionTypes
from great_expectations.exceptions import MetricProviderError
from great_expectations.expectations.expectation import (
    ColumnMapExpectation,
    ColumnPairMapExpectation,
    MulticolumnMapExpectation,
)
from great_expectations.expectations.metrics.map_metric_provider import ColumnMapMetricProvider
from great_expectations.expectations.registry import (
    get_expectation_impl,
    get_metric_kwargs,
    get_sqlalchemy_metric_provider,
    list_registered_expectation_implementations,
    register_core_expectations,
    register_metric,
)
from great_expectations.util import get_sqlalchemy_selectable

from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.quality.engine import DuckDBExecutionEngine
from aformity_pipelines.quality.queries import failing_rows

_ROW_LEVEL = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)

# Their conditions read a table of counts, not the judged rows.
_COUNTED = {"column_values.unique", "compound_columns.unique"}


def failing_rows_query(
    cls: type[ColumnMapMetricProvider],
    execution_engine: DuckDBExecutionEngine,
    metric_domain_kwargs: dict[str, Any],
    metric_value_kwargs: dict[str, Any],
    metrics: dict[str, Any],
    **kwargs: object,
) -> str | None:
    """Return the SQL that selects the row column of every row that the metric finds unexpected."""
    row_columns = metric_value_kwargs["result_format"].get("unexpected_index_column_names")
    if not row_columns:
        return None
    condition, compute_domain, accessor_domain = metrics["unexpected_condition"]
    records = execution_engine.get_domain_records({**compute_domain, **accessor_domain})
    if cls.condition_metric_name in _COUNTED:
        condition = _repeated(accessor_domain, records)
    if (table := _whole_table(records)) is not None:
        return failing_rows(row_columns[0], table, _rendered(execution_engine, condition))
    rows = _rendered(
        execution_engine, sa.select(sa.text("*")).select_from(get_sqlalchemy_selectable(records))
    )
    condition_text = _rendered(execution_engine, condition)
    return f"SELECT {identifier(row_columns[0])} FROM ({rows}) AS judged WHERE {condition_text}"


def _whole_table(records: sa.FromClause) -> str | None:
    """Return the name of the judged table where `records` is all of it, and not the rows of a condition."""
    if isinstance(records, sa.Table):
        return str(records.name)
    # A whole-table batch is a sub-select of Great Expectations' own: SELECT * FROM table WHERE true.
    select = records.element if isinstance(records, sa.Subquery) else None
    if not isinstance(select, sa.Select) or str(select.whereclause) != "true":
        return None
    (table,) = select.get_final_froms()
    return str(table.name) if isinstance(table, sa.TableClause) else None


def _repeated(accessor_domain: dict[str, Any], records: sa.FromClause) -> sa.ColumnElement[bool]:
    """Great Expectations compares with `=`, so a key with a NULL in it never repeats; nor here."""
    names = accessor_domain.get("column_list") or [accessor_domain["column"]]
    key: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    named = sa.tuple_(*key) if len(key) > 1 else key[0]
    given = [column.is_not(None) for column in key]
    repeated = (
        sa.select(*key)
        .select_from(get_sqlalchemy_selectable(records))
        .where(*given)
        .group_by(*key)
        .having(sa.func.count() > 1)
    )
    return sa.and_(*given, named.in_(repeated.correlate(None)))


def _rendered(execution_engine: DuckDBExecutionEngine, clause: sa.ClauseElement) -> str:
    dialect = execution_engine.engine.dialect
    return str(clause.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def register_for_stock_expectations() -> None:
    """Register `failing_rows_query` for every row-level expectation that Great Expectations ships."""
    register_core_expectations()
    for name in list_registered_expectation_implementations():
        implementation = get_expectation_impl(name)
        if not issubclass(implementation, _ROW_LEVEL) or not implementation.map_metric:
            continue
        metric = f"{implementation.map_metric}.unexpected_index_query"
        try:
            metric_class, _stock = get_sqlalchemy_metric_provider(metric)
        except MetricProviderError:
            continue  # no SQL version exists, here or in Great Expectations
        keys = get_metric_kwargs(metric)
        register_metric(
            metric_name=metric,
            metric_domain_keys=keys["metric_domain_keys"],
            metric_value_keys=keys["metric_value_keys"],
            execution_engine=DuckDBExecutionEngine,
            metric_class=metric_class,
            metric_provider=failing_rows_query,
            metric_fn_type=MetricFunctionTypes.VALUE,
        )
