"""The strict tokenizer: one record at a time, exactly as a grammar says.

It decides wherever readers could differ: what is a record, where a broken one ends, what the cells are.
Keep out: blocks, rows and files.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from aformity_pipelines.intake.text.plan import Grammar, LineEnd

MAX_RECORD_BYTES = 2_000_000
"""The longest record that is read; DuckDB's own limit of a line is a little higher."""

_LINE = re.compile(rb"[^\r\n]*+")
_ANY_END = re.compile(rb"\r\n|\n|\r")
_OWN_END = {
    LineEnd.LF: re.compile(rb"\n"),
    LineEnd.CRLF: re.compile(rb"\r\n"),
    LineEnd.CR: re.compile(rb"\r(?!\n)"),
    LineEnd.MIXED: _ANY_END,
}


class Breach(StrEnum):
    """How a record breaks the grammar."""

    QUOTE = "a quote inside an unquoted field, or text after a closing quote"
    UNCLOSED = "a quote that is never closed, or not within its record"
    LINE_END = "a line end of another kind than the file's"
    LENGTH = f"more than {MAX_RECORD_BYTES:,} bytes"
    BYTES = "bytes that are no UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One record in a block: where it ends, where the next one begins, how many fields it has.

    `width` is 0 for a comment line, and for a broken record, whose `breach` says what is wrong.
    """

    end: int
    following: int
    width: int
    breach: Breach | None = None


class Tokenizer:
    """Takes texts apart by one grammar.  A block always begins where a record does."""

    def __init__(self, grammar: Grammar) -> None:
        if grammar.escape == grammar.quote:
            grammar = replace(grammar, escape=b"")
        self._grammar = grammar
        self._own_end = _OWN_END[grammar.line_end]
        quoted, field = _field_patterns(grammar)
        self._quoted = re.compile(quoted, re.DOTALL)
        tail = b"(?:%b%b)*+" % (re.escape(grammar.delimiter), field) if grammar.delimiter else b""
        self._field = re.compile(field, re.DOTALL)
        self._record = re.compile(field + tail, re.DOTALL)
        signs = _class(grammar.quote + grammar.escape)
        self._escaped = (
            re.compile(b"%b([%b])" % (re.escape(grammar.escape), signs)) if grammar.escape else None
        )

    @property
    def delimiter(self) -> bytes:
        """What stands between two fields."""
        return self._grammar.delimiter

    @property
    def quote(self) -> bytes:
        """What stands around a cell."""
        return self._grammar.quote

    @property
    def escape(self) -> bytes:
        """What stands before a quote inside quotes; b"" if the quote is doubled."""
        return self._grammar.escape

    def token(self, block: bytes, at: int, *, is_last: bool, width: int | None = None) -> Token | None:
        """Return the record that begins at `at`, or None if more bytes are needed to tell.

        A quoted cell may go over several lines if its quote closes well and the record then has `width`
        fields (any, if None).  A broken record ends before the next line that can be a record of its own.
        """
        grammar = self._grammar
        if grammar.comment and block.startswith(grammar.comment, at):
            return self._comment(block, at, is_last=is_last)
        stop = self._stop(block, at)
        own_end = self._own_end.match(block, stop)
        is_end_of_file = is_last and stop == len(block)
        if not is_end_of_file and (own_end is None or (not is_last and _is_half_line_end(block, stop))):
            return self._irregular(_Fault(block=block, at=at, stop=stop, is_last=is_last, width=width))
        if stop - at > MAX_RECORD_BYTES:
            fault = _Fault(block=block, at=at, stop=stop, is_last=is_last, width=None)
            return self._broken(fault, Breach.LENGTH)
        fields = self.width(block[at:stop])
        if width is not None and fields != width and _end_of_line(block, at) < stop:
            return self._ragged(_Fault(block=block, at=at, stop=stop, is_last=is_last, width=width), fields)
        return Token(end=stop, following=own_end.end() if own_end else stop, width=fields)

    def cells(self, record: bytes) -> tuple[bytes, ...]:
        """Return the cells of a sound record, quotes and escapes resolved."""
        delimiter, quote = self._grammar.delimiter, self._grammar.quote
        if not delimiter:
            return (self._cell(record),)
        if not quote or quote not in record:
            return tuple(record.split(delimiter))
        found, at = [], 0
        while True:
            match = self._field.match(record, at)
            end = match.end() if match else at
            found.append(self._cell(record[at:end]))
            if end >= len(record):
                return tuple(found)
            at = end + len(delimiter)

    def width(self, record: bytes) -> int:
        """Return how many fields a sound record has."""
        if not self._grammar.delimiter:
            return 1
        if self._grammar.quote and self._grammar.quote in record:
            record = self._quoted.sub(b"", record)
        return record.count(self._grammar.delimiter) + 1

    def _cell(self, field: bytes) -> bytes:
        quote = self._grammar.quote
        if not quote or not field.startswith(quote):
            return field
        if self._escaped is not None:
            return self._escaped.sub(rb"\1", field[1:-1])
        return field[1:-1].replace(quote + quote, quote)

    def _comment(self, block: bytes, at: int, *, is_last: bool) -> Token | None:
        end = _end_of_line(block, at)
        line_end = _ANY_END.match(block, end)
        is_cut = line_end is None or _is_half_line_end(block, end)
        if is_cut and not is_last and len(block) - at <= MAX_RECORD_BYTES:
            return None
        return Token(end=end, following=line_end.end() if line_end else end, width=0)

    def _stop(self, block: bytes, at: int) -> int:
        """Return where what begins at `at` stops being a record."""
        match = self._record.match(block, at)
        return match.end() if match else at

    def _irregular(self, fault: "_Fault") -> Token | None:
        """Return the record that does not end where it stops being one, or None if more bytes are needed."""
        block, stop = fault.block, fault.stop
        is_open = self._is_open(block, fault.at, stop)
        is_half_delimiter = len(block) - stop < max(1, len(self._grammar.delimiter))
        is_cut = is_open or is_half_delimiter or _is_half_line_end(block, stop)
        if is_cut and fault.may_grow():
            return None
        if stop == len(block):
            return self._broken(replace(fault, width=None), Breach.LENGTH)
        if is_open:
            return self._broken(fault, Breach.UNCLOSED)
        is_line_end = block[stop : stop + 1] in {b"\r", b"\n"}
        return self._broken(fault, Breach.LINE_END if is_line_end else Breach.QUOTE)

    def _is_open(self, block: bytes, at: int, stop: int) -> bool:
        """Whether a field begins at `stop` with a quote that does not close."""
        quote, delimiter = self._grammar.quote, self._grammar.delimiter
        is_start = stop == at or (bool(delimiter) and block.endswith(delimiter, at, stop))
        return bool(quote) and is_start and block.startswith(quote, stop)

    def _ragged(self, fault: "_Fault", fields: int) -> Token | None:
        """Return a record of several lines that has another width: whole, unless it swallowed another."""
        token = self._broken(fault, Breach.UNCLOSED, closes=True)
        return token if token is None or token.end < fault.stop else replace(token, width=fields, breach=None)

    def _broken(self, fault: "_Fault", breach: Breach, *, closes: bool = False) -> Token | None:
        """Return the broken record: its first line, and those after it that belong to it but begin no record.

        A line begins one if a sound record of the right width does, or, unless quotes close, if it has as many
        delimiters.  None if more bytes are needed.
        """
        block, width = fault.block, fault.width
        end = _end_of_line(block, fault.at)
        delimiters = self._delimiters(block[fault.at : end])
        while width is not None and (end < fault.stop or self._is_foreign(block, end, breach)):
            start = _after_line_end(block, end)
            next_end, stop = _end_of_line(block, start), self._stop(block, start)
            is_cut = max(next_end, stop) >= len(block) - 1 or self._is_open(block, start, stop)
            if is_cut and fault.may_grow():
                return None
            more = self._delimiters(block[start:next_end])
            is_full = more >= width - 1 and delimiters + more >= width
            if self._is_record(block, start, stop, width) or (is_full and not closes):
                break
            delimiters, end = delimiters + more, next_end
        if end >= len(block) - 1 and fault.may_grow():
            return None
        return Token(end=end, following=_after_line_end(block, end), width=0, breach=breach)

    def _is_foreign(self, block: bytes, end: int, breach: Breach) -> bool:
        """Whether a line with such a breach ends with a line end that is not the file's."""
        is_line_end = _ANY_END.match(block, end) is not None
        return breach is Breach.LINE_END and is_line_end and self._own_end.match(block, end) is None

    def _delimiters(self, line: bytes) -> int:
        return line.count(self._grammar.delimiter) if self._grammar.delimiter else 0

    def _is_record(self, block: bytes, start: int, stop: int, width: int) -> bool:
        """Whether a sound record of `width` fields, not an empty line, goes from `start` to `stop`."""
        is_whole = stop == len(block) or _ANY_END.match(block, stop) is not None
        return is_whole and stop > start and self.width(block[start:stop]) == width


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """A record that begins at `at` and is none from `stop` on, or not of the right width."""

    block: bytes
    at: int
    stop: int
    is_last: bool
    width: int | None

    def may_grow(self) -> bool:
        """Whether there may be more bytes to read, and the record may be longer than what is here."""
        return not self.is_last and len(self.block) - self.at <= MAX_RECORD_BYTES


def _is_half_line_end(block: bytes, at: int) -> bool:
    """Whether a block ends with a CR at `at`, which an LF may follow."""
    return at == len(block) - 1 and block.endswith(b"\r")


def _after_line_end(block: bytes, end: int) -> int:
    match = _ANY_END.match(block, end)
    return match.end() if match else end


def _end_of_line(block: bytes, at: int) -> int:
    match = _LINE.match(block, at)
    return match.end() if match else at


def _field_patterns(grammar: Grammar) -> tuple[bytes, bytes]:
    """Return the patterns of a quoted field and of any field; they never go back over what they matched."""
    quote, delimiter = grammar.quote, grammar.delimiter
    outside = _class(quote + delimiter[:1] + b"\r\n")
    bare = b"[^%b]*+" % outside
    if len(delimiter) > 1:
        bare = b"(?:[^%b]++|(?!%b)%b)*+" % (outside, re.escape(delimiter), re.escape(delimiter[:1]))
    if not quote:
        return b"", bare
    mark, escape = re.escape(quote), re.escape(grammar.escape or quote)
    after = b"." if grammar.escape else mark
    quoted = b"%b(?:[^%b]++|%b%b)*+%b" % (mark, _class(quote + grammar.escape), escape, after, mark)
    return quoted, b"(?:%b|%b)" % (quoted, bare)


def _class(signs: bytes) -> bytes:
    """Return bytes as the inside of a pattern's character class."""
    return b"".join(b"\\x%02x" % sign for sign in signs)
