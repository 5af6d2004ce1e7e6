"""Encodings: decide how bytes become text, say how that was decided, and hand on UTF-8.

Strict throughout: a byte that does not fit stops the reading.  Keep out: delimiters, quotes and rows.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format

_BLOCK = 1 << 20
_UTF8_BOM = codecs.BOM_UTF8
_UTF16_MARK = 2
_WRONG_MARK = "the file begins with UTF-16's byte order mark, but what follows is UTF-32"
# UTF-32's mark begins with UTF-16's, so the longer one is tried first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (_UTF8_BOM, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Utf8Text:
    """A file of valid UTF-8 and how it came about."""

    path: Path
    start: int  # bytes to skip: a byte order mark is no text
    encoding: str
    because: str
    is_assumed: bool  # whether nothing in the file proves the encoding


def as_utf8(file: Path, hint: str | None, *, scratch: Path, name: str) -> Utf8Text:
    """Return `file` as UTF-8: itself if it is, else transcoded into the new file `scratch`.

    `name` is what messages call the file.  Raises NotUnderstood for an unknown codec, for bytes that do
    not fit it, and where the encoding is not clear.
    """
    encoding, because, is_assumed = _decide(file, hint, name)
    path = file
    skip = _UTF16_MARK if because is _WRONG_MARK else 0
    if encoding not in {"utf-8", "utf-8-sig"}:
        with scratch.open("wb") as written:
            for text in _decoded(file, encoding, name, skip=skip):
                written.write(text.encode())
        path = scratch
    elif hint is not None:
        for _ in _decoded(file, "utf-8", name):
            pass
    # These two codecs take the mark away themselves; a second one after it is text.
    is_mark_gone = encoding in {"utf-16", "utf-32"}
    with path.open("rb") as opened:
        has_mark = not is_mark_gone and opened.read(len(_UTF8_BOM)) == _UTF8_BOM
    start = len(_UTF8_BOM) if has_mark else 0
    return Utf8Text(path=path, start=start, encoding=encoding, because=because, is_assumed=is_assumed)


def _decide(file: Path, hint: str | None, name: str) -> tuple[str, str, bool]:
    with file.open("rb") as opened:
        head = opened.read(4096)
    if hint is not None:
        return _codec(hint, name), "as defs.yaml says", False
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not head.startswith(
        codecs.BOM_UTF32_LE
    ):
        for encoding in ("utf-32-le", "utf-32-be"):
            if _is_utf32(head[_UTF16_MARK:], encoding):
                return encoding, _WRONG_MARK, False
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            for _ in _decoded(file, encoding, name):
                pass
            return encoding, "the file begins with its byte order mark", False
    if head.count(0) * 5 > len(head):
        what = (
            f"{head.count(0)} of the first {len(head)} bytes are zero, as in UTF-16 without a byte order mark"
        )
        little = head[1::2].count(0) > head[::2].count(0)
        answer = put_format(encoding="utf-16-le" if little else "utf-16-be")
        raise NotUnderstood(name, (Question(kind=QuestionKind.ENCODING, what=what, answer=answer),))
    return _utf8_or_cp1252(file, name)


def _is_utf32(head: bytes, encoding: str) -> bool:
    """Whether the bytes are text in UTF-32; other text practically never has such units of four."""
    try:
        return len(codecs.getincrementaldecoder(encoding)("strict").decode(head)) > 0
    except UnicodeDecodeError:
        return False


def _codec(hint: str, name: str) -> str:
    try:
        codec = codecs.lookup(hint)
        codecs.getincrementaldecoder(hint)("strict").decode(b"", final=True)
    except (LookupError, TypeError, AttributeError) as unknown:
        question = Question(
            kind=QuestionKind.ENCODING, what=f"unknown encoding {hint!r}", answer=put_format(encoding="utf-8")
        )
        raise NotUnderstood(name, (question,)) from unknown
    if not getattr(codec, "_is_text_encoding", True):
        question = Question(
            kind=QuestionKind.ENCODING,
            what=f"{hint!r} is no text encoding",
            answer=put_format(encoding="utf-8"),
        )
        raise NotUnderstood(name, (question,))
    return codec.name


def _utf8_or_cp1252(file: Path, name: str) -> tuple[str, str, bool]:
    has_long_characters = False
    try:
        for text in _strictly(file, "utf-8"):
            has_long_characters = has_long_characters or not text.isascii()
    except _Misfit as misfit:
        if has_long_characters or not misfit.before.isascii():
            what = f"valid UTF-8 up to byte {misfit.offset}, then not ({misfit.shown}): damaged, or two encodings"
            answer = f"ask for the file again, or {put_format(encoding='cp1252')} if that is what it is"
            raise NotUnderstood(
                name, (Question(kind=QuestionKind.ENCODING, what=what, answer=answer),)
            ) from misfit
        for _ in _decoded(file, "cp1252", name):
            pass
        return (
            "cp1252",
            f"byte {misfit.offset} ({misfit.shown}) is not UTF-8, and every byte fits cp1252",
            True,
        )
    if has_long_characters:
        return "utf-8", "every byte fits UTF-8", False
    return "utf-8", "every byte is ASCII", False


def _decoded(file: Path, encoding: str, name: str, *, skip: int = 0) -> Iterator[str]:
    try:
        yield from _strictly(file, encoding, skip)
    except _Misfit as misfit:
        what = f"byte {misfit.offset} ({misfit.shown}) does not fit encoding {encoding}"
        answer = f"{put_format(encoding='...')} with the encoding of the system that wrote it"
        raise NotUnderstood(
            name, (Question(kind=QuestionKind.ENCODING, what=what, answer=answer),)
        ) from misfit


class _Misfit(Exception):
    """Bytes that an encoding does not know: offset in the file, the bytes, the text before in this block."""

    def __init__(self, offset: int, shown: str, before: bytes) -> None:
        super().__init__(offset, shown)
        self.offset = offset
        self.shown = shown
        self.before = before


def _strictly(file: Path, encoding: str, skip: int = 0) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    consumed = skip
    with file.open("rb") as opened:
        opened.seek(skip)
        while True:
            block = opened.read(_BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                yield decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                shown = " ".join(f"0x{byte:02X}" for byte in error.object[error.start : error.end][:4])
                offset = consumed - pending + error.start
                raise _Misfit(offset, shown, error.object[: error.start]) from error
            if not block:
                return
            consumed += len(block)
