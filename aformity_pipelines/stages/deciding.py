"""Deciding: drafts become entries of the log, each with exactly what it was shown as its coverage."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.drafts import EXPORT_LOADED, Draft
from aformity_pipelines.review.append import append_all, chained
from aformity_pipelines.stages.allowed import refuse_not_allowed
from aformity_pipelines.stages.answering import answer
from aformity_pipelines.stages.contradicting import refuse_contradicting
from aformity_pipelines.stages.covering import coverage
from aformity_pipelines.stages.loading import refuse_unfit_loading, version_to_load
from aformity_pipelines.stages.naming import refuse_unfit_names
from aformity_pipelines.stages.outputs import DeliveryWaits, StageMissing
from aformity_pipelines.stages.pinned import refuse_unfit_upgrade
from aformity_pipelines.stages.refusing import DraftRefused, Fault, refused
from aformity_pipelines.stages.repeating import refuse_repeated
from aformity_pipelines.stages.run import Run

CARRIED = (
    *("supersedes", "supersedes_because", "until_wave", "field", "value", "survivor"),
    *("follow_up", "closes", "answers", "answer", "withdraws", "seconds"),
    *("wave", "version", "from_version", "to_version"),
)
"""Keys of a draft that a decision has as they are."""


def record(run: Run, draft: Draft) -> Entry:
    """Append one decision to the customer's log and return it; as `record_all` does for several."""
    (entry,) = record_all(run, (draft,))
    return entry


def record_all(
    run: Run, drafts: Sequence[Draft], *, shown: Sequence[Mapping[str, Any]] | None = None
) -> tuple[Entry, ...]:
    """Append decisions to the customer's log in one write and return them; each draft sees the ones before it.

    The caller holds the customer's lock and loaded the migration under it.  `shown` is what `worked_out` returned
    when somebody agreed to it: a decision that would be another one now is refused.  All or nothing: raises as
    `worked_out` does before a byte is written.
    """
    wanted = worked_out(run, drafts)
    if shown is not None:
        _refuse_others(wanted, shown)
    return append_all(run.workspace.log(run.slug), wanted, files=run.pending)


def worked_out(run: Run, drafts: Sequence[Draft]) -> tuple[dict[str, Any], ...]:
    """Return the decisions as the log would hold them, but for number and chain; nothing is written.

    DraftRefused carries every fault of every draft, each placed from the list of drafts on.
    """
    wanted: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for number, draft in enumerate(drafts):
        try:
            fields = _fields(run, draft)
            run = _with_entry(run, fields)
        except DraftRefused as refusal:
            faults += [dataclasses.replace(each, at=(number, *each.at)) for each in refusal.faults]
        else:
            wanted.append(fields)
    if faults:
        raise DraftRefused(faults)
    return tuple(wanted)


def _refuse_others(wanted: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> None:
    """Raise DraftRefused for decisions that are not the ones that were shown: rows or values came in between."""
    faults = [
        Fault(
            says="what this decision covers changed while you were looking",
            do="nothing was recorded: see the preview again",
            at=(number,),
        )
        for number, (now, then) in enumerate(zip(wanted, shown, strict=True))
        if now != then
    ]
    if faults:
        raise DraftRefused(faults)


def _with_entry(run: Run, fields: dict[str, Any]) -> Run:
    """Return the run as it is once a decision stands; DraftRefused where the log could not take it."""
    migration = run.migration
    try:
        entry, head = chained(migration.log, migration.head, fields)
    except ValidationError as error:
        raise DraftRefused(
            Fault(says=detail["msg"].removeprefix("Value error, "), at=detail["loc"][1:])
            for detail in error.errors(include_url=False)
        ) from None
    except ValueError as error:
        raise refused(str(error)) from None
    refuse_unfit_names(migration, entry)
    refuse_unfit_upgrade(run.workspace, migration, entry)
    refuse_not_allowed(migration, entry)
    refuse_unfit_loading(run, entry)
    refuse_repeated(migration.log, entry)
    refuse_contradicting(run, entry)
    return dataclasses.replace(
        run, migration=dataclasses.replace(migration, log=(*migration.log, entry), head=head)
    )


def _fields(run: Run, draft: Draft) -> dict[str, Any]:
    """Return everything but number and chain; DraftRefused carries every fault of the draft."""
    faults: list[Fault] = []
    found: dict[str, Any] = {
        "kind": draft.kind,
        "on": (draft.on or run.as_of).isoformat(),
        "how_known": draft.how_known,
        "says": draft.says,
        "why": draft.why,
        "evidence": list(draft.evidence),
    }
    if draft.on and draft.on > run.as_of:
        says = f"`on` {draft.on} is after {run.as_of}, the day of this run: nobody has decided it yet"
        faults.append(Fault(says=says, do="write the day on which it was decided", at=("on",)))
    for key, name in (("by", draft.by), ("owner", draft.owner)):
        if name is not None:
            _keep(faults, found, key, partial(_person, run, key, name))
    if draft.covers:
        _keep(faults, found, "covers", partial(coverage, run, draft, draft.covers))
    if draft.source is not None:
        _keep(faults, found, "source", partial(answer, run, draft, draft.source))
        found |= found.pop("source", {})
    if draft.kind == EXPORT_LOADED and draft.wave is not None and draft.version is None:
        _keep(faults, found, "version", partial(version_to_load, run, draft.wave))
    for name in CARRIED:
        if (value := getattr(draft, name)) is not None:
            found[name] = value
    if draft.replace is not None:
        found["replacements"] = draft.replace
    if draft.due:
        found["due"] = draft.due.isoformat()
    if faults:
        raise DraftRefused(faults)
    return found


def _keep(faults: list[Fault], found: dict[str, Any], key: str, work: Callable[[], object]) -> None:
    """Put what `work` returns under `key`, or note its faults."""
    try:
        found[key] = work()
    except DraftRefused as refusal:
        faults += refusal.faults
    except (StageMissing, DeliveryWaits) as missing:
        faults.append(Fault(says=str(missing), at=(key,)))


def _person(run: Run, key: str, name: str) -> dict[str, Any]:
    people = run.migration.customer.people
    if name not in people:
        raise refused(
            f"{name!r} is not one of the customer's people",
            f"{did_you_mean(name, people)} (`people` in defs.yaml)",
            (key,),
        )
    return people[name].model_dump(mode="json")


__all__ = ["DraftRefused", "record", "record_all", "worked_out"]
