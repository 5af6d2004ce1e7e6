"""What Dagster adds: 12 assets and 20 checks in one process, over the same functions called plainly."""

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb

from aformity_pipelines.orchestration.instance import home_of
from benchmarks.measure import REPEATS, interleaved
from benchmarks.table import Line

FLOOR = 3.0
ASSETS = 12
CHECKS = 20
ROWS = 20_000
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def work(number: int) -> int:
    """Do a little real work and return a count."""
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select count(distinct hash(i + {number})) from range({ROWS}) r(i)"
        ).fetchone()
    return int(found[0]) if found else 0


def measure_overhead() -> list[Line]:
    """Return the CPU seconds that Dagster adds, persistent SQLite storage included."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        job = _job()
        with dg.DagsterInstance.from_config(str(home_of(Path(folder)))) as instance:

            def through_dagster() -> None:
                assert job.execute_in_process(instance=instance, run_config=QUIET).success

            works = {"plain": lambda: [work(number) for number in range(ASSETS)], "dagster": through_dagster}
            spent = interleaved(works, REPEATS)
    note = f"{spent['dagster']:.2f} against {spent['plain']:.2f} CPU s"
    overhead = spent["dagster"] - spent["plain"]
    return [
        Line(
            measure=f"Dagster, {ASSETS} assets and {CHECKS} checks",
            floor=FLOOR,
            reached=overhead,
            unit="CPU s",
            note=note,
        )
    ]


def _job() -> dg.JobDefinition:
    defs = dg.Definitions(
        assets=[_asset(number) for number in range(ASSETS)],
        jobs=[dg.define_asset_job("all_of_it")],
        executor=dg.in_process_executor,
    )
    return defs.resolve_job_def("all_of_it")


def _asset(number: int) -> dg.AssetsDefinition:
    own = range(number, CHECKS, ASSETS)
    names = [f"check_{each}" for each in own]

    @dg.multi_asset(
        name=f"asset_{number}",
        specs=[dg.AssetSpec(f"asset_{number}", deps=[f"asset_{number - 1}"] if number else [])],
        check_specs=[dg.AssetCheckSpec(name, asset=f"asset_{number}") for name in names],
    )
    def _one() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        rows = work(number)
        yield dg.MaterializeResult(asset_key=f"asset_{number}", metadata={"rows": rows})
        for name in names:
            yield dg.AssetCheckResult(
                check_name=name, asset_key=f"asset_{number}", passed=True, metadata={"rows": rows}
            )

    return _one
