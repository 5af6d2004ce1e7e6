"""Formats that intake does not read, told by their first bytes, so that a refusal can say what a file is.

Keep out: formats that are read.
"""

_SAVE_AS = "open it in the program that wrote it, save the table as .csv or .xlsx and send that"
_UNPACK = "unpack it and send the files in it, or a .zip of them"
_EXPORT = "export its tables as .csv and send those"
_ORIGINAL = "ask for the table as .csv or .xlsx from the system it comes from"

_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%PDF", "a PDF", _ORIGINAL),
    (0, b"\x89PNG", "an image (PNG)", _ORIGINAL),
    (0, b"\xff\xd8\xff", "an image (JPEG)", _ORIGINAL),
    (0, b"GIF8", "an image (GIF)", _ORIGINAL),
    (0, b"II*\x00", "an image (TIFF)", _ORIGINAL),
    (0, b"MM\x00*", "an image (TIFF)", _ORIGINAL),
    (8, b"WEBP", "an image (WebP)", _ORIGINAL),
    (4, b"ftyp", "a video or an image (HEIC)", _ORIGINAL),
    (0, b"BZh", "compressed (bzip2)", _UNPACK),
    (0, b"\xfd7zXZ\x00", "compressed (xz)", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "compressed (zstd)", _UNPACK),
    (0, b"\x04\x22\x4d\x18", "compressed (LZ4)", _UNPACK),
    (0, b"\x1f\x9d", "compressed (compress)", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "an archive (7z)", _UNPACK),
    (0, b"Rar!\x1a\x07", "an archive (RAR)", _UNPACK),
    (257, b"ustar", "an archive (tar)", _UNPACK),
    (0, b"PK\x07\x08", "one part of a split ZIP archive", _UNPACK),
    (0, b"SQLite format 3\x00", "an SQLite database", _EXPORT),
    (4, b"Standard Jet DB", "an Access database", _EXPORT),
    (4, b"Standard ACE DB", "an Access database", _EXPORT),
    (0, b"-- MySQL dump", "a database dump (SQL)", _EXPORT),
    (0, b"--\n-- PostgreSQL database dump", "a database dump (SQL)", _EXPORT),
    (0, b"PGDMP", "a database dump (PostgreSQL)", _EXPORT),
    (0, b"Obj\x01", "an Avro file", _EXPORT),
    (0, b"ORC", "an ORC file", _EXPORT),
    (0, b"ARROW1", "an Arrow file", _EXPORT),
    (0, b"FEA1", "a Feather file", _EXPORT),
    (0, b"\x89HDF", "an HDF5 file", _EXPORT),
    (0, b"PARE", "an encrypted Parquet file", "ask for it without encryption"),
    (0, b"$FL2", "an SPSS file", _SAVE_AS),
    (0, b"<stata_dta>", "a Stata file", _SAVE_AS),
    (0, b"MZ", "a program (.exe)", _ORIGINAL),
    (0, b"\x7fELF", "a program", _ORIGINAL),
    (0, b"\xcf\xfa\xed\xfe", "a program", _ORIGINAL),
    (0, b"#!/", "a program (a script)", _ORIGINAL),
    (0, b"{\\rtf", "a text document (RTF)", _SAVE_AS),
    (0, b"%!PS", "a print file (PostScript)", _ORIGINAL),
    (0, b"BEGIN:VCARD", "address cards (vCard)", _EXPORT),
    (0, b"BEGIN:VCALENDAR", "a calendar (iCalendar)", _EXPORT),
    (0, b"From ", "a mailbox (mbox)", "export the addresses or messages as .csv and send that"),
)
_WORDY = {b"MZ", b"ORC", b"From ", b"BZh", b"PARE", b"GIF8"}
"""Signatures that a table of text could begin with; they count only with what else such files have."""

PARTS: tuple[tuple[str, str, str], ...] = (
    ("word/", "a Word document", _SAVE_AS),
    ("ppt/", "a PowerPoint presentation", _SAVE_AS),
    ("visio/", "a Visio drawing", _SAVE_AS),
    ("Index/", "a document of Apple iWork (Numbers, Pages)", _SAVE_AS),
    ("META-INF/MANIFEST.MF", "a program (.jar)", _ORIGINAL),
    ("AndroidManifest.xml", "a program (.apk)", _ORIGINAL),
    ("META-INF/container.xml", "an e-book", _ORIGINAL),
)
"""Names in a ZIP archive that make it a document of another program."""
HEAD_BYTES = 512
"""How much of a file's start `foreign` looks at."""


def foreign(head: bytes) -> tuple[str, str] | None:
    """Return what a file that begins with `head` is and what to do about it, or None if intake may read it."""
    for at, magic, kind, answer in _SIGNATURES:
        if head[at : at + len(magic)] == magic and (magic not in _WORDY or _is_meant(magic, head)):
            return kind, answer
    return None


def _is_meant(magic: bytes, head: bytes) -> bool:
    if magic == b"From ":
        lines = head.split(b"\n")
        return len(lines) > 1 and b"@" in lines[0] + lines[1] and b": " in lines[1] and b"," not in lines[0]
    return any(byte < 9 or byte > 126 for byte in head[:64])
