"""Files as customers send them, from the material kept beside the repository: read right or refused."""

import csv
import io
from pathlib import Path

import pytest

from aformity_pipelines.intake.refusal import NotUnderstood

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FOLDERS = ("case-*", "clean-*", "er-*", "map-*", "target-*")
FILES = sorted(
    path for folder in FOLDERS for end in ("csv", "tsv") for path in SHARED.glob(f"{folder}/**/*.{end}")
)
REFUSED = {
    "er-febrl/dataset1.csv": "a space follows every ','",
    "er-febrl/dataset4a.csv": "a space follows every ','",
    "er-febrl/dataset4b.csv": "a space follows every ','",
    "er-fodors-zagats/duplicates.csv": "no header: row 1 looks like a record",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILES, reason="the shared test material is not here"),
]


def expected_rows(content: bytes, encoding: str, delimiter: str, header_row: int):
    text = content.decode(encoding).removeprefix("\ufeff")
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    rows = [(number, *record) for number, record in enumerate(records, start=1) if record]
    return tuple(records[header_row - 1]), tuple(row for row in rows if row[0] > header_row)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SHARED)))
def test_a_shared_file_is_read_right_or_refused(read_bytes, tmp_path: Path, path: Path) -> None:
    name = str(path.relative_to(SHARED))
    content = path.read_bytes()
    if name in REFUSED:
        with pytest.raises(NotUnderstood, match=REFUSED[name]):
            read_bytes(content, tmp_path)
        return
    read = read_bytes(content, tmp_path)
    how = read.table.dialect
    if how.encoding in {"utf-32-le", "utf-32-be"}:
        content = content[2:]  # the mark is UTF-16's
    headers, rows = expected_rows(content, how.encoding, how.delimiter, read.table.header_row)
    assert read.table.headers == headers
    assert read.rows == rows


def test_one_text_in_many_encodings_reads_alike(read_bytes, tmp_path: Path) -> None:
    texts = sorted(SHARED.glob("case-salesforce-dataloader/files/csvtext*.csv"))
    reads = [read_bytes(path.read_bytes(), tmp_path) for path in texts]
    assert len({(read.table.headers, read.rows) for read in reads}) == 1


def test_a_file_with_an_unusual_delimiter_is_read_when_told(read_bytes, tmp_path: Path) -> None:
    content = (SHARED / "er-dblp-acm" / "gt.csv").read_bytes()
    read = read_bytes(content, tmp_path, delimiter="%")
    assert (read.table.headers, read.table.rows) == (("D1", "D2"), 2224)
