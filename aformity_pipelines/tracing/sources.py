"""What an answer is made from: one published version, and the records that it was made from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from aformity_pipelines.domain.decisions import Entry, ExportLoaded
from aformity_pipelines.domain.fate_history import Way
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.tracing.words import listed

PUBLISHED = ("ledger", "findings", "merges", "blanked", "values")
"""The Parquet files beside every export."""
UPDATES = "updates"
"""The one beside an export that brings updates: every field that changed, with both values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The delivery behind a raw relation, as the customer knows it."""

    file_name: str
    sheet: str | None
    sha256: str
    received_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A published version whose records are in the product, or go there."""

    wave: str
    folder: Path
    files: Mapping[
        str, tuple[Path, ...]
    ]  # entity -> its Parquet files: what is created, then what is updated
    as_of: date | None  # of its first handoff; None where none is kept
    loaded: ExportLoaded | None = None  # who said that it was loaded into the product

    @property
    def updates(self) -> str | None:
        """The SQL relation of its changed fields; None where it brings no update."""
        path = self.folder / f"{UPDATES}.parquet"
        return f"read_parquet({literal(str(path))})" if path.is_file() else None

    @property
    def name(self) -> str:
        """The version as manifests name it: `wave_1/v0008-4a873acd`."""
        return f"{self.wave}/{self.folder.name}"


def _never(subject: str, rule: str) -> date | None:
    """Return no day: where nobody asks since when rows have been open."""
    return None


def _nowhere(entity: str, row_id: str) -> Way:
    """Return no way: where nobody asks for more than one version."""
    return ()


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
    exports: Mapping[str, tuple[Path, ...]]  # entity -> its Parquet files in that folder
    raw: Mapping[str, RawRelation]  # source -> relation with row_id, row, row_key and the delivered cells
    delivered: Mapping[str, Delivered]
    rules: Mapping[tuple[str, str, str], RuleRecord]  # (stage, subject, rule)
    notices: tuple[str, ...] = ()
    as_of: date | None = None  # today; None where nobody asks what is overdue
    live: tuple[Exported, ...] = ()  # what was in the product before, the oldest first
    earlier: Mapping[str, Delivered] = field(default_factory=dict)  # `source@12345678` -> any delivery ever
    handed_over: date | None = None  # of the version's first handoff; None where none is kept
    loaded: ExportLoaded | None = None  # who said that the version was loaded into the product
    follow: Callable[[str, str], Way] = (
        _nowhere  # (entity, row id) -> the way of the row through all versions
    )

    opened: Callable[[str, str], date | None] = _never  # (subject, rule) -> since when rows are open by it

    @property
    def own(self) -> Exported:
        """The published version itself."""
        return Exported(
            wave=self.wave,
            folder=self.folder,
            files=self.exports,
            as_of=self.handed_over,
            loaded=self.loaded,
        )

    @property
    def every_export(self) -> tuple[Exported, ...]:
        """All that is in the product once the version is loaded, the oldest first."""
        return (*self.live, self.own)

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

    def place_of(self, row_id: str) -> str:
        """Return file, sheet and row of a row, in whichever delivery it came last."""
        return self.places_of([row_id])[0]

    def places_of(self, row_ids: Iterable[str]) -> tuple[str, ...]:
        """Return file, sheet and rows of several rows, one text for each delivery."""
        rows: dict[str, list[int]] = {}
        for row_id in row_ids:
            delivery, _, number = row_id.partition("/")[0].partition("#")
            rows.setdefault(delivery, []).append(int(number))
        return tuple(self._placed(delivery, numbers) for delivery, numbers in rows.items())

    def delivery_of(self, row_id: str) -> Delivered | None:
        """Return the delivery that a row id names; None where it is not in the register."""
        return self.earlier.get(row_id.partition("#")[0])

    def _placed(self, delivery: str, rows: Sequence[int]) -> str:
        came = self.earlier.get(delivery)
        file = _named(came) if came else self.file(delivery.partition("@")[0])
        numbers = f"row {rows[0]}" if len(rows) == 1 else f"rows {listed(tuple(str(row) for row in rows))}"
        return f"{file}, {numbers}"

    def file(self, source: str) -> str:
        """Return file and sheet in words; the source's name where nothing was delivered."""
        delivered = self.delivered.get(source)
        return _named(delivered) if delivered else source


def _named(delivered: Delivered) -> str:
    return f"{delivered.file_name}, sheet {delivered.sheet}" if delivered.sheet else delivered.file_name
