"""Sound files to damage: small ones of our own, and what lies beside the repository where it is there."""

from pathlib import Path

from tests.fuzz import config
from tests.hostile.structures import sound

_SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_MOST_BYTES = 60_000
_ENDS = {
    "csv": (".csv", ".tsv", ".txt"),
    "xlsx": (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    "structured": (".json", ".jsonl", ".xml", ".parquet", ".gz", ".zip"),
}
_TEXTS = {
    "preamble.csv": b"Export of CRM\n\nid;name;day\n1;a;1.2.2024\n2;b;\n\nTotal;2;\n",
    "quoted.csv": b'id,name,text\n1,"a ""b""","c\nd"\n2,x,"y,z"\n3,,\n',
    "tables.csv": b"id,name\n1,a\n2,b\n\ncode,price\nx,1\ny,2\n",
    "pipe.txt": b"id|name|x\r\n1|'a|b'|2\r\n2|c|3\r\n",
    "single.csv": b"name\nanna\nberta\n",
    "mac.csv": "id,näme\r1,ä\r2,ö\r".encode("cp1252"),
    "widths.txt": b"id   name      day       \n1    anna      2024-01-01\n2    berta     2024-01-02\n",
}


def seeds_of(kind: str, project: Path) -> dict[str, bytes]:
    """Return the sound files of one kind by name; `yaml` is the configuration of `project`."""
    if kind == "yaml":
        return config.files_of(project)
    ours = sound() | _TEXTS
    theirs = {
        str(path.relative_to(_SHARED)): path.read_bytes()
        for path in sorted(_SHARED.glob("**/*"))
        if path.is_file() and path.suffix.lower() in _ENDS[kind] and path.stat().st_size <= _MOST_BYTES
    }
    return {name: content for name, content in (ours | theirs).items() if name.lower().endswith(_ENDS[kind])}
