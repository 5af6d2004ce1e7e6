"""A coverage cut down to a few rows: so that one row is looked at without holding all others against what was shown."""

from collections.abc import Collection
from pathlib import Path

import polars as pl

from aformity_pipelines.domain.coverage import CoveredRow, RowCoverage
from aformity_pipelines.review.coverage_files import read_coverage


def covered_keys(folder: Path, covers: RowCoverage) -> frozenset[str]:
    """Return the business keys of all rows that a decision was shown; `folder` holds the coverage files."""
    return frozenset(read_coverage(folder, covers)["key"])


def names_one_of(folder: Path, covers: RowCoverage, keys: Collection[str]) -> bool:
    """Whether a decision was shown one of some rows, by business key."""
    return bool(read_coverage(folder, covers)["key"].is_in(list(keys)).any())


def cut_down(folder: Path, covers: RowCoverage, keys: Collection[str]) -> RowCoverage:
    """Return a coverage of some rows, by business key, and of those that they were shown with; without rows where none is named."""
    frame = read_coverage(folder, covers)
    mine = frame.filter(pl.col("key").is_in(list(keys)))
    groups = set(mine["group"]) - {""}
    if groups:
        is_beside = pl.col("key").is_in(list(keys)) | pl.col("group").is_in(list(groups))
        mine = frame.filter(is_beside)
    rows = tuple(CoveredRow.model_construct(**row) for row in mine.to_dicts())
    members = tuple(each for each in covers.members if each.group in groups)
    return covers.model_copy(update={"rows": rows, "rows_in": None, "row_count": None, "members": members})
