"""What lies in a customer's intake folder right now; nothing is taken in here.  No Dagster."""

import stat
from pathlib import Path

from aformity_pipelines.files.fingerprint import fingerprint, sha256_of
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.register import all_deliveries, find_deliveries


def plain_files(intake: Path, patterns: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the plain files that match any pattern, by name; links, folders and devices are left alone."""
    if not intake.is_dir():
        return ()
    found = {path for pattern in patterns for path in find_deliveries(intake, pattern)}
    return tuple(sorted(path for path in found if stat.S_ISREG(path.lstat().st_mode)))


def content_of(workspace: Workspace, slug: str, source: str, pattern: str) -> str | None:
    """Return what tells one state of a source's deliveries from another; None where there is none.

    The SHA-256 of the delivery that counts, as long as no file waits to be registered: a file under a second name, or
    renamed, is no other state.
    """
    registered = [each for each in all_deliveries(workspace.deliveries(slug)) if each.source == source]
    known = {each.sha256 for each in registered}
    files = plain_files(workspace.intake(slug), (pattern,))
    counts = registered[-1].sha256 if registered else None
    waiting = [sha for sha in dict.fromkeys(sha256_of(path) for path in files) if sha not in known]
    return fingerprint(counts or "", *waiting) if waiting else counts
