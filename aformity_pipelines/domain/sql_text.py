"""How names and texts are quoted in SQL: written once, used wherever SQL is put together."""

PARQUET = "(format parquet, compression zstd, compression_level 1, dictionary_size_limit 10000)"
"""How tables are written.  On customers' text level 1 is as small as the default; long dictionaries only cost."""


def literal(text: str) -> str:
    """Return `text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
