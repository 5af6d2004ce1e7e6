"""Testing a wave again: every stage up to the export as far as gates are open, fates settled, nothing published."""

from functools import partial

from aformity_pipelines.domain.revalidation import (
    Revalidation,
    RowState,
    StateLine,
    counted,
    evaluate,
    left_since,
)
from aformity_pipelines.stages.export import settle_fates
from aformity_pipelines.stages.gates import closed_by
from aformity_pipelines.stages.graph import TRANSFORMED
from aformity_pipelines.stages.log_kept import require_kept_log
from aformity_pipelines.stages.outputs import stops
from aformity_pipelines.stages.packing import Package
from aformity_pipelines.stages.revalidation.basis import basis_of, changes_since, decisions_since
from aformity_pipelines.stages.revalidation.digests import write_digests
from aformity_pipelines.stages.revalidation.history import keep, last_revalidation
from aformity_pipelines.stages.revalidation.owing import Owings
from aformity_pipelines.stages.revalidation.rows import held_by_export, lines_of, write_rows
from aformity_pipelines.stages.revalidation.testing import tested_rows
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.whole import run_wave


def run_revalidation(run: Run) -> tuple[Revalidation, bool]:
    """Test the run's wave again, keep the result and write one digest for each owner; return it, and whether it is new.

    On the same day with the same inputs the last result stands, byte for byte.  The caller holds the customer's lock.
    Raises ValueError for a day before the last one's: a history only goes forward; ConfigInvalid where the log has
    lost decisions; NoDelivery where a source has no file yet.
    """
    require_kept_log(run)
    last = last_revalidation(run.workspace, run.slug, run.wave)
    if last and run.as_of < last.as_of:
        raise ValueError(
            f"{run.slug} {run.wave}: tested again as of {last.as_of} already, and a history only goes forward;"
            f" name {last.as_of} or a later day"
        )
    if last:
        write_digests(run, last)  # the process may have died between that result and its digests
    for _ in run_wave(run, until=TRANSFORMED):
        pass
    basis = basis_of(run)
    is_new = last is None or last.as_of != run.as_of or last.inputs != basis
    found = _made(run, last, basis) if last is None or is_new else last
    write_digests(run, found)
    return found, is_new


def _made(run: Run, last: Revalidation | None, basis: dict[str, str]) -> Revalidation:
    closed = {entity: why for entity in run.migration.entities() if (why := closed_by(run, entity))}
    package = settle_fates(run, closed, keeps_verdicts=False)
    owings = Owings(run, package)
    before = lines_of(run.connection, run.workspace, run.slug, last)
    again = frozenset((line.entity, line.key) for line in before)
    lines = evaluate(tested_rows(run, package, owings, again=again), before, run.as_of)
    added, ended = decisions_since(last, run.migration)
    record = Revalidation(
        customer=run.slug,
        wave=run.wave,
        number=last.number + 1 if last else 1,
        as_of=run.as_of,
        previous=last.number if last else None,
        previous_as_of=last.as_of if last else None,
        **_counts(lines),
        in_export=held_by_export(run, lines),
        lines=counted(lines, lambda line: owings.says(line.entity, line.reason, line.because)),
        gates_closed=_gates_closed(package),
        changed=changes_since(last, basis, run.migration) if last else (),
        decisions_added=added,
        decisions_ended=ended,
        left=left_since(lines, before),
        log_seq=run.migration.head.seq,
        inputs=basis,
    )
    keep(run.workspace, record, run.slug, partial(write_rows, run.connection, lines))
    return record


def _counts(lines: tuple[StateLine, ...]) -> dict[str, int]:
    states = [line.state for line in lines]
    return {
        "ready": states.count(RowState.NOW_READY),
        "still_blocked": states.count(RowState.STILL_BLOCKED),
        "newly_blocked": states.count(RowState.NEWLY_BLOCKED),
        "overdue": states.count(RowState.OVERDUE),
    }


def _gates_closed(package: Package) -> tuple[str, ...]:
    found = []
    for (stage, name), record in package.records.items():
        if record.waits:
            found.append(f"delivery {name}")
        elif stops(record):
            found.append(f"{record.verdict.gate if record.verdict else stage} {name}")
    by_export = sorted(package.closed.keys() - package.ungated)
    return (*found, *(f"export {entity}" for entity in by_export))
