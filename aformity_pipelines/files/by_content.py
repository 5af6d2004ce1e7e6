"""Files that are never changed: named by the SHA-256 of what they hold, and on the disk before anything names them.

Keep out: what they hold, and any name of a folder.
"""

import hashlib
from pathlib import Path

from aformity_pipelines.files.atomic import sync, write_bytes


def keep_file(folder: Path, content: bytes, *, suffix: str = ".csv") -> str:
    """Put `content` into `folder`, flushed to the disk; return its SHA-256: its name, without the suffix.

    A file that is there already with this content is flushed and left; a damaged one is written anew.
    """
    name = hashlib.sha256(content).hexdigest()
    path = folder / f"{name}{suffix}"
    is_new_folder = not folder.is_dir()
    if path.is_file() and path.read_bytes() == content:
        sync(path)
        sync(folder)
    else:
        write_bytes(path, content)
    if is_new_folder:
        sync(folder.parent)
    return name
