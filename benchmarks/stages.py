"""Every stage and the whole wave in units of B, and what ledger and value map add to an export."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aformity_pipelines.stages.launch.build  # noqa: F401 - or the first handoff would pay for its import
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.quality import run_suite  # noqa: F401 - imports Great Expectations before the clock runs
from aformity_pipelines.stages.whole import run_wave
from benchmarks.measure import as_plain_copy, cpu_of, watched
from benchmarks.project import MEMORY, SLUG, forget, open_run
from benchmarks.table import Line

PIPELINE_FLOOR = 8.0
INTAKE_FLOOR = 1.25
TRACE_FLOOR = 1.25
GROWTH_FLOOR = 11.0
ROOMS = {"raw_file": "intake", "validated": "intake gate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One run of the whole wave on a given delivery, from nothing."""

    b: float  # CPU seconds of B, measured right before and after
    steps: dict[str, float]  # "stage/name" -> CPU seconds
    watched: dict[str, float]  # name of a part -> CPU seconds

    @property
    def cpu(self) -> float:
        """CPU seconds of all steps."""
        return sum(self.steps.values())


def measure_wave(workspace: Workspace, *, memory: str = MEMORY) -> Wave:
    """Run the wave from nothing."""
    forget(workspace)
    return measure_again(workspace, memory=memory)


def measure_again(workspace: Workspace, *, memory: str = MEMORY) -> Wave:
    """Run the wave on top of what is there; B is measured before and after it on the same contacts."""
    b = as_plain_copy(workspace.intake(SLUG) / "contacts.csv", workspace.root / "b.parquet")
    b()
    before = [cpu_of(b), cpu_of(b)]
    steps: dict[str, float] = {}
    with open_run(workspace, memory=memory) as run, watched(_parts()) as parts:
        outcomes = run_wave(run)
        closed: list[str] = []

        def advance() -> None:
            if outcome := next(outcomes, None):
                names.append("/".join(outcome.step))
                closed.extend([outcome.closed] if outcome.closed else [])

        names: list[str] = []
        while True:
            already = len(names)
            spent = cpu_of(advance)
            if len(names) == already:
                break
            steps[names[-1]] = spent
    if closed:
        print("  a gate closed, so less was done than should have been:", *closed, sep="\n  ")
    return Wave(b=statistics.median([*before, cpu_of(b)]), steps=steps, watched=dict(parts.spent))


def lines_of(wave: Wave) -> Iterator[Line]:
    """Yield each stage and entity, then the whole."""
    for name, spent in wave.steps.items():
        floor = INTAKE_FLOOR if name == "raw_file/contacts" else None
        yield Line(measure=name, floor=floor, reached=spent / wave.b, unit="B", note=f"{spent:.2f} CPU s")
    note = f"{wave.cpu:.1f} CPU s, B = {wave.b:.2f} CPU s"
    yield Line(
        measure="whole wave, no duplicate matching",
        floor=PIPELINE_FLOOR,
        reached=wave.cpu / wave.b,
        unit="B",
        note=note,
    )
    yield from _trace(wave)
    for name, spent in sorted(wave.watched.items(), key=lambda each: -each[1]):
        yield Line(measure=f"  of which {name}", reached=spent / wave.b, unit="B", note=f"{spent:.2f} CPU s")


def _trace(wave: Wave) -> Iterator[Line]:
    """Ledger and value map beside an export without them: models, fates, export files."""
    spent = wave.watched
    export_only = sum(
        spent.get(part, 0.0) for part in ("models", "records settled", "export tables", "export files")
    )
    trace = spent.get("ledger and value map", 0.0)
    if export_only:
        note = f"{trace:.2f} CPU s beside {export_only:.2f}"
        reached = (export_only + trace) / export_only
        yield Line(
            measure="ledger and value map: export with / without",
            floor=TRACE_FLOOR,
            reached=reached,
            unit="x",
            note=note,
        )


def _parts() -> dict[str, Callable[[tuple[Any, ...]], str]]:
    """Return the functions that are watched and the part of the work that each belongs to."""

    def always(name: str) -> Callable[[tuple[Any, ...]], str]:
        return lambda arguments: name

    def written(arguments: tuple[Any, ...]) -> str:
        path = Path(arguments[2])
        if path.name != "table.parquet":
            return "ledger and value map" if path.name == "values.parquet" else "findings files"
        return "models" if path.parent.parent.name == "transformed" else "mapping SELECT and its file"

    engine = "aformity_pipelines.stages"
    return {
        f"{engine}.mapped.write_parquet": written,
        f"{engine}.transformed.write_parquet": written,
        f"{engine}.transformed.run_model": always("models"),
        f"{engine}.mapped.field_facts": always("column facts"),
        f"{engine}.mapped.loss_facts": always("loss facts"),
        "aformity_pipelines.fates.assign._insert_records": always("records settled"),
        f"{engine}.export.create_changed": always("live records compared"),
        f"{engine}.export.check_against_live": always("conservation checks"),
        "aformity_pipelines.fates.assign._follow_parents": always("records settled"),
        "aformity_pipelines.fates.assign._insert_rows": always("ledger and value map"),
        f"{engine}.export.name_deferrals": always("ledger and value map"),
        f"{engine}.export.create_export_table": always("export tables"),
        f"{engine}.packing.write_csv": always("export files"),
        f"{engine}.packing.write_parquet": always("export files"),
        f"{engine}.packing._write_ledgers": always("ledger and value map"),
        **{
            f"{engine}.{stage}.judge_table": always("gates")
            for stage in ("validated", "mapped", "transformed", "export")
        },
        **{
            f"{engine}.{stage}.open_live": always("live rows found again")
            for stage in ("transformed", "export")
        },
        f"{engine}.transformed.keep_live": always("live rows found again"),
        **{
            f"{engine}.{stage}.cover": always("decisions held against rows")
            for stage in ("mapped", "transformed", "export")
        },
        **{
            f"{engine}.{stage}.check_same_rows": always("conservation checks")
            for stage in ("mapped", "transformed", "export", "packing")
        },
    }
