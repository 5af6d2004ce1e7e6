"""The site's folder: pages, and copies of every kept handoff, put in place of the old one in one step.

Links between pages are relative, so that the folder can be moved, zipped and opened from a disk.
"""

import os
import shutil
from pathlib import Path

from aformity_pipelines.domain.site import HandoffLine, Site
from aformity_pipelines.files.exchange import rebuilt
from aformity_pipelines.files.workspace import Workspace

INDEX = "index.html"
DOCUMENT = "site.json"
"""The same for programs; it also tells a site of ours from any other folder."""


class NotASite(ValueError):
    """The folder that a site should be put in holds something else."""


def publish_site(workspace: Workspace, site: Site, out: Path) -> None:
    """Put the site into the folder `out`, in place of the one before.

    Same site, same bytes.  NotASite where `out` holds anything but a site of ours: nothing of it is touched.
    """
    from aformity_pipelines.handoff.site_render import (  # noqa: PLC0415 - a template engine, only for pages
        render_customer,
        render_index,
    )

    if out.is_symlink() or (out.exists() and not _is_ours(out)):
        raise NotASite(
            f"{out}: holds something that is no site of ours; name a new or an empty folder with --out"
        )
    with rebuilt(out) as folder:
        for customer in site.customers:
            for wave in customer.waves:
                for handoff in wave.handoffs:
                    _copy(workspace, customer.slug, handoff, folder, out)
            _write(folder / customer.slug / INDEX, render_customer(customer, site.as_of))
        _write(folder / DOCUMENT, site.model_dump_json(indent=1) + "\n")
        _write(folder / INDEX, render_index(site))


def _is_ours(out: Path) -> bool:
    return out.is_dir() and ((out / DOCUMENT).is_file() or not any(out.iterdir()))


def _copy(workspace: Workspace, slug: str, handoff: HandoffLine, folder: Path, old: Path) -> None:
    """Copy a handoff; where the old site has it already, the two share one file, for handoffs never change."""
    place = Path(slug, handoff.wave, handoff.name)
    (folder / place).mkdir(parents=True)
    for name in handoff.files:
        source = workspace.handoff(slug, handoff.wave) / handoff.name / name
        copied, target = old / place / name, folder / place / name
        if _is_copy(copied, source):
            os.link(copied, target)
        else:
            shutil.copy2(source, target)


def _is_copy(copied: Path, source: Path) -> bool:
    if not copied.is_file() or copied.is_symlink():
        return False
    one, other = copied.stat(), source.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
