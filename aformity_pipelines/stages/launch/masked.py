"""The only tables that a launch record is made from: in them, tokens stand where personal values stood.

This module alone opens what the stages left.  The sections ask it, by `Sources`, and are refused any table that is not
one of these, so that no sentence, count or picture can hold what the customer's policy keeps out.  The tables are views:
a column that no section reads costs nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aformity_pipelines.domain.launch.field_map import Example
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.tokens import token_of
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.review.tokens import create_token_macros, token_sql
from aformity_pipelines.stages.graph import EXPORT, MAPPED, RAW_FILE, TRANSFORMED
from aformity_pipelines.stages.launch.guarded import WORKING, Unmasked, require_no_values, tables_read
from aformity_pipelines.stages.launch.masking import fields_sql, mask, replaced
from aformity_pipelines.stages.mapped import EXAMPLES
from aformity_pipelines.stages.outputs import REJECTS, TABLE, columns_of, folder_of, parquet, read_record
from aformity_pipelines.stages.personal import Personal, personal
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import united
from aformity_pipelines.stages.vanished import open_carried

Rows = list[tuple[Any, ...]]
PREFIX = "masked_"
EXPORTED = ("ledger", "findings", "values", "merges", "blanked", "updates")
"""The tables beside an export."""
NO_UPDATES = "(select '' as entity, '' as record_key, '' as row_id, '' as field, '' as before, '' as after where false)"
NEWER = ("change", "live_since")
"""Columns that the ledger of an older version lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """One export and the stages before it, without the values that the policy keeps out."""

    run: Run
    personal: Personal
    tables: dict[str, str]  # what a query calls a table -> its view
    stages: dict[tuple[str, str], str]  # (stage, entity or source) -> its view
    key: bytes = field(repr=False)  # the customer's, that tokens are made with

    def query(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Return the rows of a query in which `{ledger}` and the like name the export's tables.

        It may also create working tables, called `answer_...`, and insert into them.  Unmasked where it reads anything
        that is neither a working table nor masked.
        """
        asked = sql.format(**self.tables)
        known = {*self.tables.values(), *self.stages.values()}
        strange = sorted(
            name for name in tables_read(self.run, asked) - known if not name.startswith(WORKING)
        )
        if strange:
            raise Unmasked(
                f"a section of the launch record reads {', '.join(strange)}; it may read {', '.join(sorted(known))}"
            )
        return self.run.connection.execute(asked, list(parameters)).fetchall()

    def counted(
        self, sql: str, parameters: Sequence[object] = (), *, also: frozenset[str] = frozenset()
    ) -> Rows:
        """Return the rows of a query over any table, also of earlier versions: numbers, row ids and names of ours.

        Unmasked where another text comes out that is not among `also`, ids of rules and the like: values are counted
        and compared so, but never seen.
        """
        rows = self.run.connection.execute(sql, list(parameters)).fetchall()
        require_no_values(self.run, rows, also)
        return rows

    def has_column(self, relation: str, column: str) -> bool:
        """Whether a table has a column; no row of it is read."""
        return column in columns_of(self.run.connection, relation)

    def measure(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Fill a working table from tables that may hold personal values; see `shown_sql` for every text that it keeps.

        Only for what has to be worked out on the values themselves; the architecture test lists who does.
        """
        self.run.connection.execute(sql.format(**self.tables), list(parameters))

    def delivered(self, source: str) -> RawRelation | None:
        """Return a source's delivered cells, which `measure` alone may read; None where no delivery was taken in.

        Rows that only earlier deliveries held are among them, with their cells as they were delivered last.
        """
        record = read_record(self.run, RAW_FILE, source)
        if record is None or record.delivery is None:
            return None
        table = parquet(folder_of(self.run, RAW_FILE, source) / TABLE)
        return RawRelation(
            source=source,
            relation=united(table, open_carried(self.run, source, record)),
            internal=internal_names(record.delivery.headers),
            blanks=self.run.migration.customer.sources[source].blanks,
        )

    def shown_sql(self, entity: str, field: str, text: str) -> str:
        """Return the SQL of a text that a field was made of as the CSM may see it: itself, or its token."""
        hides = self.personal.hides_delivered(entity, field)
        return token_sql(self.personal.subject(entity, field), f"({text})") if hides else text

    def shown(self, entity: str, field: str, text: str) -> str:
        """Return a field's value as the CSM may see it: itself, or its token."""
        return self._token(entity, field, text) if self.personal.hides(entity, field) else text

    def shown_delivered(self, entity: str, field: str, text: str) -> str:
        """Return a text that a field was made of as the CSM may see it: itself, or its token."""
        return self._token(entity, field, text) if self.personal.hides_delivered(entity, field) else text

    def _token(self, entity: str, field: str, text: str) -> str:
        return str(token_of(self.key, self.personal.subject(entity, field), text))

    def examples(self, entity: str) -> dict[str, tuple[Example, ...]]:
        """Return `source/part/field` -> values before and after; of personal ones only their shape."""
        path = folder_of(self.run, MAPPED, entity) / EXAMPLES
        if not path.is_file():
            return {}
        stored: dict[str, list[tuple[str, str, int]]] = json.loads(path.read_text(encoding="utf-8"))
        return {key: tuple(self._examples(entity, key, rows)) for key, rows in stored.items()}

    def _examples(self, entity: str, key: str, rows: list[tuple[str, str, int]]) -> Iterator[Example]:
        name = key.rpartition("/")[2]
        hides, hides_before = self.personal.hides(entity, name), self.personal.hides_delivered(entity, name)
        for before, after, number in rows:
            yield Example(
                before=mask(before) if hides_before else before,
                after=mask(after) if hides else after,
                rows=number,
                is_shape=hides_before,
            )


def open_masked(run: Run, folder: Path, exports: Mapping[str, Sequence[Path]]) -> Masked:
    """Create the masked views of an export in `folder`, of its `exports` (entity -> files) and of the stages before."""
    hidden = personal(run.migration)
    key = run.digest_key()
    create_token_macros(run.connection, key)
    tables = {}
    for name in EXPORTED:
        table = _table_of(run, folder, name)
        select = f"select *{replaced(run, hidden, name, table)} from {table}"
        # Every section reads the changed values, each of which may cost a token.
        tables[name] = _view(run, name, select, kind="table" if name == "updates" else "view")
    tables_of: dict[tuple[str, str], Sequence[Path]] = {
        (stage, entity): (folder_of(run, stage, entity) / TABLE,)
        for stage in (MAPPED, TRANSFORMED)
        for entity in run.migration.entities()
    }
    tables_of |= {(EXPORT, entity): paths for entity, paths in exports.items()}
    stages = {
        (stage, entity): _view(run, f"{stage}_{entity}", fields_sql(run, hidden, entity, parquets(paths)))
        for (stage, entity), paths in tables_of.items()
        if paths and all(path.is_file() for path in paths)
    }
    for source in run.migration.customer.sources:
        path = folder_of(run, RAW_FILE, source) / REJECTS
        if path.is_file():
            select = f"select row_id, row, reason from {parquet(path)}"
            stages[RAW_FILE, source] = _view(run, f"rejected_{source}", select)
    return Masked(run=run, personal=hidden, tables=tables, stages=stages, key=key)


def parquets(paths: Sequence[Path]) -> str:
    """Return the SQL relation of several Parquet files of one form, as one table."""
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}])"


def _table_of(run: Run, folder: Path, name: str) -> str:
    """Return the SQL relation of a table beside an export; what an older version lacks is empty."""
    path = folder / f"{name}.parquet"
    if name == "updates" and not path.is_file():
        return NO_UPDATES
    table = parquet(path)
    lacking = [each for each in NEWER if each not in columns_of(run.connection, table)]
    if name != "ledger" or not lacking:
        return table
    return f"(select *, {', '.join(f'cast(null as varchar) as {each}' for each in lacking)} from {table})"


def _view(run: Run, name: str, select: str, *, kind: str = "view") -> str:
    view = f"{PREFIX}{name}"
    run.connection.execute(f"create or replace temp {kind} {view} as {select}")
    return view
