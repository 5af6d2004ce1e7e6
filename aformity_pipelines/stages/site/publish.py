"""The site's folder: pages, and copies of every kept handoff, put in place of the old one in one step.

Links between pages are relative, so that the folder can be moved, zipped and opened from a disk.
"""

import os
import shutil
from pathlib import Path

from aformity_pipelines.domain.site import HandoffLine, Site, SiteHead
from aformity_pipelines.files.atomic import NO_LINKS
from aformity_pipelines.files.exchange import rebuilt
from aformity_pipelines.files.workspace import Workspace

INDEX = "index.html"
DIFFERENCE = "difference.html"
"""In a wave's folder: what differs between its last export and the one before."""
DOCUMENT = "site.json"
"""The same for programs; it also tells what a site of ours holds, so that nothing else is ever replaced."""
LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers leave in every folder that somebody looks into."""


class NotASite(ValueError):
    """The folder that a site should be put in holds something else."""


def publish_site(workspace: Workspace, site: Site, out: Path) -> None:
    """Put the site into the folder `out`, in place of the one before.

    Same site, same bytes.  NotASite where `out` holds anything but a site of ours: nothing of it is touched.
    """
    from aformity_pipelines.handoff.site_render import (  # noqa: PLC0415 - a template engine, only for pages
        render_customer,
        render_difference,
        render_index,
    )

    _refuse_foreign(out)
    with rebuilt(out) as folder:
        for customer in site.customers:
            for wave in customer.waves:
                for handoff in wave.handoffs:
                    _copy(workspace, customer.slug, handoff, folder, out)
                if wave.difference:
                    page = render_difference(customer, wave.difference, site.as_of)
                    _write(folder / customer.slug / wave.name / DIFFERENCE, page)
            _write(folder / customer.slug / INDEX, render_customer(customer, site.as_of))
        _write(folder / DOCUMENT, site.model_dump_json(indent=1) + "\n")
        _write(folder / INDEX, render_index(site))


def _refuse_foreign(out: Path) -> None:
    """Raise NotASite where the folder `out` is a link, or holds anything that the last site did not."""
    advice = "name a new or an empty folder with --out"
    if out.is_symlink() or out.name in {"", ".."} or (out.exists() and not out.is_dir()):
        raise NotASite(f"{out}: is no folder that can be replaced; {advice}")
    held = {each.name for each in out.iterdir()} if out.is_dir() else set()
    foreign = sorted(held - _own_names(out) - LEFT_BY_SYSTEMS)
    if foreign:
        named = ", ".join(map(repr, foreign[:3])) + (", …" if len(foreign) > 3 else "")
        raise NotASite(f"{out}: holds something that is no site of ours ({named}); {advice}")


def _own_names(out: Path) -> frozenset[str]:
    """Return what the site in a folder holds, by its own document; nothing where there is no such document."""
    try:
        built = SiteHead.model_validate_json((out / DOCUMENT).read_bytes())
    except (OSError, ValueError):
        return frozenset()
    return frozenset({INDEX, DOCUMENT, *(each.slug for each in built.customers)})


def _copy(workspace: Workspace, slug: str, handoff: HandoffLine, folder: Path, old: Path) -> None:
    """Copy a handoff; where the old site has it already, the two share one file, for handoffs never change."""
    place = Path(slug, handoff.wave, handoff.name)
    (folder / place).mkdir(parents=True)
    for name in handoff.files:
        source = workspace.handoff(slug, handoff.wave) / handoff.name / name
        copied, target = old / place / name, folder / place / name
        if _is_copy(copied, source):
            _share(copied, target)
        else:
            shutil.copy2(source, target)


def _share(copied: Path, target: Path) -> None:
    """Give a file a second name; where the file system knows no such thing, copy it."""
    try:
        os.link(copied, target)
    except OSError as refused:
        if refused.errno not in NO_LINKS:
            raise
        shutil.copy2(copied, target)


def _is_copy(copied: Path, source: Path) -> bool:
    if not copied.is_file() or copied.is_symlink():
        return False
    one, other = copied.stat(), source.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
