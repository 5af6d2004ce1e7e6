"""XML told element by element, by a parser that is allowed nothing else.

Expat with every kind of entity and every internal declaration refused: no billion laughs, no quadratic
blow-up, no file or network address is ever followed.  Keep out: what elements mean.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from xml.parsers import expat

from aformity_pipelines.intake.refusal import DeliveryRefused, put_format

_BLOCK = 1 << 16
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']""")
_OWN = {"utf-8", "utf-16", "ascii", "iso8859-1"}
"""The encodings that expat reads itself."""


class XmlSink(Protocol):
    """What is told of every element in the order of the file."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Characters of the innermost element, in as many pieces as the parser likes."""

    def end(self, name: str) -> None:
        """The innermost element ends."""


class XmlSource:
    """Reads the XML text in `file`; `name` is what messages call it, `encoding` overrides the declared one."""

    def __init__(self, file: Path, *, name: str, encoding: str | None = None) -> None:
        self._file = file
        self._name = name
        with file.open("rb") as opened:
            head = opened.read(1024)
        self.encoding, self.because = _encoding(head, encoding, name)
        self._decoder: codecs.IncrementalDecoder | None = None

    def tell(self, sink: XmlSink) -> Iterator[None]:
        """Tell `sink` what the text holds, and yield after each block of it.  Raises DeliveryRefused."""
        parser = self._parser(sink)
        try:
            with self._file.open("rb") as opened:
                while block := opened.read(_BLOCK):
                    self._feed(parser, block, is_last=False)
                    yield
            self._feed(parser, b"", is_last=True)
            yield
        except expat.ExpatError as error:
            raise DeliveryRefused(
                f"{self._name}: line {error.lineno}, column {error.offset + 1}: is no well-formed XML"
                f" ({expat.ErrorString(error.code)}); ask for the file again, or for the table saved as .xlsx or .csv"
            ) from error
        except UnicodeDecodeError as error:
            raise DeliveryRefused(
                f"{self._name}: line {parser.CurrentLineNumber}: is not in the encoding {self.encoding!r}"
                f" that it declares ({error}); ask for the file again"
            ) from error

    def _feed(self, parser: expat.XMLParserType, block: bytes, *, is_last: bool) -> None:
        decoder = self._decoder
        parser.Parse(block if decoder is None else decoder.decode(block, final=is_last).encode(), is_last)

    def _parser(self, sink: XmlSink) -> expat.XMLParserType:
        is_own = self.encoding in _OWN
        self._decoder = None if is_own else codecs.getincrementaldecoder(self.encoding)("strict")
        # Told UTF-16, expat would not look at the mark; undeclared, it does.
        told = None if self.encoding == "utf-16" else self.encoding if is_own else "utf-8"
        parser = expat.ParserCreate(told)
        parser.buffer_text = True
        parser.StartElementHandler = sink.start
        parser.EndElementHandler = sink.end
        parser.CharacterDataHandler = sink.text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped
        parser.ExternalEntityRefHandler = self._external
        return parser

    def _doctype(self, name: str, system: str | None, public: str | None, has_internal: bool) -> None:
        if has_internal:
            raise self._declares("declarations of its own (<!DOCTYPE ... [...]>)")

    def _entity(self, name: str, *_: object) -> None:
        raise self._declares(f"the entity {name[:40]!r}")

    def _skipped(self, name: str, is_parameter: bool) -> None:
        raise self._declares(f"an entity that is not declared in it, {name[:40]!r}")

    def _external(self, context: str | None, *_: object) -> int:
        raise self._declares("an entity that lies in another file")

    def _declares(self, what: str) -> DeliveryRefused:
        return DeliveryRefused(
            f"{self._name}: holds {what}, which can hide other files or endless text; ask for a file without it"
        )


def _encoding(head: bytes, told: str | None, file_name: str) -> tuple[str, str]:
    if told is not None:
        return _codec(told, file_name), "as defs.yaml says"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "the file begins with its byte order mark"
    if head[:2].count(0) == 1:
        return ("utf-16-le" if head[1] == 0 else "utf-16-be"), "every other byte at its start is zero"
    declared = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    if declared and not head.startswith(codecs.BOM_UTF8):
        return _codec(declared[1].decode(), file_name), "as the file declares"
    return "utf-8", "XML that declares nothing else is UTF-8"


def _codec(name: str, file_name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as unknown:
        raise DeliveryRefused(
            f"{file_name}: says that its encoding is {name!r}, which does not exist;"
            f" {put_format(encoding='...')} with the encoding of the system that wrote it"
        ) from unknown
