"""Archives: every member read as if sent alone, nothing trusted about what they say of themselves."""

import gzip
import io
import stat
import struct
import zipfile

import pytest

from aformity_pipelines.intake.job import Limits
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood

CSV = b"id,name\n1,Ann\n2,Bob\n"
JSON = b'[{"id": "1"}]'


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def test_each_member_gives_its_tables_with_its_name(see) -> None:
    seen = see(zipped(("d/a.csv", CSV), ("b.json", JSON), ("__MACOSX/._a.csv", b"\x00")))
    tables = [(t.number, t.member, t.rows, t.parquet.name) for t in seen.reading.tables]
    assert tables == [(1, "d/a.csv", 2, "table_1.parquet"), (2, "b.json", 1, "table_2.parquet")]
    assert (seen.reading.format, seen.reading.questions) == ("zip", ())


def test_a_member_can_be_told_and_so_can_a_table(see) -> None:
    content = zipped(("a.csv", CSV), ("b.json", JSON))
    assert see(content, member="b.json").cells == (("1",),)
    assert [t.member for t in see(content, table=2).reading.tables] == ["b.json"]
    with pytest.raises(NotUnderstood, match=r"'c\.csv'.*'a\.csv'"):
        see(content, member="c.csv")


def test_a_member_without_a_table_is_asked_about_and_the_guess_is_the_other(see) -> None:
    seen = see(zipped(("a.csv", CSV), ("b.pdf", b"%PDF-1.7")))
    (question,) = seen.reading.questions
    assert (question.proposal.member, [t.member for t in seen.reading.tables]) == ("a.csv", ["a.csv"])
    assert see(zipped(("a.csv", CSV), ("b.pdf", b"%PDF-1.7")), member="a.csv").reading.questions == ()


def test_an_archive_of_no_table_at_all_is_refused_with_what_its_files_are(see) -> None:
    with pytest.raises(DeliveryRefused, match=r"'a\.pdf': the file is a PDF; 'b\.csv': the file is empty"):
        see(zipped(("a.pdf", b"%PDF-1.7"), ("b.csv", b"")))


def test_a_member_whose_name_is_cut_to_nothing_is_refused(see) -> None:
    content = zipped(("x.csv", CSV)).replace(b"x.csv", b"\x00.csv")
    with pytest.raises(DeliveryRefused, match="a file without a name"):
        see(content)


def test_more_files_or_tables_than_one_delivery_may_have_are_refused_by_the_limits_name(see) -> None:
    members = [(f"{number}.csv", CSV) for number in range(4)]
    page = b"<table><tr><td>a<tr><td>1</table>" * 4
    for content in (zipped(*members), zipped(("a.html", page)), page):
        with pytest.raises(DeliveryRefused, match=r"more than 3 (files|tables) \(limit `tables`\)"):
            see(content, limits=Limits(tables=3))


def test_the_rejects_of_a_member_come_along(see) -> None:
    seen = see(zipped(("a.csv", CSV), ("b.jsonl", b'{"a":1}\n{"a":\n{"a":3}\n')), member="b.jsonl")
    assert [row for row, _, _ in seen.rejects] == [2]


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "a/../../b.csv", "C:\\a.csv", "..\\a.csv"])
def test_a_name_that_leads_outside_is_refused(see, name: str) -> None:
    with pytest.raises(DeliveryRefused, match="leads outside"):
        see(zipped((name, CSV)))


def test_links_twins_and_archives_in_archives_are_refused(see) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for content, says in (
        (zipped((link, b"/etc/passwd")), "link"),
        (zipped(("a.csv", CSV), ("A.csv", CSV)), "two files"),
        (zipped(("a.zip", zipped(("a.csv", CSV)))), "another archive"),
        (zipped(("a.csv.gz", gzip.compress(CSV))), "another archive"),
        (gzip.compress(gzip.compress(CSV)), "another archive"),
    ):
        with pytest.raises(DeliveryRefused, match=says):
            see(content)


def test_a_password_is_named(see) -> None:
    content = bytearray(zipped(("a.csv", CSV)))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + at] |= 1
    with pytest.raises(DeliveryRefused, match="password"):
        see(bytes(content))


def test_what_is_inflated_is_counted_over_all_members(see) -> None:
    members = [(f"{n}.csv", b"a,b\n" + b"1,2\n" * 10_000) for n in range(4)]
    with pytest.raises(DeliveryRefused, match="100,000 bytes when unpacked"):
        see(zipped(*members), limits=Limits(inflated=100_000))
    with pytest.raises(DeliveryRefused, match="1,000,000 bytes when unpacked"):
        see(gzip.compress(b"\x00" * 50_000_000), limits=Limits(inflated=1_000_000))


def test_a_lie_about_the_size_is_no_way_to_lose_rows(see) -> None:
    content = bytearray(zipped(("a.csv", CSV)))
    for magic, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(magic) + at, 8)
    with pytest.raises(DeliveryRefused, match="damaged"):
        see(bytes(content))


def test_members_that_share_their_bytes_are_refused(see) -> None:
    content = bytearray(zipped(("a.csv", CSV * 50), ("b.csv", CSV * 50)))
    second = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, second + 42, 4)
    with pytest.raises(DeliveryRefused, match=r"share their bytes|damaged"):
        see(bytes(content))


def test_gzip_of_several_parts_is_read_whole(see) -> None:
    seen = see(gzip.compress(CSV) + gzip.compress(b"3,Cy\n"), "a.csv.gz")
    assert seen.cells == (("1", "Ann"), ("2", "Bob"), ("3", "Cy"))
    assert seen.reading.format == "gzip"


@pytest.mark.parametrize("damage", ["cut", "flipped", "followed"])
def test_damaged_gzip_is_refused(see, damage: str) -> None:
    sound = gzip.compress(CSV * 100)
    middle = len(sound) // 2
    content = {
        "cut": sound[:middle],
        "flipped": sound[:middle] + bytes([sound[middle] ^ 255]) + sound[middle + 1 :],
        "followed": sound + b"junk",
    }[damage]
    with pytest.raises(DeliveryRefused, match="damaged gzip"):
        see(content)


def test_every_cut_and_flip_of_a_zip_is_read_alike_or_refused(see) -> None:
    sound = zipped(("a.csv", CSV), ("b.json", JSON))
    for place in range(4, len(sound), 9):
        for content in (sound[:place], sound[:place] + bytes([sound[place] ^ 0x55]) + sound[place + 1 :]):
            try:
                seen = see(content, "in.zip")
            except (DeliveryRefused, NotUnderstood):
                continue
            for table in seen.reading.tables:
                assert table.rows == {2: 2, 1: 1}[len(table.headers)]
