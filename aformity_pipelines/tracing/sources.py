"""What an answer is made from: one published version, and the records that it was made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.tracing.words import listed

PUBLISHED = ("ledger", "findings", "merges", "blanked", "values")
"""The Parquet files beside every export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The delivery behind a raw relation, as the customer knows it."""

    file_name: str
    sheet: str | None
    sha256: str
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything that an answer may rest on."""

    migration: Migration  # config, and the log as far as the published version had read it
    connection: (
        duckdb.DuckDBPyConnection
    )  # may read the customer's storage; has `keyed_digest` and the cast macros
    wave: str
    folder: Path  # of the published version
    coverage: Path  # the folder of the files that list what decisions about many rows cover
    exports: Mapping[str, Path]  # entity -> its Parquet file in that folder
    raw: Mapping[str, RawRelation]  # source -> relation with row_id, row, row_key and the delivered cells
    delivered: Mapping[str, Delivered]
    rules: Mapping[tuple[str, str, str], RuleRecord]  # (stage, subject, rule)
    notices: tuple[str, ...] = ()
    as_of: date | None = None  # today; None where nobody asks what is overdue

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT in which `{ledger}`, `{findings}` ... stand for the published files."""
        for name in PUBLISHED:
            relation = f"read_parquet({literal(str(self.folder / f'{name}.parquet'))})"
            sql = sql.replace(f"{{{name}}}", relation)
        return self.connection.execute(sql, list(values)).fetchall()

    def decision(self, decision_id: str) -> Entry | None:
        """Return an entry of the log, standing or not; None where the log has no such id."""
        return next((entry for entry in self.migration.log if entry.id == decision_id), None)

    def rule(self, rule_id: str) -> RuleRecord | None:
        """Return the record of a rule, whichever gate it belongs to; None where today's suites have none."""
        return next((rule for (_, _, name), rule in self.rules.items() if name == rule_id), None)

    def why_unread(self, source: str, row_id: str) -> str | None:
        """Return why a row (or a part of one) could not be read; None where it could."""
        raw = self.raw.get(source)
        if raw is None or raw.rejected is None:
            return None
        found = self.query(f"select reason from {raw.rejected} where row_id = ?", [row_id.partition("/")[0]])
        return str(found[0][0]) if found else None

    def place(self, source: str, *rows: int) -> str:
        """Return file, sheet and row (or rows) in words."""
        numbers = f"row {rows[0]}" if len(rows) == 1 else f"rows {listed(tuple(str(row) for row in rows))}"
        return f"{self.file(source)}, {numbers}"

    def file(self, source: str) -> str:
        """Return file and sheet in words; the source's name where nothing was delivered."""
        delivered = self.delivered.get(source)
        if delivered is None:
            return source
        return f"{delivered.file_name}, sheet {delivered.sheet}" if delivered.sheet else delivered.file_name
