"""Coverage files: the rows of a decision that covers many, beside the log and named by their SHA-256.

The form of the file and reading it.  Writing it to the disk is `append`'s: a decision that is refused leaves none.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.coverage import CoveredRow, RowCoverage

COLUMNS = ("key", "digest", "group")
NO_FILES: Mapping[str, bytes] = {}
SCHEMA = dict.fromkeys(COLUMNS, pl.String())
Rows: TypeAlias = pl.DataFrame | Iterable[CoveredRow | Mapping[str, str]]
"""Rows in row order: key, digest, and group where the rule looks across rows."""
RESTORE = "restore the file from your version control or a backup; nothing is exported until then"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Covered rows as a decision lists them."""

    covers: dict[str, Any]  # `rows`, or `rows_in` and `row_count`
    files: dict[str, bytes]  # coverage files to be written with the decision, by SHA-256


def listed(rows: Rows, *, most_inline: int) -> Listed:
    """Return rows as a decision lists them: in its line, or in a file where they are more than `most_inline`."""
    frame = _frame(rows)
    if len(frame) <= most_inline:
        inline = [{name: value for name, value in row.items() if value} for row in frame.to_dicts()]
        return Listed(covers={"rows": inline}, files={})
    content = content_of(frame)
    sha256 = hashlib.sha256(content).hexdigest()
    return Listed(covers={"rows_in": sha256, "row_count": len(frame)}, files={sha256: content})


def content_of(rows: Rows) -> bytes:
    """Return the bytes of a coverage file: UTF-8, a header, one line a row, keys and groups quoted."""
    quoted = [pl.col(name).str.replace_all('"', '""', literal=True) for name in ("key", "group")]
    line = pl.format('"{}",{},"{}"\n', quoted[0], pl.col("digest"), quoted[1])
    body = _frame(rows).select(line.str.join("")).item()
    return f"{','.join(COLUMNS)}\n{body or ''}".encode()


def read_coverage(
    folder: Path, covers: RowCoverage, *, pending: Mapping[str, bytes] = NO_FILES
) -> pl.DataFrame:
    """Return the rows that a decision covers (key, digest, group; in row order), wherever they are listed.

    `pending` holds the content of files that are not written yet, by SHA-256.  ConfigInvalid where the coverage file
    in `folder` is missing or is not the one that was written.
    """
    if covers.rows_in is None:
        return _frame(covers.rows)
    path = folder / f"{covers.rows_in}.csv"
    try:
        content = pending[covers.rows_in] if covers.rows_in in pending else path.read_bytes()
    except FileNotFoundError:
        raise _invalid(path, "this coverage file is missing, and a decision names it") from None
    if hashlib.sha256(content).hexdigest() != covers.rows_in:
        raise _invalid(
            path, "this coverage file was changed: its content does not have the SHA-256 that names it"
        )
    frame = pl.read_csv(content, schema=SCHEMA).fill_null("")
    if len(frame) != covers.row_count:
        raise _invalid(path, f"this coverage file lists {len(frame)} rows, the decision {covers.row_count}")
    return frame


def _frame(rows: Rows) -> pl.DataFrame:
    if isinstance(rows, pl.DataFrame):
        return rows.select(
            pl.col(name) if name in rows.columns else pl.lit("").alias(name) for name in COLUMNS
        )
    cells = [
        tuple(row.get(name, "") for name in COLUMNS)
        if isinstance(row, Mapping)
        else (row.key, row.digest, row.group)
        for row in rows
    ]
    return pl.DataFrame(cells, schema=SCHEMA, orient="row")


def _invalid(path: Path, says: str) -> ConfigInvalid:
    return ConfigInvalid([Problem(path="/".join(path.parts[-4:]), says=says, do=RESTORE)])
