"""Archives that are made to do harm: bombs, overlaps, lies, and names that lead out of the folder."""

import gzip
import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.crafted import MIB, Crafted

_TABLE = b"id,name\n1,a\n2,b\n"


def zip_of(parts: dict[str, bytes]) -> bytes:
    """Return a ZIP file of these members, in this order."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def repeated(block: bytes, times: int) -> Iterator[bytes]:
    """Yield the block so many times."""
    for _ in range(times):
        yield block


def big_member(path: Path, name: str, blocks: Iterator[bytes], parts: dict[str, bytes] | None = None) -> None:
    """Write a ZIP file with small `parts` and one member that is written block by block."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, content in (parts or {}).items():
            archive.writestr(part, content)
        with archive.open(name, "w", force_zip64=True) as member:
            for block in blocks:
                member.write(block)


def lying_sizes(content: bytes, *, declared: int) -> bytes:
    """Return the ZIP file with every uncompressed size in its directories replaced."""
    lying = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = lying.find(mark)
        while at >= 0:
            lying[at + offset : at + offset + 4] = struct.pack("<I", declared)
            at = lying.find(mark, at + 4)
    return bytes(lying)


def overlapping(content: bytes, *, entries: int) -> bytes:
    """Return the ZIP file of one member with a directory that names that member's bytes `entries` times."""
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = bytearray(content[start:end])
    length = struct.unpack_from("<H", entry, 28)[0]
    assert length >= 6, "the member's name needs room for a number"
    named = []
    for number in range(entries):
        entry[46 : 46 + 6] = b"%06d" % number
        named.append(bytes(entry))
    directory = b"".join(named)
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, entries, entries, len(directory), start, 0)
    return content[:start] + directory + tail


def _gzip_bomb(path: Path) -> None:
    member = gzip.compress(b"1,2\n" * (16 * MIB), compresslevel=9, mtime=0)
    with path.open("wb") as written:
        for _ in range(10 * MIB // len(member)):
            written.write(member)


def _big_cell(path: Path) -> None:
    block = gzip.compress(b"x" * (64 * MIB), mtime=0)
    with path.open("wb") as written:
        written.write(gzip.compress(b"id,text\n1,", mtime=0))
        for _ in range(32):
            written.write(block)
        written.write(gzip.compress(b"\n2,b\n", mtime=0))


def _matryoshka(path: Path, levels: int) -> None:
    content = zip_of({"000000.csv": b"1,2\n" * (4 * MIB)})
    for level in range(levels):
        content = zip_of({f"{level}_{number}.zip": content for number in range(8)})
    path.write_bytes(content)


def _symlink(path: Path) -> None:
    member = zipfile.ZipInfo("table.csv")
    member.create_system = 3
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "/etc/passwd")


def _encrypted(path: Path) -> None:
    content = bytearray(zip_of({"table.csv": _TABLE}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)


def _wrapped(times: int) -> bytes:
    content = b"1,2\n" * MIB
    for _ in range(times):
        content = gzip.compress(content, mtime=0)
    return content


ARCHIVES = (
    Crafted(name="rows.csv.gz", harm="10 MB that hold 10 GB of rows", write=_gzip_bomb, is_big=True),
    Crafted(name="cell.csv.gz", harm="one cell of 2 GB", write=_big_cell, is_big=True),
    Crafted(
        name="wrapped.csv.gz", harm="gzip in gzip, ten times", write=lambda p: p.write_bytes(_wrapped(10))
    ),
    Crafted(
        name="torn.csv.gz",
        harm="half of a gzip",
        write=lambda p: p.write_bytes(gzip.compress(_TABLE * 999)[:-40]),
    ),
    Crafted(
        name="checksum.csv.gz",
        harm="a checksum that lies",
        write=lambda p: p.write_bytes(gzip.compress(_TABLE, mtime=0)[:-8] + b"\0" * 8),
    ),
    Crafted(
        name="bomb.zip",
        harm="2 MB that hold 2 GB",
        write=lambda p: big_member(p, "table.csv", repeated(b"1,2\n" * (MIB // 4), 2048)),
        is_big=True,
    ),
    Crafted(name="nested.zip", harm="ZIP in ZIP in ZIP, eight each", write=lambda p: _matryoshka(p, 3)),
    Crafted(
        name="overlap.zip",
        harm="60,000 names for the same 16 MB",
        write=lambda p: p.write_bytes(
            overlapping(zip_of({"000000.csv": b"1,2\n" * (4 * MIB)}), entries=60_000)
        ),
    ),
    Crafted(
        name="many.zip",
        harm="50,000 members",
        write=lambda p: p.write_bytes(zip_of({f"t{number}.csv": _TABLE for number in range(50_000)})),
        is_big=True,
    ),
    Crafted(
        name="lying.zip",
        harm="256 MB declared as 9 bytes",
        write=lambda p: p.write_bytes(lying_sizes(zip_of({"table.csv": b"1,2\n" * (64 * MIB)}), declared=9)),
        is_big=True,
    ),
    Crafted(
        name="traversal.zip",
        harm="names that lead out of the folder",
        write=lambda p: p.write_bytes(
            zip_of({"../../../../tmp/aformity_escaped.csv": _TABLE, "/tmp/aformity_escaped.csv": _TABLE})
        ),
    ),
    Crafted(name="symlink.zip", harm="a member that is a symlink", write=_symlink),
    Crafted(name="encrypted.zip", harm="a member behind a password", write=_encrypted),
    Crafted(name="empty.zip", harm="no member", write=lambda p: p.write_bytes(zip_of({}))),
    Crafted(
        name="torn.zip",
        harm="half of a ZIP",
        write=lambda p: p.write_bytes(zip_of({"table.csv": _TABLE * 99})[:-30]),
    ),
    Crafted(
        name="name.zip",
        harm="member names that are no text",
        write=lambda p: p.write_bytes(zip_of({"\x00\x1b]0;\u202e.csv": _TABLE, "a" * 60_000: _TABLE})),
    ),
)
"""Compressed files and archives."""
