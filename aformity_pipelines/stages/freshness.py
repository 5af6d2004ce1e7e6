"""Whether a handoff still says what is so: its log, deliveries and config held against those of today.

Only small files are looked at: no stage runs, and a file that has not been touched since it was registered is not
read again.  The site, the command and Dagster say it in the same words.
"""

import stat
from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.domain.site import Freshness, RecordHead
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.register import all_deliveries, copy_of, find_deliveries
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, REPORT
from aformity_pipelines.stages.outputs import RECORD
from aformity_pipelines.stages.run import digest_of
from aformity_pipelines.stages.site.config_seen import ConfigSeen

CONFIG = ("customer", "mappings", "destination")
"""What of the config goes into a handoff."""
CONFIG_CHANGED = "the configuration"
EXPORT_CHANGED = "the export"


def freshness_of(workspace: Workspace, head: RecordHead, seen: ConfigSeen) -> Freshness:
    """Return what came since the current handoff of a wave, whose record begins with `head`.

    With a config that cannot be read, all that can be said is that it has changed.
    """
    if seen.problems:
        return Freshness(changed=(CONFIG_CHANGED,))
    line = seen.log[head.log.seq - 1].sha256 if 0 < head.log.seq <= len(seen.log) else head.log.sha256
    is_replaced = head.log.seq > len(seen.log) or line != head.log.sha256
    return Freshness(
        decisions=() if is_replaced else tuple(each.id for each in seen.log[head.log.seq :]),
        is_log_replaced=is_replaced,
        deliveries=tuple(source for source in seen.sources if _has_come(workspace, head, seen, source)),
        changed=_changed(workspace, head, seen),
    )


def _has_come(workspace: Workspace, head: RecordHead, seen: ConfigSeen, source: str) -> bool:
    """Whether a source has a delivery that the handoff does not know: registered since, or not registered yet."""
    into, intake = workspace.deliveries(head.customer), workspace.intake(head.customer)
    registered = [each for each in all_deliveries(into) if each.source == source]
    told = {each.sha256 for each in (*head.deliveries, *head.waiting) if each.source == source}
    if "" in told:  # a file that waits and could not even be registered
        return False
    if registered and registered[-1].sha256 not in told:
        return True
    copies = {each.file_name: copy_of(each, into) for each in registered}
    known = {each.sha256 for each in registered}
    return any(
        not _is_untouched(path, copies.get(path.name)) and sha256_of(path) not in known
        for path in (find_deliveries(intake, seen.sources[source]) if intake.is_dir() else ())
        if stat.S_ISREG(path.lstat().st_mode)
    )


def _is_untouched(path: Path, copy: Path | None) -> bool:
    """Whether a file is as large as its registered copy and was not written after that was."""
    if copy is None or not copy.is_file():
        return False
    now, then = path.stat(), copy.stat()
    return now.st_size == then.st_size and now.st_mtime_ns <= then.st_mtime_ns


def _changed(workspace: Workspace, head: RecordHead, seen: ConfigSeen) -> tuple[str, ...]:
    """Return what else is not as it was; nothing where the build, which is a cache, was deleted."""
    record = _stored(workspace, head, (HANDOFF_REPORT, REPORT))
    if record is None:
        return ()
    package = _stored(workspace, head, (EXPORT, PACKAGE))
    found = []
    if any(record.inputs.get(name) != seen.inputs[name] for name in CONFIG):
        found.append(CONFIG_CHANGED)
    if package and digest_of(package.model_dump(mode="json")) != record.inputs.get("export"):
        found.append(EXPORT_CHANGED)
    return tuple(found)


def _stored(workspace: Workspace, head: RecordHead, step: tuple[str, str]) -> StageRecord | None:
    path = workspace.build(head.customer, *step, head.wave) / RECORD
    try:
        return StageRecord.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
