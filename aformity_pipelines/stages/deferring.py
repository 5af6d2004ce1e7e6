"""Deferrals that would move nothing: to a wave in which the rows are already, or that is not after the run's."""

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.graph import MAPPED
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.stages.refusing import refused
from aformity_pipelines.stages.run import Run


def refuse_deferred_in_vain(run: Run, draft: Draft, entity: str, *, among: str) -> None:
    """Raise DraftRefused where rows of the relation `among` would not go to a later wave than theirs and the run's.

    A deferral in the place of another may bring rows forward: then only the run's own wave counts.
    """
    if draft.until_wave is None:
        return
    customer, until = run.migration.customer, draft.until_wave
    later = ", ".join(w.name for w in customer.waves if customer.rank(w.name) > customer.rank(run.wave))
    choose = f"choose a later one ({later})" if later else "there is no later one: exclude them, or accept it"
    if customer.rank(until) <= customer.rank(run.wave):
        says = f"{draft.kind} on {entity}: {until} is not later than {run.wave}, for which you decide"
        raise refused(says, choose, ("until_wave",))
    path = folder_of(run, MAPPED, entity) / TABLE
    if draft.supersedes is not None or not path.is_file():
        return
    moved_on = [wave.name for wave in customer.waves if customer.rank(wave.name) >= customer.rank(until)]
    there = run.connection.execute(
        f"select row_id from {parquet(path)} where row_id in (select row_id from {among})"
        f" and wave in ({', '.join(literal(wave) for wave in moved_on)}) order by row_id"
    ).fetchall()
    if there:
        named = (
            f"{len(there)} rows, for example {there[0][0]}, go" if there[1:] else f"row {there[0][0]} goes"
        )
        says = f"{draft.kind} on {entity}: {named} live with {until} or later anyway"
        raise refused(says, "leave them out, or choose a wave after theirs", ("covers",))
