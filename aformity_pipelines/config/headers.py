"""Source columns: which headers the config reads or names, and how that agrees with a delivery.

Headers are compared exactly as delivered.
"""

from collections.abc import Iterable, Iterator

from aformity_pipelines.config.sql import SqlRefused, sql_headers
from aformity_pipelines.domain.mapping import Mapping, Read
from aformity_pipelines.domain.migration import Migration


def headers_read(migration: Migration, source: str) -> frozenset[str]:
    """Return the headers of `source` that a field, a condition on rows or a lookup reads."""
    return headers_read_by(migration.mappings.values(), source)


def headers_in_waves(migration: Migration, source: str) -> frozenset[str]:
    """Return the headers of `source` by which its rows are told apart into waves."""
    waves = [wave.where[source] for wave in migration.customer.waves if source in wave.where]
    return frozenset(header for where in waves for header in headers_of(where))


def headers_known(migration: Migration, source: str) -> frozenset[str]:
    """Return every header of `source` that the config accounts for: read, key, listed or in a wave's condition.

    To say what a column means (`columns` in defs.yaml) is not to say what becomes of it.
    """
    declared = migration.customer.sources[source]
    listed = {
        header
        for mapping in migration.mappings.values()
        for read in mapping.reads
        if read.source == source
        for header in read.columns
    }
    in_waves = headers_in_waves(migration, source)
    return headers_read(migration, source) | listed | set(declared.key) | in_waves


def headers_read_by(mappings: Iterable[Mapping], source: str) -> frozenset[str]:
    """Return the headers of `source` that any of `mappings` reads."""
    found: set[str] = set()
    for mapping in mappings:
        for read in mapping.reads:
            if read.source == source:
                found.update(header for _, header in read_places(read))
            for field in read.fields.values():
                lookups = [step.lookup for step in field.rule if step.lookup]
                for lookup in lookups:
                    if lookup.source == source:
                        found.update((lookup.key, lookup.take))
    return frozenset(found)


def read_places(read: Read) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each header that a read takes from its own source, and where below the read it stands."""
    if read.only:
        for header in headers_of(read.only.where):
            yield ("only", "where"), header
    for name, field in read.fields.items():
        for number, header in enumerate(field.columns):
            yield ("fields", name, "from", number), header
        for number, step in enumerate(field.rule):
            for header in headers_of(step.sql) if step.sql is not None else ():
                yield ("fields", name, "rule", number, "sql"), header


def headers_of(expression: str) -> tuple[str, ...]:
    """Return the headers that an expression reads; none where it is refused, which is its own problem."""
    try:
        return sql_headers(expression)
    except SqlRefused:
        return ()
