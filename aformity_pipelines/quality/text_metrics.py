"""Patterns in text on DuckDB, for the stock expectations that Great Expectations cannot run there.

Regular expressions are RE2 (no look-around).  One without anchors matches anywhere in a value.
"""

# Great Expectations ships no types that mypy follows, and passes the class to its providers.
# mypy: allow-subclassing-any, allow-untyped-decorators
# ruff: noqa: N805 - Great Expectations passes the class itself

from typing import Any, Literal

import sqlalchemy as sa
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)

from aformity_pipelines.quality.engine import DuckDBExecutionEngine
from aformity_pipelines.quality.index_query import failing_rows_query

Column = sa.ColumnClause[Any]
Condition = sa.ColumnElement[bool]


class ConditionOnDuckDB(ColumnMapMetricProvider):
    """A row-level condition whose failing rows DuckDB can list."""

    sqlalchemy_unexpected_index_query_provider = staticmethod(failing_rows_query)


def _matches(column: Column, regex: str) -> Condition:
    return sa.func.regexp_matches(column, sa.literal(regex), type_=sa.Boolean())


class ColumnValuesMatchRegexOnDuckDB(ConditionOnDuckDB):
    """The value matches the pattern."""

    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, regex: str, **kwargs: object) -> Condition:
        return _matches(column, regex)


class ColumnValuesNotMatchRegexOnDuckDB(ConditionOnDuckDB):
    """The value does not match the pattern."""

    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, regex: str, **kwargs: object) -> Condition:
        return sa.not_(_matches(column, regex))


class ColumnValuesMatchRegexListOnDuckDB(ConditionOnDuckDB):
    """The value matches any, or all, of the patterns."""

    condition_metric_name = "column_values.match_regex_list"
    condition_value_keys = ("regex_list", "match_on")

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(
        cls, column: Column, regex_list: list[str], match_on: Literal["any", "all"] = "any", **kwargs: object
    ) -> Condition:
        matches = [_matches(column, regex) for regex in regex_list]
        return sa.and_(*matches) if match_on == "all" else sa.or_(*matches)


class ColumnValuesNotMatchRegexListOnDuckDB(ConditionOnDuckDB):
    """The value matches none of the patterns."""

    condition_metric_name = "column_values.not_match_regex_list"
    condition_value_keys = ("regex_list",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, regex_list: list[str], **kwargs: object) -> Condition:
        return sa.and_(*(sa.not_(_matches(column, regex)) for regex in regex_list))


class ColumnValuesMatchLikePatternOnDuckDB(ConditionOnDuckDB):
    """The whole value is like the pattern (`%` and `_` stand for text and for one character)."""

    condition_metric_name = "column_values.match_like_pattern"
    condition_value_keys = ("like_pattern",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, like_pattern: str, **kwargs: object) -> Condition:
        return column.like(like_pattern)


class ColumnValuesNotMatchLikePatternOnDuckDB(ConditionOnDuckDB):
    """The whole value is not like the pattern."""

    condition_metric_name = "column_values.not_match_like_pattern"
    condition_value_keys = ("like_pattern",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Column, like_pattern: str, **kwargs: object) -> Condition:
        return column.not_like(like_pattern)
