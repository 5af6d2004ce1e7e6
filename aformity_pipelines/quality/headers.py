"""Suites speak a delivery's own headers, tables have internal column names: from one to the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from aformity_pipelines.quality.derivation import Expectation

COLUMN_KWARGS = ("column", "column_A", "column_B", "bad_column", "key_column")
COLUMN_LIST_KWARGS = ("column_list", "with_columns")
COLUMNS_KNOWN = "expect_table_columns_to_be_known"
COLUMN_EXISTS = "expect_column_to_exist"

_NOT_DELIVERED = "no column for header "


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a judged table and what a suite calls them."""

    present: tuple[str, ...]
    """The table's columns as DuckDB names them."""
    headers: Mapping[str, str] | None
    """Header to column name; None where suites use the table's own names."""

    def missing(self, expectation: Expectation) -> tuple[str, ...]:
        """Return what the expectation calls columns but the table does not have."""
        return tuple(name for name in named_columns(expectation) if not self._has(name))

    def _has(self, name: str) -> bool:
        return (name if self.headers is None else self.headers.get(name)) in self.present

    def translated(self, expectation: Expectation) -> Expectation:
        """Return the expectation in the table's own column names."""
        kwargs = {key: self._translated(key, value) for key, value in expectation["kwargs"].items()}
        if expectation["type"] == COLUMNS_KNOWN:
            kwargs["column_set"] = self._known(expectation["kwargs"]["column_set"])
        return {**expectation, "kwargs": kwargs}

    def _translated(self, key: str, value: object) -> object:
        if key in COLUMN_KWARGS and isinstance(value, str):
            return self._internal(value)
        if key in COLUMN_LIST_KWARGS and isinstance(value, list):
            return [self._internal(name) for name in value]
        return value

    def _internal(self, name: str) -> str:
        # A header that nobody delivered must not meet a column that happens to have its name.
        return name if self.headers is None else self.headers.get(name, f"{_NOT_DELIVERED}{name}")

    def _known(self, headers: list[str]) -> list[str]:
        """Bookkeeping columns, which no header stands for, are known."""
        if self.headers is None:
            return list(headers)
        delivered = set(self.headers.values())
        bookkeeping = [column for column in self.present if column not in delivered]
        return [*(self.headers[name] for name in headers if name in self.headers), *bookkeeping]

    def header_of(self, column: str) -> str:
        """Return what the suite calls a column of the table."""
        names = {internal: header for header, internal in (self.headers or {}).items()}
        return names.get(column, column.removeprefix(_NOT_DELIVERED))


def named_columns(expectation: Expectation) -> tuple[str, ...]:
    """Return the columns that an expectation's kwargs name, in their order."""
    kwargs = expectation["kwargs"]
    single = [kwargs[key] for key in COLUMN_KWARGS if isinstance(kwargs.get(key), str)]
    listed = [name for key in COLUMN_LIST_KWARGS for name in kwargs.get(key, [])]
    return tuple(dict.fromkeys([*single, *listed]))
