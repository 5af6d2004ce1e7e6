"""What a file is: its bytes decide, and its name only serves to refuse what it promises and does not hold.

Keep out: reading.
"""

import codecs
import re
import zipfile
from pathlib import Path, PurePosixPath

from aformity_pipelines.intake.refusal import DeliveryRefused, NoTable
from aformity_pipelines.intake.signatures import HEAD_BYTES, PARTS, foreign

_HEAD = 1 << 16
_TAIL = 64
_OLD_WORKBOOK = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\x09\x08\x10\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x04\x06\x00",
)
"""Excel up to 2003 and whatever is protected by a password; and older Excel without that container."""
_WORKBOOK_PARTS = ("xl/workbook.xml", "xl/workbook.bin")
_WORKBOOK_TYPES = (b"opendocument.spreadsheet", b"opendocument.tables")
_NEVER_TEXT = frozenset({".parquet", ".xlsb", ".ods"})
_OFTEN_TEXT = frozenset({".xls", ".xlsx", ".xlsm"})
"""Many programs give a text or a web page such a name, so that a spreadsheet opens it."""
_CONTROLS = re.compile("[\x01-\x08\x0e-\x19]")
_STRING = r'"(?:[^"\\]|\\.)*"'
_JSON = re.compile(
    rf"\{{\s*(?:\}}\s*(?:$|[\[{{,])|{_STRING}\s*:)"  # an object
    rf"|\[\s*(?:\]\s*$|\[|\{{\s*(?:\}}|{_STRING}\s*:)|(?:{_STRING}|-?\d[\d.eE+-]*|true|false|null)\s*(?:,[\s\S]*)?\]\s*$)"
)
_HTML = re.compile(
    r"(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|tbody|meta|style|center)\b", re.I
)
_XHTML = re.compile(r"<\?xml[^>]*\?>\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I)
_XML = re.compile(
    r"<\?xml\b|<!--|<!doctype\b|<[A-Za-z_][\w:.-]*(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>", re.I
)
_SHEET_XML = "urn:schemas-microsoft-com:office:spreadsheet"
_SAVE_AS = "open it in the program that wrote it, save it as .xlsx or .csv and send that"
_AGAIN = "ask for the file again"


def format_of(file: Path, name: str) -> str:
    """Return `text` (delimited or of fixed width), `workbook`, `json`, `xml`, `html`, `parquet`, `zip` or `gzip`.

    Raises NoTable naming what else it is, DeliveryRefused for a damaged container.
    """
    with file.open("rb") as opened:
        head = opened.read(_HEAD)
        opened.seek(-min(_TAIL, opened.seek(0, 2)), 2)
        tail = opened.read(_TAIL)
    if not head:
        raise NoTable(name, "is empty: 0 bytes", _AGAIN)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _format_of_zip(file, name)
    if head.startswith(_OLD_WORKBOOK):
        return "workbook"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"PAR1"):
        return "parquet"
    if (found := foreign(head[:HEAD_BYTES])) is not None:
        kind, answer = found
        raise NoTable(name, f"is {kind}", answer)
    return _format_of_text(_start_as_text(head), tail, name)


def _format_of_text(start: str, tail: bytes, name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if _JSON.match(start):
        return "json"
    if _HTML.match(start) or _XHTML.match(start):
        return "html"
    if start.startswith("<") and (start.startswith("<?xml") or suffix == ".xml" or _is_xml(start, tail)):
        if _SHEET_XML in start:
            raise NoTable(name, "is a workbook in the XML of Excel 2003", _SAVE_AS)
        return "xml"
    if suffix in {".json", ".jsonl", ".ndjson", ".geojson"} and start:
        raise NoTable(
            name, f"is named {suffix} but is no JSON: neither an object nor a list begins it", _AGAIN
        )
    if suffix in _NEVER_TEXT or (suffix in _OFTEN_TEXT and not _is_of_lines(start)):
        raise NoTable(name, f"is named {suffix} but is none: cut off, damaged or of another kind", _AGAIN)
    return "text"


def _is_of_lines(start: str) -> bool:
    """Whether a text may be a table: more lines than one, and no bytes as in a damaged workbook."""
    return len(start.splitlines()) > 1 and not ("\0" in start and _CONTROLS.search(start))


def _is_xml(start: str, tail: bytes) -> bool:
    # A table of text may well begin with `<none>`, but does not end with a bracket too.
    return _XML.match(start) is not None and tail.replace(b"\x00", b"").rstrip().endswith(b">")


def _start_as_text(head: bytes) -> str:
    """Return the start of a text as far as its marks and zero bytes tell its encoding, without leading blanks."""
    marks = (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
    )
    mark, encoding = next((one for one in marks if head.startswith(one[0])), (b"", "utf-8"))
    if not mark and head[1:2] == b"\x00" and head[:1] in b"<{[":
        encoding = "utf-32-le" if head[2:4] == b"\x00\x00" else "utf-16-le"
    elif not mark and head[:1] == b"\x00":
        encoding = "utf-32-be" if head[:3] == b"\x00\x00\x00" else "utf-16-be"
    return head[len(mark) :].decode(encoding, errors="replace").lstrip("\ufeff \t\r\n")


def _format_of_zip(file: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            declared = archive.read("mimetype")[:100] if _is_small(archive, "mimetype") else b""
    except (zipfile.BadZipFile, NotImplementedError, ValueError, RuntimeError, OSError) as damage:
        raise DeliveryRefused(f"{name}: a damaged workbook or archive ({damage}); {_AGAIN}") from damage
    parts = {part.lower() for part in names}
    if any(part in parts for part in _WORKBOOK_PARTS) or any(kind in declared for kind in _WORKBOOK_TYPES):
        return "workbook"
    if "[content_types].xml" in parts and any(part.startswith("xl/") for part in parts):
        return "workbook"
    if declared.startswith(b"application/"):
        raise NoTable(name, f"is a document ({declared.decode(errors='replace')})", _SAVE_AS)
    for prefix, kind, answer in PARTS:
        if any(part.startswith(prefix.lower()) for part in parts) and not _holds_tables(parts):
            raise NoTable(name, f"is {kind}", answer)
    return "zip"


def _is_small(archive: zipfile.ZipFile, member: str) -> bool:
    return member in archive.namelist() and archive.getinfo(member).compress_size < _HEAD


def _holds_tables(parts: set[str]) -> bool:
    return any(part.endswith((".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".parquet")) for part in parts)
