"""Delimited texts that are made to do harm: very wide, very long, never closed, or no text at all."""

import random
from collections.abc import Iterable
from pathlib import Path

from tests.hostile.crafted import MIB, Crafted

_TABLE = b"id,name\n1,a\n2,b\n"


def _blocks(path: Path, blocks: Iterable[bytes]) -> None:
    with path.open("wb") as written:
        written.writelines(blocks)


def _times(block: bytes, total: int) -> Iterable[bytes]:
    return (block for _ in range(total // len(block)))


def _long(path: Path, block: bytes, megabytes: int, *, before: bytes = b"", after: bytes = b"") -> None:
    _blocks(path, (before, *_times(block * (MIB // len(block)), megabytes * MIB), after))


def _noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


TEXTS = (
    Crafted(name="empty.csv", harm="0 bytes", write=lambda p: p.write_bytes(b"")),
    Crafted(name="blank.csv", harm="line ends alone", is_big=True, write=lambda p: _long(p, b"\n", 20)),
    Crafted(
        name="wide.csv",
        harm="a million columns",
        write=lambda p: p.write_bytes(
            b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n" + b"," * 999_999 + b"\n"
        ),
    ),
    Crafted(
        name="cell.csv",
        harm="a cell of 100 MB",
        write=lambda p: _long(p, b"x", 100, before=b"id,name\n1,", after=b"\n2,b\n"),
    ),
    Crafted(
        name="quotedcell.csv",
        harm="a quoted cell of 100 MB",
        is_big=True,
        write=lambda p: _long(p, b"x\n", 100, before=b'id,name\n1,"', after=b'"\n2,b\n'),
    ),
    Crafted(
        name="unclosed.csv",
        harm="a quote that is open for 200 MB",
        write=lambda p: _long(p, b"12,abc\n\n", 200, before=b'id,name\n1,"a\n'),
        is_big=True,
    ),
    Crafted(
        name="manyopen.csv",
        harm="a quote opened in every row",
        write=lambda p: _long(p, b'1,"a\n2,b', 40, before=b"id,name\n"),
        is_big=True,
    ),
    Crafted(
        name="quotes.csv",
        harm="quotes alone",
        write=lambda p: _long(p, b'"', 40, before=b"id,name\n"),
        is_big=True,
    ),
    Crafted(name="commas.csv", harm="commas alone", write=lambda p: _long(p, b",", 40, before=b"id,name\n")),
    Crafted(name="oneline.csv", harm="no line end", write=lambda p: _long(p, b"1,abc;d\t", 40)),
    Crafted(
        name="ragged.csv",
        harm="a million records, all of another width",
        write=lambda p: _blocks(p, (b"id,name\n", *(b"," * (n % 97) + b"\n" for n in range(1_000_000)))),
        is_big=True,
    ),
    Crafted(name="nuls.csv", harm="NULs alone", write=lambda p: _long(p, b"\0", 50), is_big=True),
    Crafted(
        name="nulcells.csv",
        harm="a NUL in every cell",
        write=lambda p: _long(p, b"1,a\0\n2,\0", 8, before=b"id,name\n"),
    ),
    Crafted(name="noise.csv", harm="noise", write=lambda p: p.write_bytes(_noise(8 * MIB))),
    Crafted(
        name="badutf8.csv",
        harm="bytes that are no UTF-8",
        write=lambda p: p.write_bytes(_TABLE * 9 + b"3,\xff\xfe\xed\xa0\x80\n"),
    ),
    Crafted(
        name="utf16.csv",
        harm="UTF-16 cut in half",
        write=lambda p: p.write_bytes("id,näme\n1,\ud83d".encode("utf-16", "surrogatepass")[:-1]),
    ),
    Crafted(
        name="bom.csv", harm="a mark and nothing else", write=lambda p: p.write_bytes(b"\xff\xfe\x00\x00")
    ),
    Crafted(
        name="carriage.csv",
        harm="every kind of line end",
        write=lambda p: p.write_bytes(b"id,name\r1,a\n2,b\r\n3,c\n\r4,d\x0b5,e\x1e6,f\xc2\x85"),
    ),
    Crafted(
        name="headers.csv",
        harm="headers that are SQL, HTML and the same",
        write=lambda p: p.write_bytes(
            b'"a\'; DROP TABLE x--",<script>,a,A,a,,c0001,row_id,\xe2\x80\xae\n1,2,3,4,5,6,7,8,9\n'
        ),
    ),
    Crafted(
        name="formula.csv",
        harm="formulas",
        write=lambda p: p.write_bytes(b"id,name\n1,=cmd|'/c calc'!A1\n2,@SUM(1)\n3,+1\n4,-1\n"),
    ),
    Crafted(name="glob[1]*.csv", harm="a name that is a pattern", write=lambda p: p.write_bytes(_TABLE)),
    Crafted(
        name="comments.csv", harm="comment signs alone", is_big=True, write=lambda p: _long(p, b"#\n", 20)
    ),
    Crafted(
        name="widths.txt",
        harm="columns of spaces",
        write=lambda p: _long(p, b"1  a     b      \n".ljust(32), 20),
        is_big=True,
    ),
)
"""Delimited texts."""
