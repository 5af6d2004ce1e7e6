"""Encodings: decide how bytes become text, say how that was decided, and hand on UTF-8.

UTF-8 with a few bytes that fit nothing stays as it is: the records that hold them are for the reader to set
apart.  Any other encoding must fit to the last byte.  Keep out: delimiters, quotes and rows.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format
from aformity_pipelines.intake.text.legacy import likeliest

_BLOCK = 1 << 20
_UTF8 = frozenset({"utf-8", "utf-8-sig"})
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
_UNDECODED = re.compile("[\udc80-\udcff]")
_FIRST_OF_LONG = 0xC0
_BEFORE_CONTROL = 0xC2
_NEXT_LINE = 0x85
_LINES_OF = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Utf8Text:
    """A file as UTF-8 and how it came about; single bytes may fit nothing only if it was UTF-8 from the start."""

    path: Path
    start: int  # bytes to skip: a byte order mark is no text
    encoding: str
    because: str
    is_assumed: bool  # whether nothing in the file proves the encoding
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    encoding: str
    because: str
    is_assumed: bool = False
    question: Question | None = None


@dataclass(slots=True, kw_only=True)
class _Survey:
    """What the bytes of a file are, read as UTF-8."""

    long_characters: int = 0
    misfits: int = 0
    controls: int = 0
    first_misfit: str = ""
    legacy_lines: bytes = b""  # the first lines with bytes above 127


def as_utf8(file: Path, hint: str | None, *, scratch: Path, name: str) -> Utf8Text:
    """Return `file` as UTF-8: itself if it is, else transcoded into the new file `scratch`.

    `name` is what messages call the file.  Where the encoding is not clear, it is the best guess and `questions`
    says so.  Raises NotUnderstood for an unknown codec, and for bytes that do not fit it.
    """
    decision = _decide(file, hint, name)
    encoding, path = decision.encoding, file
    if encoding not in _UTF8:
        skip = _UTF16_MARK if decision.because is _WRONG_MARK else 0
        with scratch.open("wb") as written:
            for text in _decoded(file, encoding, name, skip=skip):
                written.write(text.encode())
        path = scratch
    # These two codecs take the mark away themselves; a second one after it is text.
    is_mark_gone = encoding in {"utf-16", "utf-32"}
    with path.open("rb") as opened:
        has_mark = not is_mark_gone and opened.read(len(_UTF8_BOM)) == _UTF8_BOM
    return Utf8Text(
        path=path,
        start=len(_UTF8_BOM) if has_mark else 0,
        encoding=encoding,
        because=decision.because,
        is_assumed=decision.is_assumed,
        questions=(decision.question,) if decision.question is not None else (),
    )


def _decide(file: Path, hint: str | None, name: str) -> _Decision:
    if hint is not None:
        return _Decision(encoding=_codec(hint, name), because="as defs.yaml says")
    with file.open("rb") as opened:
        head = opened.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not head.startswith(
        codecs.BOM_UTF32_LE
    ):
        for encoding in ("utf-32-le", "utf-32-be"):
            if _is_utf32(head[_UTF16_MARK:], encoding):
                return _Decision(encoding=encoding, because=_WRONG_MARK)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return _Decision(encoding=encoding, because="the file begins with its byte order mark")
    return _without_mark(head) or _by_its_bytes(file, name)


def _without_mark(head: bytes) -> _Decision | None:
    """Return the Unicode encoding whose units of two or four bytes are nearly all ASCII with zeros around."""
    for encoding, size, sign in (
        ("utf-32-le", 4, 0),
        ("utf-32-be", 4, 3),
        ("utf-16-le", 2, 0),
        ("utf-16-be", 2, 1),
    ):
        units = len(head) // size
        signs = units - head[sign::size][:units].count(0)
        zeros = head[: units * size].count(0)
        if units and signs > 0.95 * units and zeros > 0.8 * units * (size - 1):
            because = (
                f"{zeros} of the first {len(head)} bytes are zero, as in {encoding} without a byte order mark"
            )
            return _Decision(encoding=encoding, because=because, is_assumed=True)
    return None


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


def _by_its_bytes(file: Path, name: str) -> _Decision:
    """Return UTF-8 if the bytes fit, a few misfits aside, else the likeliest legacy encoding."""
    seen = _survey(file)
    if not seen.misfits:
        question = _about_controls(seen.controls) if seen.controls else None
        because = "every byte fits UTF-8" if seen.long_characters else "every byte is ASCII"
        return _Decision(encoding="utf-8", because=because, question=question)
    if seen.long_characters > seen.misfits:
        because = f"{seen.long_characters} characters fit UTF-8 and {seen.misfits} bytes do not, first {seen.first_misfit}"
        return _Decision(encoding="utf-8", because=because)
    found = likeliest(seen.legacy_lines)
    if found is None:
        what = f"{seen.first_misfit} is not UTF-8, and no other encoding fits every byte"
        answer = f"{put_format(encoding='...')} with the encoding of the system that wrote it"
        raise NotUnderstood(name, (Question(kind=QuestionKind.ENCODING, what=what, answer=answer),))
    because = f"{seen.first_misfit} is not UTF-8, and {found.encoding} makes words of it: {found.example!r}"
    question = None
    if found.rival is not None or found.encoding != "cp1252" or seen.long_characters:
        other = f", {found.rival} makes {found.rival_example!r}" if found.rival else ""
        question = _ask(
            f"the encoding is not clear: {because}{other}",
            f"{put_format(encoding=found.encoding)}, or the encoding of the system that wrote it",
            found.encoding,
        )
    return _Decision(encoding=found.encoding, because=because, is_assumed=True, question=question)


def _about_controls(count: int) -> Question:
    what = f"{count} characters are controls from U+0080 on, as a wrong encoding leaves them instead of letters or quotes"
    answer = f"{put_format(encoding='utf-8')} to take them as they stand, or ask for the file again"
    return _ask(what, answer, "utf-8")


def _ask(what: str, answer: str, encoding: str) -> Question:
    proposal = FormatHints(encoding=encoding)
    return Question(kind=QuestionKind.ENCODING, what=what, answer=answer, proposal=proposal)


def _survey(file: Path) -> _Survey:
    seen, offset, carried = _Survey(), 0, b""
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            content = carried + block
            if content.isascii():
                carried = b""
                offset += len(content)
                continue
            used = len(content) - _half_character(content)
            _look_at(content[:used], offset, seen)
            carried, offset = content[used:], offset + used
    _look_at(carried, offset, seen)
    return seen


def _look_at(content: bytes, offset: int, seen: _Survey) -> None:
    bytes_ = np.frombuffer(content, dtype=np.uint8)
    seen.controls += _controls(bytes_)
    try:
        content.decode()
    except UnicodeDecodeError as misfit:
        text = content.decode(errors="surrogateescape")
        misfits = len(_UNDECODED.findall(text))
        seen.misfits += misfits
        seen.long_characters += sum(not character.isascii() for character in text) - misfits
        if not seen.first_misfit:
            shown = _in_hex(content[misfit.start : misfit.end])
            seen.first_misfit = f"byte {offset + misfit.start} ({shown})"
        if len(seen.legacy_lines) < _BLOCK:
            seen.legacy_lines += b"\n".join(_LINES_OF.findall(content))[:_BLOCK]
    else:
        seen.long_characters += int(np.count_nonzero(bytes_ >= _FIRST_OF_LONG))


def _controls(bytes_: npt.NDArray[np.uint8]) -> int:
    """Return how many characters from U+0080 to U+009F there are, the line end U+0085 apart."""
    following = bytes_[np.flatnonzero(bytes_[:-1] == _BEFORE_CONTROL) + 1]
    return int(np.count_nonzero((following >= 0x80) & (following <= 0x9F) & (following != _NEXT_LINE)))


def _half_character(content: bytes) -> int:
    """Return how many bytes at the end of `content` may begin a character that goes on in the next block."""
    for size in range(1, min(3, len(content)) + 1):
        if content[-size] >= 0xC0:
            return size
        if content[-size] < 0x80:
            return 0
    return 0


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
    """Bytes that an encoding does not know: offset in the file, and the bytes."""

    def __init__(self, offset: int, shown: str) -> None:
        super().__init__(offset, shown)
        self.offset = offset
        self.shown = shown


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
                shown = _in_hex(error.object[error.start : error.end])
                raise _Misfit(consumed - pending + error.start, shown) from error
            except UnicodeError as error:
                # UTF-16 and UTF-32 say so where the byte order mark is missing.
                raise _Misfit(consumed, _in_hex(block)) from error
            if not block:
                return
            consumed += len(block)


def _in_hex(content: bytes) -> str:
    """Return the first bytes of `content` as messages show them."""
    return " ".join(f"0x{byte:02X}" for byte in content[:4])
