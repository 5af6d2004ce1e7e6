"""Publication: a version is there whole or not at all, and the pointer moves last."""

import shutil
from pathlib import Path

from aformity_pipelines.export.manifest import Manifest, problems_of
from aformity_pipelines.files.atomic import point_to, publish_folder, write_bytes

POINTER = "current"
MANIFEST = "manifest.json"


def publish(staging: Path, published: Path, manifest: Manifest) -> Path:
    """Publish a staged folder as the next version of a wave; return the version's folder.

    A version that holds the same content already is pointed to again instead: equal inputs, equal versions.
    """
    content = manifest.content_id()[:8]
    write_bytes(staging / MANIFEST, manifest.text().encode())
    versions = sorted(path for path in published.glob("v*-*") if path.is_dir())
    same = [path for path in versions if path.name.endswith(content) and not problems_of(path)]
    if same:
        shutil.rmtree(staging)
        version = same[-1]
    else:
        # Not by how many there are: a number is never given twice, whatever was deleted by hand.
        last = max((int(path.name[1:].partition("-")[0]) for path in versions), default=0)
        version = published / f"v{last + 1:04d}-{content}"
        publish_folder(staging, version)
    point_to(published / POINTER, version.name)
    return version


def keep_back(staging: Path, folder: Path, manifest: Manifest) -> None:
    """Keep the ledger of an export that holds no entity; nothing is published and no pointer moves."""
    write_bytes(staging / MANIFEST, manifest.text().encode())
    shutil.rmtree(folder, ignore_errors=True)
    publish_folder(staging, folder)
