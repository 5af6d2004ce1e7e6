"""Our own expectations, for what stock ones cannot say; importing this module registers them.

Suites name them in snake case like any other.  A value key is never called `table`: Great
Expectations would take it for the table to judge.
"""

# Great Expectations ships no types that mypy follows.
# mypy: allow-subclassing-any

from typing import Any, ClassVar

from great_expectations.expectations.core import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.expectation import BatchExpectation, ColumnMapExpectation

from aformity_pipelines.quality import metrics as _metrics  # noqa: F401 - importing registers them, and through them text_metrics
from aformity_pipelines.quality.index_query import register_for_stock_expectations

register_for_stock_expectations()


class ExpectColumnValuesToBeDelivered(ExpectColumnValuesToNotBeNull):
    """Expect a value, or in `bad_column` the text that could not be read as one."""

    bad_column: str
    map_metric = "column_values.delivered"
    success_keys: ClassVar[tuple[str, ...]] = ("bad_column", "mostly")


class ExpectColumnValuesToNotBeBlank(ExpectColumnValuesToNotBeNull):
    """Expect text with more in it than spaces."""

    map_metric = "column_values.not_blank"


class ExpectColumnValuesToNameOneRow(ColumnMapExpectation):
    """Expect the value, together with those of `with_columns`, in one row only; blanks are left out."""

    with_columns: list[str]
    map_metric = "column_values.names_one_row"
    success_keys: ClassVar[tuple[str, ...]] = ("with_columns", "mostly")


class ExpectColumnValuesToBeUniqueInTable(ColumnMapExpectation):
    """Expect the value at most once in `ref_table`, which holds the judged rows and more."""

    ref_table: str
    map_metric = "column_values.unique_in_table"
    success_keys: ClassVar[tuple[str, ...]] = ("ref_table", "mostly")


class ExpectColumnValuesToBeInTable(ColumnMapExpectation):
    """Expect the value in `ref_column` of `ref_table`."""

    ref_table: str
    ref_column: str
    map_metric = "column_values.in_table"
    success_keys: ClassVar[tuple[str, ...]] = ("ref_table", "ref_column", "mostly")


class ExpectColumnLinksToBeAcyclic(ColumnMapExpectation):
    """Expect that following the column to the row of that `key_column` never leads back."""

    key_column: str
    ref_table: str
    map_metric = "column_links.acyclic"
    success_keys: ClassVar[tuple[str, ...]] = ("key_column", "ref_table", "mostly")


class ExpectTableColumnsToBeKnown(BatchExpectation):
    """Expect no column beyond those of `column_set`, all of which may be absent."""

    column_set: list[str]
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.columns",)
    success_keys: ClassVar[tuple[str, ...]] = ("column_set",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: object | None = None,
    ) -> dict[str, Any]:
        known = set(self.column_set)
        unknown = [str(column) for column in metrics["table.columns"] if str(column) not in known]
        return {"success": not unknown, "result": {"observed_value": unknown}}
