"""Format hints in a customer's words: what was proposed or answered about how a file is read."""

from collections.abc import Iterator

from aformity_pipelines.domain.delivery import FormatHints, ShortRecords

SIGNS = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar", " ": "a space"}


def in_words(hints: FormatHints) -> str:
    """Say in one line what the hints settle; empty where they settle nothing."""
    return ", ".join((*_place(hints), *_signs(hints), *_rows(hints)))


def as_yaml(hints: FormatHints) -> str:
    """Return the hints as they are written behind `format:`, on one line."""
    given = hints.model_dump(mode="json", exclude_defaults=True)
    return f"{{{', '.join(f'{key}: {_value(value)}' for key, value in given.items())}}}"


def _place(hints: FormatHints) -> Iterator[str]:
    if hints.member is not None:
        yield f"file {hints.member} of the archive"
    if hints.sheet is not None:
        yield f"sheet {hints.sheet}"
    if hints.table is not None:
        yield f"table {hints.table} of the file"
    if hints.records is not None:
        yield f"one record for each {hints.records}"
    if hints.paths:
        yield f"columns {', '.join(f'{name} from {path}' for name, path in hints.paths.items())}"
    for before, now in hints.renamed.items():
        yield f"the column {now} is the one that was called {before}"


def _signs(hints: FormatHints) -> Iterator[str]:
    if hints.encoding is not None:
        yield f"letters as in {hints.encoding}"
    if hints.delimiter is not None:
        yield f"{SIGNS.get(hints.delimiter, hints.delimiter)} between values"
    if hints.widths:
        yield f"columns of {', '.join(map(str, hints.widths))} characters"
    if hints.quote is not None:
        yield f"values may stand in {hints.quote}" if hints.quote else "quotes are plain text"
    if hints.escape is not None:
        yield f"{hints.escape} before a quote that is text"
    if hints.comment is not None:
        yield f"lines that begin with {hints.comment} are remarks"


def _rows(hints: FormatHints) -> Iterator[str]:
    if hints.header_row is not None:
        yield f"row {hints.header_row} names the columns" if hints.header_row else "no row names the columns"
    if hints.header_rows is not None:
        yield (
            "the names take one row" if hints.header_rows == 1 else f"the names take {hints.header_rows} rows"
        )
    if hints.last_row is not None:
        yield f"the table ends with row {hints.last_row}"
    if hints.short_records is not None:
        is_filled = hints.short_records is ShortRecords.FILL
        yield (
            "values that are missing at the end of a row are blank"
            if is_filled
            else "short rows are rejected"
        )


def _value(value: object) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_value(key)}: {_value(each)}' for key, each in value.items())}}}"
    return str(value)
