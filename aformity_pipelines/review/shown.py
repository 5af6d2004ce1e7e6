"""What is shown of a row: its delivered cells under some fields as one text, the same for the same cells.

Texts only; digests of them, and what is held against what, are `coverage`'s.  Loads nothing slow.
"""

from collections.abc import Mapping, Sequence

from aformity_pipelines.domain.coverage import RowCoverage
from aformity_pipelines.domain.mapping import Read
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN, row_reference
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.review.digest import shown_reject, shown_text

NOTHING_DELIVERED = "select '' as row_id, '' as row_key, '' as shown where false"


def headers_shown(migration: Migration, read: Read, fields: Sequence[str]) -> tuple[str, ...]:
    """Return the source headers behind target fields in one read; unknown fields have none."""
    found = [h for name in fields if name in read.fields for h in headers_of(read.fields[name])]
    return tuple(dict.fromkeys(found))


def shown_rows(
    migration: Migration, raw: Mapping[str, RawRelation], subject: str, fields: Sequence[str]
) -> str:
    """Return a SELECT of (row_id, row_key, shown) over every row of an entity or, at intake, a source.

    Of a record that could not be read, its raw text and the reason were shown, whatever the fields.
    """
    if subject in migration.mappings:
        reads = [
            (raw[read.source], headers_shown(migration, read, fields), read.part)
            for read in migration.reads_of(subject)
            if read.source in raw
        ]
    else:
        reads = [(raw[subject], tuple(fields), MAIN)]
    selects = [
        f"select {row_reference('r.row_id', part)} as row_id, {row_reference('r.row_key', part)} as row_key,"
        f" {shown} as shown from {relation} r"
        for source, headers, part in reads
        for relation, shown in (
            (source.relation, shown_text(source, headers)),
            (source.rejected, shown_reject()),
        )
        if relation
    ]
    return " union all ".join(selects) or NOTHING_DELIVERED


def fields_of_parent(migration: Migration, covers: RowCoverage, parent: str) -> tuple[str, ...]:
    """Return the fields of another entity that the shown fields point to; its key where none does."""
    described = migration.destination.entities
    child = described.get(covers.subject)
    links = [child.fields[name].relationship for name in covers.fields if child and name in child.fields]
    found = [link.field for link in links if link and link.entity == parent]
    return tuple(dict.fromkeys(found)) or (described[parent].key,)
