"""JSON, XML and Parquet files that are made to do harm, and damaged copies of sound files of every kind."""

import gzip
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.archives import zip_of
from tests.hostile.crafted import MIB, Crafted
from tests.hostile.workbooks import parts


def _parquet(rows: int = 2_000) -> bytes:
    table = pa.table({"id": list(range(rows)), "name": [f"n{n}" for n in range(rows)]})
    written = pa.BufferOutputStream()
    pq.write_table(table, written, row_group_size=500)
    content: bytes = written.getvalue().to_pybytes()
    return content


def _lying_footer(length: int) -> bytes:
    return _parquet()[:-8] + struct.pack("<I", length) + b"PAR1"


def _columns(path: Path) -> None:
    path.write_bytes(b"[" + b",".join(b'{"k%d": 1}' % n for n in range(300_000)) + b"]")


def _laughs(path: Path) -> None:
    lines = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE t [{"".join(lines)}]><t><r><a>&a9;</a></r><r><a>1</a></r></t>'
    )


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _json(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


STRUCTURES = (
    Crafted(
        name="deep.json", harm="a million lists in each other", write=_json("[" * 1_000_000 + "]" * 1_000_000)
    ),
    Crafted(
        name="deepobjects.json",
        harm="100,000 objects in each other",
        write=_json('[{"a":' * 100_000 + "1" + "}]" * 100_000),
    ),
    Crafted(
        name="deep.jsonl",
        harm="a deep line",
        write=_json('{"a": 1}\n{"a": ' + "[" * 200_000 + "]" * 200_000 + "}\n"),
    ),
    Crafted(
        name="keys.json",
        harm="a million keys in one record",
        write=lambda p: p.write_text("[{" + ",".join(f'"k{n}": {n}' for n in range(1_000_000)) + "}]"),
        is_big=True,
    ),
    Crafted(name="columns.json", harm="another key in each of 300,000 records", write=_columns, is_big=True),
    Crafted(
        name="number.json",
        harm="a number of a million digits",
        write=_json('[{"a": ' + "9" * 1_000_000 + "}]"),
    ),
    Crafted(
        name="numbers.json",
        harm="numbers that are none",
        write=_json('[{"a": NaN, "b": Infinity, "c": 1e999, "d": -0, "e": 0123}]'),
    ),
    Crafted(
        name="twice.json", harm="keys twice", write=_json('[{"a": 1, "a": 2}, {"a": {"b": 1, "b": [2]}}]')
    ),
    Crafted(
        name="surrogate.json",
        harm="half of a character",
        write=_json('[{"\\ud800": "\\udfff", "a": "\\u0000"}]'),
    ),
    Crafted(
        name="text.json",
        harm="a text of 100 MB",
        write=lambda p: p.write_text('[{"a": "' + "x" * (100 * MIB) + '"}]'),
        is_big=True,
    ),
    Crafted(name="cut.json", harm="cut off", write=_json('[{"a": 1}, {"a": 2}, {"a"')),
    Crafted(
        name="lines.jsonl",
        harm="one line is none",
        write=_json('{"a": 1}\n{"a": \n[1]\n"x"\nnull\n{"a": 2}\n'),
    ),
    Crafted(
        name="spaces.json",
        harm="100 MB of spaces",
        write=lambda p: p.write_text(" " * (100 * MIB) + "[]"),
        is_big=True,
    ),
    Crafted(name="laughs.xml", harm="a billion laughs", write=_laughs),
    Crafted(
        name="xxe.xml",
        harm="reads a file of ours",
        write=_json(
            '<?xml version="1.0"?><!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><t><r><a>&x;</a></r><r><a>1</a></r></t>'
        ),
    ),
    Crafted(
        name="deep.xml",
        harm="a million elements in each other",
        write=_json("<t>" + "<a>" * 1_000_000 + "</a>" * 1_000_000 + "</t>"),
    ),
    Crafted(
        name="attributes.xml",
        harm="300,000 attributes",
        write=lambda p: p.write_text("<t><r " + " ".join(f'a{n}="1"' for n in range(300_000)) + "/><r/></t>"),
    ),
    Crafted(
        name="columns.xml",
        harm="another element in each of 300,000 records",
        write=lambda p: p.write_text(
            "<t>" + "".join(f"<r><a{n}>1</a{n}></r>" for n in range(300_000)) + "</t>"
        ),
    ),
    Crafted(
        name="text.xml",
        harm="a text of 100 MB",
        write=lambda p: p.write_text("<t><r><a>" + "x" * (100 * MIB) + "</a></r><r/></t>"),
        is_big=True,
    ),
    Crafted(
        name="utf16.xml",
        harm="an encoding that lies",
        write=lambda p: p.write_bytes(b'<?xml version="1.0" encoding="UTF-16"?><t><r><a>1</a></r></t>'),
    ),
    Crafted(
        name="footer.parquet",
        harm="a footer longer than the file",
        write=lambda p: p.write_bytes(_lying_footer(0xFFFFFFFF)),
    ),
    Crafted(
        name="nofooter.parquet", harm="a footer of no length", write=lambda p: p.write_bytes(_lying_footer(0))
    ),
    Crafted(name="marks.parquet", harm="the marks alone", write=lambda p: p.write_bytes(b"PAR1PAR1")),
)
"""JSON, XML and Parquet files."""


def sound() -> dict[str, bytes]:
    """Return a small sound file of every kind, by name."""
    table = b"id,name,day\n" + b"".join(b'%d,"name, %d",2024-01-02\n' % (n, n) for n in range(200))
    return {
        "sound.csv": table,
        "sound16.csv": table.decode().encode("utf-16"),
        "sound.xlsx": zip_of(parts()),
        "sound.json": b'[{"id": 1, "at": {"city": "B"}}, {"id": 2, "tags": ["x", "y"]}]',
        "sound.jsonl": b'{"id": 1}\n{"id": 2}\n',
        "sound.xml": b"<t><r><id>1</id></r><r><id>2</id></r></t>",
        "sound.parquet": _parquet(),
        "sound.zip": zip_of({"a.csv": table, "b.csv": table}),
        "sound.csv.gz": gzip.compress(table, mtime=0),
    }


def damaged(each: int = 6) -> Iterator[Crafted]:
    """Yield damaged copies of every sound file: cut off, and with bits and bytes changed; always the same."""
    for name, content in sound().items():
        chance = random.Random(name)
        for number in range(each):
            broken = bytearray(content)
            if number % 2:
                del broken[chance.randrange(len(broken)) :]
            else:
                for _ in range(1 + number):
                    broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
            yield Crafted(
                name=f"{number}_{name}",
                harm="cut off" if number % 2 else "bits flipped",
                write=_bytes(bytes(broken)),
            )
