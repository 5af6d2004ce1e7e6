"""Files that an upgrade replaces: what lay there when it was agreed to, and that nobody changed them since.

Only looking: writing them belongs to `stages/upgrading.py`.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.files.workspace import Workspace


def lies_at(path: Path) -> str:
    """Return the SHA-256 of a file; blank where there is none."""
    return sha256_of(path) if path.is_file() else ""


def refuse_others(
    workspace: Workspace, slug: str, files: Mapping[str, bytes], found: Mapping[str, str], *, do: str
) -> None:
    """Raise ConfigInvalid, saying what to `do`, where a file of a customer is neither what was `found` nor its new content.

    A file that is gone can be written: nothing is lost by it.
    """
    home = workspace.customer(slug)
    changed = [
        Problem(
            path=f"customers/{slug}/{name}",
            says="it was changed after the upgrade was agreed to, which would write over the change",
            do=do,
        )
        for name, content in sorted(files.items())
        if lies_at(home / name) not in {"", found[name], sha256(content).hexdigest()}
    ]
    if changed:
        raise ConfigInvalid(changed)
