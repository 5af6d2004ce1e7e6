"""What inspecting a file found, and the same as one JSON document.  Keep out: how it looks on a terminal."""

from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from aformity_pipelines.cli.read import connected, question_json, questions_of, read_as_told
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.profile import EntityGuess, Link, TableProfile
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.reading import RawTable, Reading
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, Question
from aformity_pipelines.intake.snapshot import SNAPSHOT, shown
from aformity_pipelines.profile.entity import likely_entity
from aformity_pipelines.profile.links import Profiled, links
from aformity_pipelines.profile.table import profile

REJECTS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One record that could not be read."""

    row: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedTable:
    """One table of a file with its profile."""

    raw: RawTable
    profile: TableProfile
    reasons: dict[str, int]
    """Reason -> rejected records."""
    rejects: tuple[Reject, ...]
    """The first of them."""
    entity: EntityGuess | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One file: what it is, its tables, what a person must settle, or why it is refused."""

    path: str
    size: int | None
    sha256: str | None
    format: str | None = None
    tables: tuple[InspectedTable, ...] = ()
    questions: tuple[Question, ...] = ()
    refused: str | None = None


def inspect_file(
    path: Path, hints: FormatHints, *, folder: Path, destination: Destination | None
) -> Inspected:
    """Read and profile the file at `path` with `folder` for what is written; whatever it is, say so."""
    own = Path(mkdtemp(dir=folder))
    try:
        reading = read_as_told(path, hints, own)
        questions, refused = questions_of(reading), None
    except NotUnderstood as asked:
        reading, questions, refused = None, asked.questions, None
    except DeliveryRefused as refusal:
        reading, questions, refused = None, (), str(refusal)
    copy = own / SNAPSHOT
    is_copied = copy.exists()
    return Inspected(
        path=shown(path),
        size=copy.stat().st_size if is_copied else None,
        sha256=sha256_of(copy) if is_copied else None,
        format=reading.format if reading else None,
        tables=_tables(reading, folder, destination) if reading else (),
        questions=questions,
        refused=refused,
    )


def links_between(inspected: tuple[Inspected, ...], folder: Path) -> tuple[Link, ...]:
    """Return the likely relationships between all tables of all files."""
    tables = [
        Profiled(name=table_name(file, table), parquet=table.raw.parquet, summary=table.profile)
        for file in inspected
        for table in file.tables
    ]
    with connected(folder) as connection:
        return links(connection, tables)


def table_name(file: Inspected, table: InspectedTable) -> str:
    """Return what a table is called among those of several files."""
    name = Path(file.path).name
    return name if len(file.tables) == 1 else f"{name}: {table.raw.name}"


def inspected_json(inspected: tuple[Inspected, ...], found: tuple[Link, ...]) -> dict[str, object]:
    """Return everything as one document; values of customers are in it."""
    return {
        "files": [
            {
                "path": file.path,
                "size": file.size,
                "sha256": file.sha256,
                "format": file.format,
                "refused": file.refused,
                "questions": [question_json(question) for question in file.questions],
                "tables": [_table_json(table) for table in file.tables],
            }
            for file in inspected
        ],
        "links": [link.model_dump(mode="json") for link in found],
    }


def _tables(reading: Reading, folder: Path, destination: Destination | None) -> tuple[InspectedTable, ...]:
    with connected(folder) as connection:
        return tuple(_table(connection, table, destination) for table in reading.tables)


def _table(
    connection: duckdb.DuckDBPyConnection, table: RawTable, destination: Destination | None
) -> InspectedTable:
    found = profile(connection, table.parquet, table.headers)
    reasons: dict[str, int] = {}
    rejects: tuple[Reject, ...] = ()
    if table.rejected:
        source = f"read_parquet({literal(str(table.rejects))})"
        counted = f"SELECT reason, count(*) AS n FROM {source} GROUP BY reason ORDER BY n DESC, reason"
        reasons = dict(connection.execute(counted).fetchall())
        first = f"SELECT row, reason, raw FROM {source} ORDER BY row LIMIT {REJECTS_SHOWN}"
        rejects = tuple(
            Reject(row=row, reason=reason, raw=raw)
            for row, reason, raw in connection.execute(first).fetchall()
        )
    return InspectedTable(
        raw=table,
        profile=found,
        reasons=reasons,
        rejects=rejects,
        entity=likely_entity(found, destination) if destination and found.rows else None,
    )


def _table_json(table: InspectedTable) -> dict[str, object]:
    raw = table.raw
    return {
        "number": raw.number,
        "name": raw.name,
        "sheet": raw.sheet,
        "member": raw.member,
        "dialect": asdict(raw.dialect),
        "header_row": raw.header_row,
        "header_rows": raw.header_rows,
        "first_row": raw.first_row,
        "last_row": raw.last_row,
        "first_column": raw.first_column,
        "rows": raw.rows,
        "rejected": raw.rejected,
        "reject_reasons": table.reasons,
        "rejects": [asdict(each) for each in table.rejects],
        "skipped": [asdict(each) for each in raw.skipped],
        "warnings": [asdict(each) for each in raw.warnings],
        "likely_entity": table.entity.model_dump(mode="json") if table.entity else None,
        "profile": table.profile.model_dump(mode="json"),
    }
