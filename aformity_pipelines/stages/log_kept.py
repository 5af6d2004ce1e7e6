"""The decision log may only grow: what an export was made with must still be there, line for line.

The chain finds an edit in the middle; a tail that was cut off is found by the head that every manifest carries.
"""

from collections.abc import Iterator

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.migration import NO_LOG
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.stages.earlier import current_version
from aformity_pipelines.stages.run import Run


def require_kept_log(run: Run) -> None:
    """Raise ConfigInvalid unless the log still holds every line that a published wave was made with."""
    if problems := tuple(_problems(run)):
        raise ConfigInvalid(problems)


def _problems(run: Run) -> Iterator[Problem]:
    for wave in run.migration.customer.waves:
        folder = current_version(run.workspace.published(run.slug, wave.name))
        if folder is None:
            continue
        manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
        if _hash_at(run, manifest.log_seq) != manifest.log_sha256:
            yield Problem(
                path=f"customers/{run.slug}/decisions.jsonl",
                line=min(manifest.log_seq, run.migration.head.seq),
                says=f"{wave.name} {folder.name} was exported with {manifest.log_seq} decisions, and line"
                f" {manifest.log_seq} is gone or another one now",
                do="restore the file as it was; nothing is exported until then",
            )


def _hash_at(run: Run, seq: int) -> str | None:
    """Return the hash of a line of the log; None where the log is shorter."""
    log, head = run.migration.log, run.migration.head
    if seq == 0:
        return NO_LOG.sha256
    if seq > head.seq:
        return None
    return head.sha256 if seq == head.seq else log[seq].prev
