"""Coverage files: what is written is read back to the letter, and a changed one is not believed."""

from pathlib import Path

import polars as pl
import pytest

from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.coverage import CoveredRow, RowCoverage
from aformity_pipelines.files.by_content import keep_file
from aformity_pipelines.review.coverage_files import content_of, listed, read_coverage

DIGEST = "ab" * 32
ODD = ['a"b', "x,y", "two\nlines", "\r", "", " a ", "null", "é😀", "\x00", "007", "'=1"]


def named(folder: Path, rows: list[CoveredRow]) -> RowCoverage:
    return RowCoverage(subject="contact", rows_in=keep_file(folder, content_of(rows)), row_count=len(rows))


def test_the_file_has_a_line_a_row_in_row_order_with_keys_quoted() -> None:
    rows = [CoveredRow(key="crm:2", digest=DIGEST, group='"g"'), CoveredRow(key="crm:1", digest=DIGEST)]

    assert content_of(rows).decode() == (f'key,digest,group\n"crm:2",{DIGEST},"""g"""\n"crm:1",{DIGEST},""\n')


def test_any_key_and_group_is_read_back_to_the_letter(tmp_path: Path) -> None:
    rows = [CoveredRow(key=key, digest=DIGEST, group=key) for key in ODD]

    frame = read_coverage(tmp_path, named(tmp_path, rows))

    assert frame.rows() == [(key, DIGEST, key) for key in ODD]


def test_rows_in_the_log_are_read_the_same_way(tmp_path: Path) -> None:
    rows = [CoveredRow(key=key, digest=DIGEST, group="g") for key in ODD]

    inline = read_coverage(tmp_path, RowCoverage(subject="contact", rows=tuple(rows)))

    assert inline.equals(read_coverage(tmp_path, named(tmp_path, rows)))


def test_equal_rows_are_one_file_whatever_they_come_as() -> None:
    rows = [CoveredRow(key=key, digest=DIGEST) for key in ODD]
    frame = pl.DataFrame({"key": ODD, "digest": DIGEST})

    assert listed(rows, most_inline=0) == listed(frame, most_inline=0)
    assert listed([row.model_dump() for row in rows], most_inline=0) == listed(frame, most_inline=0)


def test_a_changed_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    covers = named(tmp_path, [CoveredRow(key=f"crm:{n}", digest=DIGEST) for n in range(3)])
    path = tmp_path / f"{covers.rows_in}.csv"
    path.write_bytes(path.read_bytes().replace(b"crm:1", b"crm:9"))

    with pytest.raises(ConfigInvalid, match=r"was changed.*restore the file from your version control"):
        read_coverage(tmp_path, covers)


def test_a_missing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    covers = named(tmp_path, [CoveredRow(key="crm:1", digest=DIGEST)])
    (tmp_path / f"{covers.rows_in}.csv").unlink()

    with pytest.raises(ConfigInvalid, match=r"is missing.*restore the file"):
        read_coverage(tmp_path, covers)


def test_a_decision_that_counts_other_rows_than_its_file_is_refused(tmp_path: Path) -> None:
    covers = named(tmp_path, [CoveredRow(key="crm:1", digest=DIGEST)]).model_copy(update={"row_count": 2})

    with pytest.raises(ConfigInvalid, match="lists 1 rows, the decision 2"):
        read_coverage(tmp_path, covers)
