"""One table of a text, read to the letter of its plan by two readers that must agree.

The strict walk says what the records are, DuckDB loads them, and the walk's cells are compared with what was loaded.
Keep out: making plans, and how records are found.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.intake.header_names import header_warnings
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import ROW_GROUP, store, store_rows, writing_rejects
from aformity_pipelines.intake.reading import Dialect, RawTable, RawWarning, SkipKind, WarningKind
from aformity_pipelines.intake.refusal import DeliveryRefused, ReadersDisagree
from aformity_pipelines.intake.text.agree import must_agree
from aformity_pipelines.intake.text.cells import cell_stream
from aformity_pipelines.intake.text.encoding import Utf8Text
from aformity_pipelines.intake.text.load import can_duckdb_read, rows_in_place, rows_numbered, tokenized
from aformity_pipelines.intake.text.plan import LineEnd, Plan
from aformity_pipelines.intake.text.records import walk
from aformity_pipelines.intake.text.sorting import Sorter
from aformity_pipelines.intake.text.stretch import Indexes, Stretch
from aformity_pipelines.intake.text.survey import Survey
from aformity_pipelines.intake.text.tokens import Tokenizer

_MEMORY = "384MB"
"""What DuckDB may take; more of it makes nothing faster here."""
_ROW_GROUP_BYTES = 32 << 20
_VECTOR = 2_048
"""Rows that DuckDB takes at a time."""


def read_table(
    text: Utf8Text, plan: Plan, job: Job, number: int, *, others: tuple[Plan, ...] = ()
) -> RawTable:
    """Read table `number` of the text; rows of the tables of `others` are skipped as theirs.

    Every row of the file is a record, rejected, or skipped.  Raises DeliveryRefused for more rows or columns than
    the job allows, ReadersDisagree for a fault of ours.
    """
    dialect = _dialect(text, plan)
    table = _Table(
        text=text, sorter=Sorter(plan=plan, others=others), job=job, number=number, dialect=dialect
    )
    seen = table.survey()
    table.load(seen)
    return RawTable(
        number=number,
        headers=plan.headers,
        header_row=plan.header_row,
        header_rows=plan.header_rows,
        first_row=seen.first_row,
        last_row=seen.last_row,
        parquet=job.parquet(number),
        rows=seen.records,
        rejects=job.rejects(number),
        rejected=seen.rejected,
        dialect=dialect,
        warnings=(*_encoding_assumed(text), *header_warnings(plan.headers), *seen.warnings()),
        skipped=seen.skipped(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    text: Utf8Text
    sorter: Sorter
    job: Job
    number: int
    dialect: Dialect

    def survey(self) -> Survey:
        """Count every row and write the rejected records."""
        plan, limits = self.sorter.plan, self.job.limits
        if len(plan.headers) > limits.columns:
            raise self._beyond("columns", len(plan.headers), limits.columns)
        seen = Survey(sorter=self.sorter)
        with writing_rejects(self.job, self.number, headers=plan.headers, dialect=self.dialect) as rejects:
            for stretch in self._walk(None):
                seen.take(stretch, rejects)
                if seen.rows > limits.rows:
                    raise self._beyond("rows", seen.rows, limits.rows)
        return seen

    def load(self, seen: Survey) -> None:
        """Write the records; where DuckDB cannot, or reads otherwise than the walk, the strict tokenizer does."""
        with tempfile.TemporaryDirectory(dir=self.job.into, prefix=".loading-") as folder:
            if can_duckdb_read(self.sorter.plan):
                with suppress(ReadersDisagree):
                    self._load_with_duckdb(seen, Path(folder))
                    self._must_agree(seen)
                    return
            self.job.parquet(self.number).unlink(missing_ok=True)
            store_rows(
                tokenized(self._walk(seen), self.sorter),
                job=self.job,
                number=self.number,
                headers=self.sorter.plan.headers,
                dialect=self.dialect,
            )
        self._must_agree(seen)

    def _load_with_duckdb(self, seen: Survey, folder: Path) -> None:
        plan = self.sorter.plan
        if _is_record_n_row_n(plan, seen):
            rows_sql = rows_in_place(self.text.path, plan)
        else:
            rows_sql = rows_numbered(self._walk(seen), self.sorter, folder / "body.csv")
        with duckdb.connect() as connection:
            connection.execute(f"SET memory_limit = {literal(_MEMORY)}")
            connection.execute(f"SET temp_directory = {literal(str(folder / 'spilled'))}")
            store(
                connection,
                rows_sql,
                job=self.job,
                number=self.number,
                headers=plan.headers,
                dialect=self.dialect,
                expected=seen.records,
                row_group=_row_group(seen),
            )

    def _must_agree(self, seen: Survey) -> None:
        width = len(self.sorter.plan.headers)
        must_agree(self.job.parquet(self.number), width, self._expected(seen), name=self.job.name)

    def _expected(self, seen: Survey) -> Iterator[tuple[Indexes, bytes]]:
        tokenizer = Tokenizer(self.sorter.plan.grammar)
        for stretch in self._walk(seen):
            kept = self.sorter.sort(stretch).kept
            if kept.any():
                cells = cell_stream(stretch, kept, tokenizer, len(self.sorter.plan.headers))
                yield stretch.rows()[kept], cells

    def _walk(self, seen: Survey | None) -> Iterator[Stretch]:
        """Walk over the text; what has been `seen` in it before is not looked for again."""
        return walk(
            self.text.path,
            self.sorter.plan.grammar,
            start=self.text.start,
            region=self.sorter.region(),
            is_utf8=seen is not None and seen.is_utf8,
        )

    def _beyond(self, what: str, count: int, limit: int) -> DeliveryRefused:
        return DeliveryRefused(
            f"{self.job.name}: more than {limit:,} {what} ({count:,} so far); ask for the file in parts"
        )


def _row_group(seen: Survey) -> int:
    """Return how many rows to write together: as many as usual, fewer where records are long."""
    usual = _ROW_GROUP_BYTES * seen.rows // max(seen.size, 1)
    return max(_VECTOR, min(ROW_GROUP, usual // _VECTOR * _VECTOR))


def _is_record_n_row_n(plan: Plan, seen: Survey) -> bool:
    """Whether DuckDB can number the records itself: nothing but a one-line header above, and nothing to leave out."""
    # DuckDB takes the line end from the first one, even a quoted one, and of no other kind than LF and CRLF.
    is_usual = plan.grammar.line_end in {LineEnd.LF, LineEnd.CRLF}
    is_header_one_line = plan.header_row == plan.header_rows == 1 and not {"\r", "\n"} & set(
        "".join(plan.headers)
    )
    is_all = seen.records + 1 == seen.rows and {each.kind for each in seen.skipped()} == {SkipKind.HEADER}
    return is_usual and is_header_one_line and is_all and not seen.has_short_records()


def _dialect(text: Utf8Text, plan: Plan) -> Dialect:
    grammar = plan.grammar
    return Dialect(
        format="csv",
        encoding=text.encoding,
        encoding_because=text.because,
        delimiter=grammar.delimiter.decode(),
        quote=grammar.quote.decode(),
        escape=grammar.escape.decode() or None,
        line_end=grammar.line_end.value,
        comment=grammar.comment.decode() or None,
    )


def _encoding_assumed(text: Utf8Text) -> tuple[RawWarning, ...]:
    if not text.is_assumed:
        return ()
    return (RawWarning(kind=WarningKind.ENCODING_ASSUMED, count=1, example=text.because),)
