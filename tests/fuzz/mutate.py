"""Damage: one to a few changes of bytes, and for archives of the parts within."""

import io
import zipfile
import zlib
from random import Random

from tests.hostile.archives import zip_of

_TEXTS = (
    b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\n\n", b"\x00", b"\x1a", b"\\", b"#",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xe2\x80\xae", b"\xed\xa0\x80", b"=1+1", b"1e999", b"99999999999999999999",
    b"-1", b"0", b"Total", b"id,name\n", b" ", b"\x85", b"\xe2\x80\xa8",
)  # fmt: skip
_MARKUP = (
    b"<", b">", b"</", b"&", b"&amp;", b"&#0;", b"&#xD800;", b"]]>", b"<!--", b"<![CDATA[", b"<c/>", b"<row>", b"</row>",
    b'r="XFD1048576"', b'r="A1"', b'r="0"', b't="s"', b't="b"', b't="e"', b"<v>-1</v>", b"<v>4294967296</v>", b"<v>1e308</v>",
    b'count="4294967295"', b'ref="A1:XFD1048576"', b'date1904="1"', b's="999"', b"<f>1/0</f>", b'hidden="1"',
    b'number-rows-repeated="999999999"', b'xml:space="preserve"', b'encoding="UTF-16"', b"_x0000_",
)  # fmt: skip
_CONFIG = (
    b"&a ", b"*a", b"<<: *a", b"!!python/name:os.system ", b"!!binary x", b"? ", b"- ", b": ", b"{", b"}", b"[", b"]",
    b"|\n", b">-\n", b"---\n", b"...\n", b"%YAML 9.9\n", b"~", b"null", b"NO", b"1_000", b"012", b"12:30:45", b".inf", b"2024-02-30",
    b"\t", b"\x07", b"'", b'"', b"\n  ", b"\n", b"#", b"SELECT 1; DROP TABLE x", b"read_csv('/etc/passwd')", b"(" * 3_000,
    b"[" * 3_000, b"{a: " * 1_000, b"\xff", b"\xe2\x80\xae", b"../../etc/passwd", b"9" * 5_000, b"a" * 100_000,
)  # fmt: skip
WORDS = {"csv": _TEXTS, "xlsx": (*_MARKUP, *_TEXTS), "structured": (*_MARKUP, *_TEXTS), "yaml": _CONFIG}
"""What is put into files of each kind."""


def mutated(content: bytes, other: bytes, chance: Random, words: tuple[bytes, ...]) -> bytes:
    """Return `content` with one to eight changes; some take a piece of `other`, a second sound file."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        _change(changed, other, chance, words)
    return bytes(changed)


def mutated_archive(content: bytes, chance: Random, words: tuple[bytes, ...]) -> bytes:
    """Return the ZIP file with one part changed, left out or put twice; one in five times its own bytes."""
    parts = _parts(content)
    if not parts or chance.random() < 0.2:
        return mutated(content, content, chance, words)
    name = chance.choice(sorted(parts))
    fate = chance.random()
    if fate < 0.05:
        del parts[name]
    elif fate < 0.1:
        parts[chance.choice(sorted(parts))] = parts[name]
    else:
        parts[name] = mutated(parts[name], parts[chance.choice(sorted(parts))], chance, words)
    return zip_of(parts)


def _parts(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return {}


def _change(content: bytearray, other: bytes, chance: Random, words: tuple[bytes, ...]) -> None:
    at = chance.randrange(len(content) + 1)
    until = min(len(content), at + chance.choice((1, 2, 8, 64, 512)))
    match chance.randrange(8):
        case 0 if at < len(content):
            content[at] ^= 1 << chance.randrange(8)
        case 1:
            del content[at:until]
        case 2:
            content[at:at] = content[at:until] * chance.choice((1, 2, 50))
        case 3 if other:
            start = chance.randrange(len(other))
            content[at:until] = other[start : start + chance.choice((1, 16, 256))]
        case 4 if chance.random() < 0.2:
            del content[at:]
        case 5:
            content[at:until] = chance.choice(words)
        case _:
            content[at:at] = chance.choice(words)
