"""What a change would move: it is tried out in a shadow of the customer, and before and after are compared.

Before is today's truth: where today's own stages have not run on what is there, the shadow runs them first, so that
the change alone is compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.effect import Effect
from aformity_pipelines.stages.deciding import record_all, worked_out
from aformity_pipelines.stages.graph import HANDOFF_REPORT
from aformity_pipelines.stages.plan import stale
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.whatif.cell_moves import cell_moves
from aformity_pipelines.stages.whatif.gate_moves import gate_moves, rule_moves
from aformity_pipelines.stages.whatif.live_moves import without_live, without_loaded
from aformity_pipelines.stages.whatif.played import ABSENT, Played, play, shadow_run
from aformity_pipelines.stages.whatif.row_moves import create_ledgers, fate_moves, wave_moves
from aformity_pipelines.stages.whatif.shadow import create_shadow, replace_files, shadow_place
from aformity_pipelines.stages.whatif.standing_moves import approval_moves, decision_moves

OTHER_ROWS = (
    "recorded now, the decisions would cover other rows than they do here, since stages have not run on today's files"
    " and decisions; run them first"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody thinks of doing: decisions, changed files, or both; the files are changed first."""

    drafts: tuple[Draft, ...] = ()
    replace: Mapping[str, bytes] = field(default_factory=dict)
    """File, relative to the customer's folder (shared suites and models: to the project) -> its new content."""


def what_if(run: Run, change: Change, *, wanted: tuple[dict[str, Any], ...] | None = None) -> Effect:
    """Return everything that a change would move in the run's wave; nothing but scratch files is written.

    Decisions are refused as recording them would refuse them, before anything is tried out; `wanted` is what
    `worked_out` returned for them, where the caller has it.  DraftRefused and ConfigInvalid carry what is wrong with the change; LockHeld where another preview goes on.
    """
    run.digest_key()  # the shadow points to it: say here, by its real path, that it is missing
    if wanted is None and not change.replace:
        wanted = worked_out(run, change.drafts)
    with shadow_place(run.workspace, run.slug) as place:
        today = create_shadow(run.workspace, run.slug, place / "before")
        with shadow_run(today, run) as before_run:
            notes = _not_run_yet(before_run)
            before = play(before_run)
            then = create_shadow(today, run.slug, place / "after")
            new = replace_files(then, run.slug, change.replace)
            notes += tuple(f"{name} is not there today; it would be new" for name in new)
            with shadow_run(then, run) as changed:
                if not change.drafts:
                    return _compare(run, before, play(changed), notes, recorded=0)
                if change.replace:
                    play(changed)
                if wanted is not None and wanted != worked_out(changed, change.drafts):
                    notes += (OTHER_ROWS,)
                recorded = record_all(changed, change.drafts)
            with shadow_run(then, run) as decided:
                return _compare(run, before, play(decided), notes, recorded=len(recorded))


def _not_run_yet(before: Run) -> tuple[str, ...]:
    steps = [f"{stage} {name}" for stage, name in stale(before) if stage != HANDOFF_REPORT]
    if not steps:
        return ()
    what = f"{steps[0]} has" if len(steps) == 1 else f"{len(steps)} stages, {steps[0]} first, have"
    return (
        f"{what} not run on today's files and decisions; the comparison starts from what they would say"
        f" (`aformity run {before.slug} --wave {before.wave}` brings them up to date)",
    )


def _compare(run: Run, before: Played, after: Played, notes: tuple[str, ...], *, recorded: int) -> Effect:
    for step, why in after.failed.items():
        if step not in before.failed and not isinstance(why, ABSENT):
            raise why
    # A cursor has temp tables of its own: those of the caller's run stay as they are.
    with run.connection.cursor() as connection:
        create_ledgers(connection, before.package, after.package)
        rules, no_more = without_live(connection, rule_moves(connection, before, after), before, after)
        waves, with_next = without_loaded(wave_moves(connection), after)
        return Effect(
            customer=run.slug,
            wave=run.wave,
            gates=gate_moves(before, after),
            rules=rules,
            fates=fate_moves(connection),
            waves=waves,
            cells=cell_moves(connection, before, after),
            approvals=approval_moves(before.run, after.run),
            decisions=decision_moves(before, after, recorded),
            notes=(*notes, *no_more, *with_next, *_not_worked_out(before, after)),
        )


def _not_worked_out(before: Played, after: Played) -> Iterator[str]:
    """Yield what either side could not be asked, and why; each once."""
    found = {
        f"{stage} {name}: {why}": None
        for side in (before, after)
        for (stage, name), why in side.failed.items()
    }
    yield from found
    if before.package is None or after.package is None:
        yield "the fates of rows cannot be compared, since the export could not be worked out"
