"""Great Expectations on DuckDB: a datasource and an execution engine over a connection that exists.

Stock Great Expectations returns no rows from DuckDB because it fetches after closing its connection.
Both classes use its own extension points, so that a native DuckDB engine can replace this module.
Metrics belong in `metrics`, expectations in `expectations`.
"""

# Great Expectations and the dialect ship no types that mypy follows.
# mypy: allow-subclassing-any

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

import duckdb
import great_expectations as gx
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper, Dialect
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.config_str import ConfigStr
from great_expectations.datasource.fluent.interfaces import Batch, DataAsset
from great_expectations.datasource.fluent.sql_datasource import QueryAsset, SQLDatasource, TableAsset
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from sqlalchemy.dialects import registry as dialects
from sqlalchemy.pool import StaticPool

logging.getLogger("great_expectations").setLevel(logging.ERROR)


class BorrowedConnection(ConnectionWrapper):
    """A caller's connection on loan: closing it and its transactions stay the caller's business."""

    def begin(self) -> None:
        """Begin nothing: statements run in whatever transaction the caller has open."""

    def commit(self) -> None:
        """Commit nothing."""

    def rollback(self) -> None:
        """Roll nothing back: the pool asks for it on every return of the connection."""

    def close(self) -> None:
        """Leave the connection open."""


class QuotingPreparer(Dialect.preparer):
    """Quotes every name: `order` and `group` are fair names for an entity and a field."""

    def quote(self, ident: str, force: object = None) -> str:
        """Return the name in double quotes."""
        return str(self.quote_identifier(ident))


class QuotingDialect(Dialect):
    """The DuckDB dialect with `QuotingPreparer`; reached as `duckdb+quoting://`."""

    preparer = QuotingPreparer
    supports_statement_cache = True


dialects.register("duckdb.quoting", __name__, QuotingDialect.__name__)


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Runs metrics on DuckDB; keeps its connection open until the results are fetched."""

    _connection: sa.Connection | None

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Yield the one connection of this engine."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection


# Spelled here because the datasource has a field called `type`.
EngineClass = type[SqlAlchemyExecutionEngine]
AssetClasses = list[type[DataAsset]]


class DuckDBDatasource(SQLDatasource):
    """Registers `context.data_sources.add_duckdb`."""

    asset_types: ClassVar[AssetClasses] = [TableAsset, QueryAsset]
    type: Literal["duckdb"] = "duckdb"
    connection_string: ConfigStr | str

    @property
    def execution_engine_type(self) -> EngineClass:
        """Return the engine that this datasource runs on."""
        return DuckDBExecutionEngine


def batch_of(connection: duckdb.DuckDBPyConnection, table: str) -> Batch:
    """Return the whole of `table` (a table or view, temporary ones included) as a batch.

    The context lives in memory: nothing is written to disk and no network is used.
    """
    borrowed = BorrowedConnection(connection)
    in_memory = DataContextConfig(
        # The default makes a temporary folder for a docs site that nobody reads.
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=in_memory)
    datasource = context.data_sources.add_duckdb(
        name="judged",
        connection_string="duckdb+quoting:///:memory:",
        kwargs={
            "creator": lambda: borrowed,
            "poolclass": StaticPool,
            "pool_reset_on_return": None,
            "isolation_level": "AUTOCOMMIT",
        },
    )
    asset: Any = datasource.add_table_asset(name=table, table_name=table)
    return asset.add_batch_definition_whole_table("all").get_batch()
