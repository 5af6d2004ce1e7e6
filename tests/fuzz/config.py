"""Whether a damaged configuration file is read as promised: loaded, or every problem named.

Configuration is our own team's and read in the parent; a fork stands in for that parent here.
"""

import os
import resource
import shutil
import signal
import traceback
from pathlib import Path

from aformity_pipelines.config import destinations, load
from aformity_pipelines.config.problems import ConfigInvalid
from tests.fuzz.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 20
_BYTES = 4 << 30  # of a parent that holds much already
_LOADED, _REFUSED = 0, 1


def project_in(folder: Path) -> Path:
    """Copy what a person configures into `folder` and return that."""
    for part in ("customers", "expectations"):
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns("*.csv.gz", "*.xlsx", "story")
        )
    return folder


def files_of(project: Path) -> dict[str, bytes]:
    """Return every file of configuration, by its path in the project."""
    patterns = (
        "customers/*/defs.yaml",
        "customers/*/mapping/*.yaml",
        "customers/*/values/*.csv",
        "expectations/*/*.yaml",
    )
    found = sorted(path for pattern in patterns for path in project.glob(pattern))
    return {str(path.relative_to(project)): path.read_bytes() for path in found}


def outcome_of(content: bytes, name: str, project: Path) -> Outcome:
    """Load the project with this content in place of the file `name` and say what came of it."""
    path = project / name
    sound = path.read_bytes()
    path.write_bytes(content)
    said, say = os.pipe()
    try:
        pid = os.fork()
        if pid == 0:
            _load_and_leave(project, name, say)
        os.close(say)
        with os.fdopen(said, "rb") as opened:
            what = opened.read().decode(errors="backslashreplace")
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        path.write_bytes(sound)
    if code < 0:
        return Outcome(kind="parent", what=f"killed by signal {-code} (14: it took longer than {_SECONDS} s)")
    return {_LOADED: Outcome(kind="read"), _REFUSED: Outcome(kind="refused")}.get(
        code, Outcome(kind="parent", what=what[-3_000:])
    )


def _load_and_leave(project: Path, name: str, say: int) -> None:
    code = 2
    try:
        signal.alarm(_SECONDS)
        resource.setrlimit(resource.RLIMIT_DATA, (_BYTES, _BYTES))
        parts = Path(name).parts
        if parts[0] == "customers":
            problems = load.check(project, parts[1])
            load.load_migration(project, parts[1])
        else:
            problems = load.check(project)
            destinations.load_destination(project, parts[1])
        code = _REFUSED if problems else _LOADED
    except ConfigInvalid as invalid:
        code = _REFUSED if invalid.problems and str(invalid) else 2
    except BaseException:  # noqa: BLE001 - exactly what is looked for
        os.write(say, traceback.format_exc().encode(errors="backslashreplace")[-3_000:])
    finally:
        os._exit(code)
