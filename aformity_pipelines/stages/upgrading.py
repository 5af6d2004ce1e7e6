"""Upgrading: moving one customer to another version of its destination, what-if first, then all of it or nothing.

What was agreed is written down in the customer's folder before the first file changes.  Whoever finds it there, after
a kill in between, finishes it: new files, then the decision, then that note is removed.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import PurePosixPath

from aformity_pipelines.config.decision_log import read_log
from aformity_pipelines.config.destinations import in_order, load_destination, versions
from aformity_pipelines.config.load import check
from aformity_pipelines.config.pin import with_pin
from aformity_pipelines.config.problems import ConfigInvalid, Problem, did_you_mean
from aformity_pipelines.domain.decisions import DestinationUpgraded, Entry
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.destination_changes import PartChange, destination_changes, rule_changes
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.effect import Effect
from aformity_pipelines.domain.findings import Gate, Rule
from aformity_pipelines.domain.locks import is_within
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.overrides import as_seen
from aformity_pipelines.domain.upgrade import Upgrade, UpgradeBegun
from aformity_pipelines.files.atomic import sync, write_bytes
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.quality.suites import rules_of
from aformity_pipelines.review.append import append_all
from aformity_pipelines.stages.deciding import worked_out
from aformity_pipelines.stages.pinned import agreed_version
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.suites import entity_suite
from aformity_pipelines.stages.upgrade_files import lies_at, refuse_others
from aformity_pipelines.stages.whatif.played import shadow_run
from aformity_pipelines.stages.whatif.shadow import create_shadow, replace_files, shadow_place
from aformity_pipelines.stages.whatif.what_if import Change, what_if

DEFS = "defs.yaml"
CHANGEABLE = {"mapping": ".yaml", "values": ".csv", "expectations": ".json"}
"""Folder of a customer -> how the files end that may change together with the pin."""
GATES = (Gate.MAPPED, Gate.TRANSFORMED, Gate.EXPORT)
AGAIN = "move it elsewhere, run `aformity upgrade {slug} --apply`, and make the change in the new file"
Files = Mapping[str, bytes]
"""File, relative to the customer's folder -> its new content."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Which way a customer goes, and the files that change with it, the pin's among them."""

    before: Destination
    after: Destination
    files: dict[str, bytes]
    found: dict[str, str]
    """The same files -> SHA-256 of what lies there now; blank where nothing does."""
    is_pinned_already: bool


def planned(run: Run, to: str | None, files: Files) -> Move:
    """Return the move to a version (the newest where none is named) together with changed `files`.

    ConfigInvalid where there is no such version, or a file that cannot change with the pin.
    """
    root, pinned = run.workspace.root, run.migration.customer.destination
    path = f"customers/{run.slug}/{DEFS}"
    known = versions(root, pinned.name)
    target = to or known[-1]
    if target not in known:
        raise _unmovable(
            path, f"there is no version {target!r} of {pinned.name}", did_you_mean(target, known)
        )
    start = agreed_version(run.workspace, run.migration) or pinned.version
    if start not in known:
        says = f"version {start!r} of {pinned.name}, which {run.slug} is on, is gone"
        raise _unmovable(path, says, "put it back into `versions/` of the destination")
    if lost := [name for name in files if not _may_change(name)]:
        says = f"{', '.join(lost)} cannot change together with the pin"
        raise _unmovable(path, says, "name files of mapping/, values/ or expectations/, or defs.yaml")
    home = run.workspace.customer(run.slug)
    found = {name: lies_at(home / name) for name in sorted({*files, DEFS})}
    defs = files.get(DEFS) or (home / DEFS).read_bytes()
    return Move(
        before=load_destination(root, pinned.name, start),
        after=load_destination(root, pinned.name, target),
        files={**files, DEFS: with_pin(defs, path, target)},
        found=found,
        is_pinned_already=pinned.version == target != start,
    )


def upgrade_of(run: Run, move: Move, waves: tuple[str, ...]) -> Upgrade:
    """Return what the product changed between two versions and what moving there moves, wave by wave; nothing is
    written but scratch files.
    """
    own = run.migration
    is_there = move.before.version == move.after.version
    problems = () if is_there else problems_then(run, move)
    notes: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    if not problems and not is_there:
        try:
            effects = _effects(run, move, waves)
        except ConfigInvalid as invalid:
            notes = (f"what moves cannot be told: as of version {move.before.version}, {invalid}",)
    changes = destination_changes(move.before, move.after)
    return Upgrade(
        customer=run.slug,
        destination=move.after.destination,
        from_version=move.before.version,
        to_version=move.after.version,
        is_downgrade=_is_older(run, move),
        is_pinned_already=move.is_pinned_already,
        changes=changes,
        rules=rule_changes(_rules(run, own, move.before), _rules(run, own, move.after)),
        overridden=_overridden(own, changes),
        problems=tuple(problem.headline() for problem in problems),
        effects=effects,
        notes=notes,
    )


def problems_then(run: Run, move: Move) -> tuple[Problem, ...]:
    """Return what would be wrong in the customer's folder: fields without a mapping, overrides that no longer fit."""
    with shadow_place(run.workspace, run.slug) as place:
        then = create_shadow(run.workspace, run.slug, place / "then")
        replace_files(then, run.slug, move.files)
        return check(then.root, run.slug)


def begin(run: Run, move: Move, draft: Draft) -> UpgradeBegun:
    """Write down an upgrade that was agreed to; from here on it is finished, whatever happens in between.

    The caller holds the customer's lock and loaded the migration under it.  ConfigInvalid where the folder would be
    broken then, or a file is another one than was looked at; DraftRefused where the decision cannot be recorded.
    Nothing is written in either case.
    """
    if problems := problems_then(run, move):
        raise ConfigInvalid(problems)
    with shadow_place(run.workspace, run.slug) as place:
        then = create_shadow(run.workspace, run.slug, place / "then")
        replace_files(then, run.slug, move.files)
        with shadow_run(then, run) as moved:
            (decision,) = worked_out(moved, (draft,))
    begun = UpgradeBegun(
        to_version=move.after.version,
        seq=run.migration.head.seq,
        files={name: content.decode() for name, content in sorted(move.files.items())},
        found=move.found,
        decision=decision,
    )
    refuse_others(run.workspace, run.slug, move.files, move.found, do="look at the upgrade again")
    write_bytes(run.workspace.upgrade(run.slug), begun.model_dump_json(indent=1).encode() + b"\n")
    return begun


def finish(workspace: Workspace, slug: str) -> Entry:
    """Carry out what `begin` wrote down, as far as it is not done, and return the decision; under the customer's lock.

    ConfigInvalid where somebody changed one of the files since; nothing is written then.
    """
    note = workspace.upgrade(slug)
    begun = UpgradeBegun.model_validate_json(note.read_bytes())
    files = {name: text.encode() for name, text in begun.files.items()}
    refuse_others(workspace, slug, files, begun.found, do=AGAIN.format(slug=slug))
    for name, content in files.items():
        write_bytes(workspace.customer(slug) / name, content)
    log = workspace.log(slug)
    recorded = [
        entry
        for entry in read_log(log)[0]
        if entry.seq > begun.seq and isinstance(entry, DestinationUpgraded)
    ]
    entry = recorded[-1] if recorded else append_all(log, (begun.decision,))[0]
    note.unlink()
    sync(note.parent)
    return entry


def _effects(run: Run, move: Move, waves: tuple[str, ...]) -> tuple[Effect, ...]:
    """Return what moves in each wave; where the pin was changed by hand, against what it was before."""
    if not move.is_pinned_already:
        return tuple(what_if(_in_wave(run, wave), Change(replace=move.files)) for wave in waves)
    with shadow_place(run.workspace, run.slug) as place:
        today = create_shadow(run.workspace, run.slug, place / "today")
        back = with_pin(move.files[DEFS], f"customers/{run.slug}/{DEFS}", move.before.version)
        replace_files(today, run.slug, {DEFS: back})
        found = []
        for wave in waves:
            with shadow_run(today, _in_wave(run, wave)) as before:
                found.append(what_if(before, Change(replace=move.files)))
        return tuple(found)


def _in_wave(run: Run, wave: str) -> Run:
    return dataclasses.replace(run, wave=wave)


def _rules(run: Run, migration: Migration, template: Destination) -> dict[str, Rule]:
    """Return the rules of every mapped entity under a version, by gate and id; those of entities that it lacks are gone."""
    seen = as_seen(template, migration.customer.overrides)
    under = dataclasses.replace(migration, destination=seen)
    return {
        f"{gate} {rule.id}": rule
        for entity in migration.entities()
        if entity in seen.entities
        for gate in GATES
        for rule in rules_of(entity_suite(run.workspace, under, entity, gate), gate, entity)
    }


def _overridden(migration: Migration, changes: tuple[PartChange, ...]) -> tuple[str, ...]:
    own = [f"{name}.{part}" for name, each in migration.customer.overrides.items() for part in each.aspects()]
    return tuple(
        part
        for part in own
        if any(is_within(each.part, part) or is_within(part, each.part) for each in changes)
    )


def _is_older(run: Run, move: Move) -> bool:
    """Whether the move leads back: to a version that stands before this one."""
    known = versions(run.workspace.root, move.after.destination)
    newest = known[-1]
    if newest in (move.before.version, move.after.version):
        return move.before.version == newest
    return in_order(move.after.version) < in_order(move.before.version)


def _may_change(name: str) -> bool:
    parts = PurePosixPath(name).parts
    is_listed = len(parts) == 2 and parts[0] in CHANGEABLE and parts[1].endswith(CHANGEABLE[parts[0]])
    return name == DEFS or (is_listed and not parts[1].startswith("."))


def _unmovable(path: str, says: str, do: str) -> ConfigInvalid:
    return ConfigInvalid([Problem(path=path, says=says, do=do)])
