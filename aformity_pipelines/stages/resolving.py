"""From a token back to the value that it stands for, for people who hold the customer's key and its storage.

Looked for in what the wave's last run read, made and published: the records, then the texts they were made of, then the
keys of the rows.  Set-wise, one digest a value; nothing is written, and nothing here may be called for a CSM's copy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.tokens import KEYS, Token
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.mapping.compile import row_reference
from aformity_pipelines.mapping.facts import before_of, headers_of
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.tokens import has_token
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.graph import EXPORT, MAPPED, PACKAGE, RAW_FILE, TRANSFORMED
from aformity_pipelines.stages.outputs import TABLE, columns_of, folder_of, parquet, read_record
from aformity_pipelines.stages.personal import column_subject, key_subject, subjects
from aformity_pipelines.stages.run import Run

MOST_ROWS = 200
"""Rows of a value that are listed; they are all counted."""


class TokenRow(Document):
    """One source row that holds the value."""

    row_id: str
    file: str
    sheet: str | None
    row: int
    record_key: str | None
    """Key of the record that the row led to in the published version; None where it led to none."""
    fate: str | None


class Meaning(Document):
    """One value that a token stands for, and where it stands."""

    value: str
    of: str
    """`entity.field`, `source.header`, or `source.key` for the key of a source's rows."""
    is_delivered: bool
    """Whether it is a text as it was delivered, which became another value or none."""
    row_count: int
    rows: tuple[TokenRow, ...]


class Resolved(Document):
    """What a token stands for; without meanings it was not found."""

    customer: str
    wave: str
    token: str
    meanings: tuple[Meaning, ...]
    looked_in: tuple[str, ...]
    """`entity.field`s, `source.header`s and `source.key`s that are called as the token is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Values that may have the token: a SELECT of (row_id, value)."""

    of: str
    subject: str
    select: str
    is_delivered: bool = False


def resolve(run: Run, token: Token) -> Resolved:
    """Return every value that has a token, in the wave as it was last run; without any where none has it."""
    create_digest_macro(run.connection, run.digest_key())
    ledger, found = _ledger(run), dict[tuple[str, str], Meaning]()
    for places in (_mapped, _transformed, _published, _delivered, _cells, _keys):
        for place in places(run, token.field):
            for value, ids, number in _holding(run, place, token):
                meaning = Meaning(
                    value=value,
                    of=place.of,
                    is_delivered=place.is_delivered,
                    row_count=number,
                    rows=_told(run, ledger, place.of, ids),
                )
                found.setdefault((place.of, value), meaning)
        if found:
            break
    fields = dict.fromkeys(f"{entity}.{field}" for entity, field, _ in _fields(run, token.field))
    cells = dict.fromkeys(place.of for place in _cells(run, token.field))
    keys = tuple(key_subject(source) for source in run.migration.customer.sources)
    return Resolved(
        customer=run.slug,
        wave=run.wave,
        token=str(token),
        meanings=tuple(found.values()),
        looked_in=tuple({**fields, **cells, **dict.fromkeys(keys if token.field == KEYS else ())}),
    )


def _holding(run: Run, place: _Place, token: Token) -> Iterator[tuple[str, list[str], int]]:
    """Yield each value of a place that has the token, its first row ids, and how many there are."""
    yield from run.connection.execute(
        f"select value, list_sort(list(row_id))[:?], count(*) from ({place.select})"
        f" where {has_token(place.subject, 'value', token)} group by value order by value",
        [MOST_ROWS],
    ).fetchall()


def _fields(run: Run, name: str) -> list[tuple[str, str, str]]:
    """Return (entity, field, subject) of the fields whose tokens begin with a name, links behind what they lead to."""
    links = subjects(run.migration)
    named = [
        (entity, field, links.get(f"{entity}.{field}", f"{entity}.{field}"))
        for entity in run.migration.entities()
        for field in run.migration.destination.entities[entity].fields
    ]
    found = [each for each in named if each[2].rpartition(".")[2] == name]
    return sorted(found, key=lambda each: each[2] != f"{each[0]}.{each[1]}")


def _mapped(run: Run, name: str) -> Iterator[_Place]:
    for entity, field, subject in _fields(run, name):
        table = folder_of(run, MAPPED, entity) / TABLE
        yield from _columns(run, table, entity, (field, f"{field}__bad"), subject)


def _transformed(run: Run, name: str) -> Iterator[_Place]:
    for entity, field, subject in _fields(run, name):
        yield from _columns(
            run, folder_of(run, TRANSFORMED, entity) / TABLE, entity, (field,), subject, row="unnest(row_ids)"
        )


def _published(run: Run, name: str) -> Iterator[_Place]:
    folder = _package(run)
    if folder is None:
        return
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    files = {file.entity: folder / file.path for file in manifest.files if file.format == "parquet"}
    for entity, field, subject in _fields(run, name):
        if entity in files:
            yield from _columns(run, files[entity], entity, (field,), subject, row="unnest(row_ids)")


def _columns(
    run: Run, path: Path, entity: str, columns: Sequence[str], subject: str, *, row: str = "row_id"
) -> Iterator[_Place]:
    """Yield the columns of an entity's table that are there; the first is the field, others hold delivered text."""
    if not path.is_file():
        return
    known = columns_of(run.connection, parquet(path))
    for column in columns:
        if column in known:
            yield _Place(
                of=f"{entity}.{columns[0]}",
                subject=subject,
                select=f"select {row} as row_id, cast({identifier(column)} as varchar) as value from {parquet(path)}",
                is_delivered=column != columns[0],
            )


def _delivered(run: Run, name: str) -> Iterator[_Place]:
    """Yield the texts that the fields are made of, cell by cell as the report would show them."""
    for entity, field, subject in _fields(run, name):
        for read in run.migration.reads_of(entity):
            raw, path = _raw(run, read.source), folder_of(run, RAW_FILE, read.source) / TABLE
            mapping = read.fields.get(field)
            if raw and mapping and path.is_file() and set(headers_of(mapping)) <= raw.internal.keys():
                yield _Place(
                    of=f"{entity}.{field}",
                    subject=subject,
                    select=f"select {row_reference('r.row_id', read.part)} as row_id, {before_of(raw, mapping)} as value"
                    f" from {parquet(path)} r",
                    is_delivered=True,
                )


def _cells(run: Run, name: str) -> Iterator[_Place]:
    """Yield the delivered columns whose header is called so."""
    for source in run.migration.customer.sources:
        raw, path = _raw(run, source), folder_of(run, RAW_FILE, source) / TABLE
        for header in raw.internal if raw and path.is_file() else ():
            subject = column_subject(source, header)
            if raw and subject.rpartition(".")[2] == name:
                select = f"select r.row_id, {raw.exact(header)} as value from {parquet(path)} r"
                yield _Place(of=f"{source}.{header}", subject=subject, select=select, is_delivered=True)


def _raw(run: Run, source: str) -> RawRelation | None:
    record = read_record(run, RAW_FILE, source)
    if record is None or record.delivery is None:
        return None
    return RawRelation(source=source, relation="r", internal=internal_names(record.delivery.headers))


def _keys(run: Run, name: str) -> Iterator[_Place]:
    ledger = _ledger(run)
    if name == KEYS and ledger:
        for source in run.migration.customer.sources:
            select = f"select distinct row_id, substr(row_key, {len(source) + 2}) as value from {ledger}"
            subject = key_subject(source)
            yield _Place(of=subject, subject=subject, select=f"{select} where source = {literal(source)}")


def _package(run: Run) -> Path | None:
    package = read_record(run, EXPORT, PACKAGE)
    return package_folder(run, package) if package else None


def _ledger(run: Run) -> str | None:
    folder = _package(run)
    return parquet(folder / "ledger.parquet") if folder else None


def _told(run: Run, ledger: str | None, of: str, ids: Sequence[str]) -> tuple[TokenRow, ...]:
    """Return where rows stand, and what became of them where the wave has been exported since."""
    fates: dict[str, tuple[str, str | None, str]] = {}
    if ledger:
        # A key of rows belongs to a source, and its rows to every entity that reads it: the first one's fate stands.
        entity = of.partition(".")[0] if of.partition(".")[0] in run.migration.mappings else None
        rows = run.connection.execute(
            f"select row_id, file, record_key, fate from {ledger} where list_contains(?, row_id)"
            " and (?::varchar is null or entity = ?) order by row_id, entity desc",
            [list(ids), entity, entity],
        ).fetchall()
        fates = {row_id: (file, key, fate) for row_id, file, key, fate in rows}
    return tuple(_row(run, row_id, *fates.get(row_id, (None, None, None))) for row_id in ids)


def _row(run: Run, row_id: str, file: str | None, key: str | None, fate: str | None) -> TokenRow:
    """Return one row by its id, `source@delivery#number/part`."""
    source, _, place = row_id.partition("@")
    record = read_record(run, RAW_FILE, source)
    delivery = record.delivery if record else None
    is_current = delivery is not None and delivery.sha256.startswith(place.partition("#")[0])
    return TokenRow(
        row_id=row_id,
        file=file or (delivery.file_name if delivery and is_current else f"an earlier delivery of {source}"),
        sheet=delivery.sheet if delivery and is_current else None,
        row=int(place.partition("#")[2].partition("/")[0]),
        record_key=key,
        fate=fate,
    )
