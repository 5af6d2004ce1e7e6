"""The decision log may only grow: what an export or a handoff was made with must still be there, line for line.

The chain finds an edit in the middle, the head file one at the end; where both were cut or written anew together,
the end of the log that every manifest and launch record carries finds it.  Every version counts, not only today's.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.config.log_lines import RESTORE
from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.decisions import Entry, RowDecision
from aformity_pipelines.domain.migration import NO_LOG, LogHead
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.run import Run

RESTORE_FILE = "restore it from your version control or a backup; nothing is exported until then"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A published version, and the end that the log had when it was made."""

    name: str  # `export wave_1 v0001-1a2b3c4d`
    head: LogHead


def require_kept_log(run: Run) -> None:
    """Raise ConfigInvalid unless the log still holds every line that a published version was made with.

    The coverage files that its lines name belong to it.
    """
    witnesses, problems = witnesses_of(run.workspace, run.slug)
    problems += lost_lines(run.workspace.log(run.slug), run.migration.log, run.migration.head, witnesses)
    problems += coverage_problems(run.workspace.coverage(run.slug), run.migration.log)
    if problems:
        raise ConfigInvalid(problems)


def witnesses_of(workspace: Workspace, slug: str) -> tuple[tuple[Witness, ...], tuple[Problem, ...]]:
    """Return every published export and handoff of every wave, oldest log first, and those that cannot be read."""
    found, problems = [], []
    home = workspace.of_customer(slug)
    for what, pattern in (
        ("export", "published/*/v*/manifest.json"),
        ("handoff", "handoff/*/*/launch_record.json"),
    ):
        for path in sorted(home.glob(pattern)):
            name = f"{what} {path.parent.parent.name} {path.parent.name}"
            try:
                found.append(Witness(name=name, head=_head_in(path)))
            except (KeyError, TypeError, ValueError):
                problems.append(
                    Problem(
                        path=str(path.relative_to(workspace.storage)),
                        says="this does not say what decisions it was made with",
                        do="restore the published folder from a backup; nothing is exported until then",
                    )
                )
    return tuple(sorted(found, key=lambda each: (each.head.seq, each.name))), tuple(problems)


def lost_lines(
    log: Path, entries: Sequence[Entry], head: LogHead, witnesses: Iterable[Witness]
) -> tuple[Problem, ...]:
    """Return where a log that is whole in itself no longer holds what its witnesses were made with."""
    path, kept, found = "/".join(log.parts[-3:]), 0, []
    for each in witnesses:
        seq = each.head.seq
        if _hash_at(entries, head, seq) == each.head.sha256:
            kept = seq
            continue
        is_cut = seq > head.seq
        lost = (
            f"{_lines(head.seq + 1, seq)} gone" if is_cut else f"{_lines(kept + 1, seq)} not as written then"
        )
        says = f"{each.name} was made with {seq} decisions, and {lost}"
        found.append(Problem(path=path, line=head.seq + 1 if is_cut else seq, says=says, do=RESTORE))
    return tuple(found)


def coverage_problems(folder: Path, entries: Iterable[Entry]) -> tuple[Problem, ...]:
    """Return the coverage files that decisions name and that are missing or were changed."""
    return tuple(
        problem
        for entry in entries
        if isinstance(entry, RowDecision) and entry.covers.rows_in
        for problem in _file_problems(folder / f"{entry.covers.rows_in}.csv", entry)
    )


def _file_problems(path: Path, entry: Entry) -> Iterator[Problem]:
    shown = "/".join(path.parts[-4:])
    if not path.is_file():
        yield Problem(
            path=shown, says=f"this file is missing: it lists the rows of {entry.id}", do=RESTORE_FILE
        )
    elif sha256_of(path) != path.stem:
        says = f"this file was changed: it lists the rows of {entry.id} and does not have the SHA-256 that names it"
        yield Problem(path=shown, says=says, do=RESTORE_FILE)


def _head_in(path: Path) -> LogHead:
    """Return the log's end in a manifest or a launch record of whatever version."""
    content = json.loads(path.read_bytes())
    if "log" in content:
        return LogHead(seq=int(content["log"]["seq"]), sha256=str(content["log"]["sha256"]))
    return LogHead(seq=int(content["log_seq"]), sha256=str(content["log_sha256"]))


def _hash_at(entries: Sequence[Entry], head: LogHead, seq: int) -> str | None:
    """Return the hash of a line of the log; None where the log is shorter."""
    if seq == 0:
        return NO_LOG.sha256
    if seq > head.seq:
        return None
    return head.sha256 if seq == head.seq else entries[seq].prev


def _lines(first: int, last: int) -> str:
    return f"line {last} is" if first >= last else f"lines {first} to {last} are"
