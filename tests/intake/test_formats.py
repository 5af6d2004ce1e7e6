"""What a file is, its bytes say: names only serve to refuse what they promise."""

from pathlib import Path

import pytest

from aformity_pipelines.intake.format import format_of
from aformity_pipelines.intake.refusal import DeliveryRefused, NoTable


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"a,b\n1,2\n", "x.xls", "text"),
        ("a\tb\r1\t2\r".encode("utf-16"), "x.xlsx", "text"),
        ("a\tb\n1\t2\n".encode("utf-16-le"), "x.xls", "text"),
        (b"{guid},name\n1,2\n", "x.csv", "text"),
        (b'{"a";"b"}\n', "x.csv", "text"),
        (b"[id],[name]\n1,2\n", "x.csv", "text"),
        (b"[1] Ann,2\n", "x.csv", "text"),
        (b"<none>,b\n1,2\n", "x.csv", "text"),
        (b"<id>;<name>\n1;2\n", "x.csv", "text"),
        (b"MZ,b\n1,2\n", "x.csv", "text"),
        (b"From ,to\n1,2\n", "x.csv", "text"),
        (b"ORC,b\n1,2\n", "x.csv", "text"),
        (b'{"a": 1}', "x.csv", "json"),
        (b' \n[\n {"a": 1}]', "x.txt", "json"),
        (b"\xef\xbb\xbf[{}]", "x", "json"),
        ('[{"a": 1}]'.encode("utf-16"), "x", "json"),
        ('{"a": 1}'.encode("utf-16-be"), "x", "json"),
        (b"[]", "x", "json"),
        (b"<r><a>1</a></r>", "x.csv", "xml"),
        (b'<?xml version="1.0"?><r/>', "x", "xml"),
        ("<r><a>1</a></r>".encode("utf-16"), "x", "xml"),
        (b"<!-- made by x --><html><table>", "x.xls", "html"),
        (b"<table><tr><td>1", "x.xls", "html"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "x.csv", "workbook"),
        (b"\x1f\x8b\x08", "x.csv", "gzip"),
        (b"PAR1", "x.csv", "parquet"),
    ],
)
def test_the_bytes_decide(tmp_path: Path, content: bytes, name: str, kind: str) -> None:
    (tmp_path / "f").write_bytes(content)
    assert format_of(tmp_path / "f", name) == kind


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "x.csv", "0 bytes"),
        (b"%PDF-1.7", "x.csv", "PDF"),
        (b"\x89PNG\r\n", "x.csv", "image"),
        (b"7z\xbc\xaf\x27\x1c", "x.csv", "7z"),
        (b"BZh91AY&SY\x00\x9c", "x.csv", "bzip2"),
        (b"\xfd7zXZ\x00", "x.csv", "xz"),
        (b"\x28\xb5\x2f\xfd", "x.csv", "zstd"),
        (b"SQLite format 3\x00", "x.csv", "SQLite"),
        (b"MZ\x90\x00\x03", "x.csv", "program"),
        (b"\x7fELF\x02", "x.csv", "program"),
        (b"From ann@example.com Mon Jan\nSubject: hi\n\n", "x.txt", "mailbox"),
        (b"x" * 257 + b"ustar", "x.csv", "tar"),
        (b"{a: 1}", "x.json", "is no JSON"),
        (b"Attachment lost on the way", "x.xls", "named .xls but is none"),
        (b"a;b\n", "x.xlsx", "named .xlsx but is none"),
        (b"\x01\x00\x00\x02 no\n container\n", "x.xlsm", "named .xlsm but is none"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "x.xls",
            "2003",
        ),
    ],
)
def test_what_is_no_table_is_named_with_what_to_send(
    tmp_path: Path, content: bytes, name: str, says: str
) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(NoTable, match=says):
        format_of(tmp_path / "f", name)


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DeliveryRefused, match="damaged"):
        format_of(tmp_path / "f", "x.xlsx")
