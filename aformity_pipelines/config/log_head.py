"""The head file of a decision log: what of the log was committed, written after every append.

One canonical JSON line in `decisions.head` beside `decisions.jsonl`.  Bytes of the log past `size` were never
acknowledged: an append that died, or one that is under way.  Writing the file is `review`'s.
"""

from pathlib import Path

from pydantic import Field as Setting
from pydantic import ValidationError

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.coverage import Digest
from aformity_pipelines.domain.migration import NO_LOG

RECOVER = (
    "restore decisions.jsonl and decisions.head together from your version control or a backup;"
    " nothing is exported until then"
)


class LogCommit(Document):
    """How far a log was committed."""

    seq: int = Setting(ge=0)
    sha256: Digest
    """Hash of the last committed line; 64 zeros where there is none."""
    size: int = Setting(ge=0)
    """Bytes of the log, its last line end among them."""

    def line(self) -> bytes:
        """Return the content of the head file."""
        return f'{{"seq":{self.seq},"sha256":"{self.sha256}","size":{self.size}}}\n'.encode()


NOTHING_COMMITTED = LogCommit(seq=NO_LOG.seq, sha256=NO_LOG.sha256, size=0)


def head_path(log: Path) -> Path:
    """Return where the head file of a log lies."""
    return log.with_suffix(".head")


def read_head(log: Path) -> LogCommit | None:
    """Return what was committed of a log; None where no head file is there (an older log, or a copied one).

    ConfigInvalid where the file is not what an append wrote.
    """
    path = head_path(log)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        commit = LogCommit.model_validate_json(content)
    except ValidationError:
        commit = None
    if commit is None or commit.line() != content:
        raise ConfigInvalid([head_problem(log, "this is not the line that an append writes")])
    return commit


def head_problem(log: Path, says: str) -> Problem:
    """Return a problem of the head file itself."""
    return Problem(path="/".join(head_path(log).parts[-3:]), line=1, says=says, do=RECOVER)
