"""The code location of a project: every customer by itself, so that a broken one costs only its own assets."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import dagster as dg

from aformity_pipelines.config.load import check, customers, load_migration
from aformity_pipelines.orchestration.component import definitions_of
from aformity_pipelines.orchestration.died_sensor import build_runs_that_died
from aformity_pipelines.orchestration.freshness_shown import build_handoff_freshness
from aformity_pipelines.orchestration.jobs import RUN_WAVE, Job
from aformity_pipelines.orchestration.log_sensor import build_review_history
from aformity_pipelines.orchestration.resources import Place, database
from aformity_pipelines.orchestration.sensors import build_after_closed_gate
from aformity_pipelines.stages.graph import project_in

BROKEN = "BROKEN"
SHOWN_PROBLEMS = 20


def location(root: Path, storage: Path) -> dg.Definitions:
    """Define all customers of the project at `root`."""
    tree = _tree(root)
    with _without_previews():
        parts = [_customer(tree, root, slug) for slug in customers(root)]
    merged = dg.Definitions.merge(*parts) if parts else dg.Definitions()
    jobs = [job for job in merged.jobs or () if isinstance(job, Job)]
    waves = [job for job in jobs if job.name.endswith(RUN_WAVE)]
    own = (
        [
            build_after_closed_gate(waves),
            build_runs_that_died(jobs),
            build_review_history(),
            build_handoff_freshness(),
        ]
        if jobs
        else []
    )
    return dg.Definitions.merge(merged, shared(root, storage), dg.Definitions(sensors=own))


def one_customer(root: Path, storage: Path, slug: str, *, is_held: bool = False) -> dg.Definitions:
    """Define a single customer, for runs outside the code location.  ConfigInvalid carries its problems.

    `is_held`: the caller holds the customer's lock.
    """
    migration = load_migration(root, slug)
    with _without_previews():
        own = definitions_of(migration, project_in(root / "dbt_like_transforms"))
    return dg.Definitions.merge(own, shared(root, storage, is_held=is_held))


def shared(root: Path, storage: Path, *, is_held: bool = False) -> dg.Definitions:
    """Define what all customers share: where things lie, the database, one process per run."""
    return dg.Definitions(
        resources={
            "place": Place(root=str(root), storage=str(storage), is_held=is_held),
            "database": database(),
        },
        executor=dg.in_process_executor,
    )


@contextmanager
def _without_previews() -> Iterator[None]:
    """Keep Dagster from announcing, once per asset, that checks know partitions only in preview."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield


def _tree(root: Path) -> dg.ComponentTree:
    """Return the component tree of the project's `customers/`, without putting it on the import path."""
    module = ModuleType("customers")
    module.__file__ = None
    module.__path__ = [str(root / "customers")]
    return dg.ComponentTree.from_module(module, root)


def _customer(tree: dg.ComponentTree, root: Path, slug: str) -> dg.Definitions:
    try:
        return tree.build_defs(root / "customers" / slug)
    except Exception as fault:  # noqa: BLE001 - whatever is wrong with one customer must not hide the others
        return _broken(root, slug, fault)


def _broken(root: Path, slug: str, fault: Exception) -> dg.Definitions:
    """Define one asset that says what is wrong with a customer's folder."""
    problems = check(root, slug)
    lines = [problem.headline() for problem in problems[:SHOWN_PROBLEMS]] or [str(fault.__cause__ or fault)]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"... and {len(problems) - SHOWN_PROBLEMS} more: run `aformity check {slug}`")
    spec = dg.AssetSpec(
        [slug, BROKEN],
        group_name=slug,
        kinds={"broken"},
        tags={"customer": slug},
        description="\n".join(f"- {line}" for line in lines)[:4000],
    )
    return dg.Definitions(assets=[spec])
