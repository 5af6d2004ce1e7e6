"""What the site shows, read from kept handoffs, the config and the log; no stage runs and nothing is worked out anew."""

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from aformity_pipelines.config.load import customers
from aformity_pipelines.domain.base import is_slug
from aformity_pipelines.domain.difference import Difference
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.domain.site import CustomerLine, Freshness, HandoffLine, RecordHead, Site, WaveLine
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.difference.published import difference_of_last_two
from aformity_pipelines.stages.freshness import freshness_of
from aformity_pipelines.stages.handoffs import (
    RECORD_FILE,
    REPORT_FILE,
    WORKBOOK_FILE,
    handoff_pointed_to,
    kept_handoffs,
)
from aformity_pipelines.stages.revalidation.history import last_revalidation
from aformity_pipelines.stages.site.config_seen import ConfigSeen, WaveSeen, config_seen, shared_files

FILES = (REPORT_FILE, RECORD_FILE, WORKBOOK_FILE)
"""What the site holds of a handoff: nothing that the CSM may not see."""
BROKEN = "the launch record in {folder} cannot be read; make the handoff again, or remove the folder"
UNREADABLE = "some of its files cannot be read ({what}); see to them, then build the site again"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A handoff as it lies there, and the beginning of its record."""

    folder: Path
    head: RecordHead


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A customer's handoffs by wave, the newest first, and those that cannot be read."""

    waves: dict[str, list[_Kept]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def collect_site(workspace: Workspace, as_of: date) -> Site:
    """Return the site on a day: every customer with a folder, by name, the archived last.

    A broken customer stops no other: its line says what is wrong.
    """
    shared = shared_files(workspace)
    lines = [_customer(workspace, slug, as_of, shared) for slug in customers(workspace.root)]
    lines.sort(key=lambda each: (each.is_archived, each.label.casefold(), each.slug))
    return Site(as_of=as_of, customers=tuple(lines))


def head_of(folder: Path) -> RecordHead:
    """Return what the site reads of a handoff's record.

    ValueError where it is damaged or another customer's or wave's; OSError where it cannot be read.
    """
    head = RecordHead.model_validate_json((folder / RECORD_FILE).read_bytes())
    if (head.customer, head.wave) != (folder.parents[2].name, folder.parent.name):
        raise ValueError(f"the record in {folder.name} is of {head.wave!r} of {head.customer!r}")
    return head


def current_freshness(workspace: Workspace, slug: str, folder: Path) -> Freshness:
    """Return what came since the current handoff of a wave, which lies in `folder`."""
    return freshness_of(workspace, head_of(folder), config_seen(workspace, slug))


def _customer(workspace: Workspace, slug: str, as_of: date, shared: str) -> CustomerLine:
    try:
        return _customer_line(workspace, slug, as_of, config_seen(workspace, slug, shared))
    except (OSError, ValueError) as fault:
        # Its handoffs can still be found, only not what came since.
        what = (fault.strerror if isinstance(fault, OSError) else None) or "damaged text"
        unreadable = ConfigSeen(files="", problems=(UNREADABLE.format(what=what),))
        return _customer_line(workspace, slug, as_of, unreadable)


def _customer_line(workspace: Workspace, slug: str, as_of: date, seen: ConfigSeen) -> CustomerLine:
    found = _handoffs(workspace, slug)
    heads = [kept.head for handoffs in found.waves.values() for kept in handoffs]
    declared = {wave.name for wave in seen.waves}
    waves = (*seen.waves, *(wave for wave in _waves_told(heads) if wave.name not in declared))
    return CustomerLine(
        slug=slug,
        label=seen.label or (heads[0].label if heads else slug),
        is_archived=seen.is_archived,
        problems=(*seen.problems, *found.problems),
        waves=tuple(
            _wave(workspace, slug, wave, found.waves.get(wave.name, []), seen, as_of) for wave in waves
        ),
    )


def _handoffs(workspace: Workspace, slug: str) -> _Found:
    found = _Found()
    home = workspace.of_customer(slug) / "handoff"
    for folder in sorted(home.iterdir()) if home.is_dir() else ():
        if not is_slug(folder.name):
            continue  # a file manager's, say: no wave is called so
        kept = []
        for each in kept_handoffs(workspace, slug, folder.name):
            try:
                kept.append(_Kept(folder=each, head=head_of(each)))
            except (OSError, ValueError):
                found.problems.append(BROKEN.format(folder=f"{folder.name}/{each.name}"))
        current = _current(workspace, slug, folder.name)
        kept.sort(key=lambda each: (each.folder == current, *_age(each)), reverse=True)
        found.waves[folder.name] = kept
    return found


def _current(workspace: Workspace, slug: str, wave: str) -> Path | None:
    try:
        return handoff_pointed_to(workspace, slug, wave)
    except (OSError, ValueError):
        return None  # then the latest is taken for it


def _age(kept: _Kept) -> tuple[date, int, str, str]:
    """Return what orders handoffs, the oldest first: no clock is kept but the date."""
    head = kept.head
    return head.as_of, head.log.seq, head.export.version if head.export else "", kept.folder.name


def _waves_told(heads: list[RecordHead]) -> tuple[WaveSeen, ...]:
    """Return the waves that the handoffs tell of: the config may be broken, or name them no more."""
    told = {
        head.wave: WaveSeen(name=head.wave, says=head.wave_says, launches_on=head.launches_on)
        for head in heads
    }
    return tuple(sorted(told.values(), key=lambda wave: (wave.launches_on, wave.name)))


def _wave(
    workspace: Workspace, slug: str, wave: WaveSeen, handoffs: list[_Kept], seen: ConfigSeen, as_of: date
) -> WaveLine:
    return WaveLine(
        name=wave.name,
        says=wave.says,
        launches_on=wave.launches_on,
        handoffs=tuple(
            _line(kept, Freshness(is_newer_there=True) if place else freshness_of(workspace, kept.head, seen))
            for place, kept in enumerate(handoffs)
        ),
        since=_since(handoffs),
        overdue=sum(due < as_of for due in handoffs[0].head.due_dates()) if handoffs else 0,
        loaded=seen.loaded.get(f"{wave.name}/{_version(handoffs)}"),
        tested=_tested(workspace, slug, wave.name),
        difference=_difference(workspace, slug, wave.name),
    )


def _version(handoffs: list[_Kept]) -> str:
    export = handoffs[0].head.export if handoffs else None
    return export.version if export else ""


def _tested(workspace: Workspace, slug: str, wave: str) -> Revalidation | None:
    try:
        return last_revalidation(workspace, slug, wave)
    except (OSError, ValueError):
        return None  # damaged: whoever tests next is told


def _difference(workspace: Workspace, slug: str, wave: str) -> Difference | None:
    try:
        return difference_of_last_two(workspace, slug, wave)
    except (OSError, ValueError):
        return None  # damaged: whoever exports next is told


def _since(handoffs: list[_Kept]) -> date | None:
    """Return the date of the earliest handoff since which the state has been the newest one's."""
    since = None
    for kept in handoffs:
        if kept.head.state != handoffs[0].head.state:
            break
        since = kept.head.as_of
    return since


def _line(kept: _Kept, freshness: Freshness) -> HandoffLine:
    head, dues = kept.head, kept.head.due_dates()
    return HandoffLine(
        wave=head.wave,
        name=kept.folder.name,
        as_of=head.as_of,
        log=head.log,
        version=head.export.version if head.export else "",
        state=head.state,
        headline=head.glance[0].says,
        accepted=len(head.accepted_risks),
        unresolved=len(dues),
        overdue=sum(due < head.as_of for due in dues),
        since=head.changes.since_version if head.changes else "",
        changes=head.changes.says if head.changes else (),
        freshness=freshness,
        files=tuple(name for name in FILES if _is_readable(kept.folder / name)),
    )


def _is_readable(path: Path) -> bool:
    """Whether a file can be copied: a link may lead to what is no handoff."""
    return path.is_file() and not path.is_symlink() and os.access(path, os.R_OK)
