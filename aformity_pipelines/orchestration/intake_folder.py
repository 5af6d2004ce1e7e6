"""What lies in a customer's intake folder right now; nothing is taken in here.  No Dagster."""

import stat
from pathlib import Path

from aformity_pipelines.files.fingerprint import fingerprint, sha256_of
from aformity_pipelines.intake.register import find_deliveries


def plain_files(intake: Path, patterns: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the plain files that match any pattern, by name; links, folders and devices are left alone."""
    if not intake.is_dir():
        return ()
    found = {path for pattern in patterns for path in find_deliveries(intake, pattern)}
    return tuple(sorted(path for path in found if stat.S_ISREG(path.lstat().st_mode)))


def content_of(intake: Path, patterns: tuple[str, ...]) -> str | None:
    """Return the fingerprint of the matching files' names and bytes; None where there is none."""
    files = plain_files(intake, patterns)
    return fingerprint(*(part for path in files for part in (path.name, sha256_of(path)))) if files else None
