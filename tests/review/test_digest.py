"""The digest worked out in SQL is Python's own SHA-256 of key, length and text, over an unambiguous text."""

import hashlib

import duckdb
import pytest

from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.digest import create_digest_macro, shown_text


def digests(key: bytes, *texts: str | None) -> list[str | None]:
    connection = duckdb.connect(config={"threads": 1})
    create_digest_macro(connection, key)
    return [connection.execute("select keyed_digest(?::varchar)", [text]).fetchall()[0][0] for text in texts]


@pytest.mark.parametrize("key", [b"", b"k", b"\x00\xff'\"" * 8, b"k" * 32])
def test_the_digest_is_sha256_of_key_length_and_text(key: bytes) -> None:
    texts = ("", "jo@acme.example", "Émile 😀", "x" * 1000, 'it\'s "quoted"\n', "\x1e")

    def by_hand(text: str) -> str:
        encoded = text.encode()
        block = key.hex().ljust(64, "0").encode()
        return hashlib.sha256(block + str(len(encoded)).encode() + b":" + encoded).hexdigest()

    assert digests(key, *texts) == [by_hand(text) for text in texts]


def test_of_nothing_there_is_no_digest() -> None:
    assert digests(b"k", None) == [None]


def test_a_longer_key_is_refused() -> None:
    with pytest.raises(ValueError, match="33 bytes"):
        create_digest_macro(duckdb.connect(), b"k" * 33)


def shown(cells: tuple[str | None, str | None], *headers: str) -> str:
    raw = RawRelation(source="crm", relation="raw", internal={"A": "c0001", "B": "c0002"})
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("create table raw (c0001 varchar, c0002 varchar)")
    connection.execute("insert into raw values (?, ?)", cells)
    return str(connection.execute(f"select {shown_text(raw, headers)} from raw r").fetchall()[0][0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("x", "y"), ("y", "x")),
        (("xy", ""), ("x", "y")),
        (("", None), (None, "")),
        ((None, None), ("", "")),
        (("a\x1eB=1:b", "c"), ("a", "b\x1eB=1:c")),
        (("a\x1eB=b", "c"), ("a", "b\x1eB=c")),
        (("-", None), (None, "-")),
        (("x", "y"), ("x ", "y")),
        (("é", "y"), ("e\u0301", "y")),
    ],
)
def test_different_cells_never_read_the_same(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None]
) -> None:
    assert shown(one, "A", "B") != shown(other, "A", "B")


def test_the_order_of_the_headers_and_a_header_that_is_gone_do_not_count() -> None:
    assert shown(("x", "y"), "A", "B") == shown(("x", "y"), "B", "Gone", "A")
