"""`python -m benchmarks [--rows N ...] [--only PART,...]`: measure, print, and exit 0 whatever was reached."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from aformity_pipelines.files.workspace import Workspace
from benchmarks.coverage import measure_coverage
from benchmarks.gate import measure_gate
from benchmarks.handoff import lay_out_handed_off, measure_handoff, measure_why
from benchmarks.orchestrated import measure_overhead
from benchmarks.programs import measure_child, measure_programs
from benchmarks.project import MEMORY, lay_out
from benchmarks.redelivery import measure_redelivery
from benchmarks.rerun import measure_rerun
from benchmarks.stages import GROWTH_FLOOR, Wave, lines_of, measure_wave
from benchmarks.table import Line, show

PARTS = (
    "stages",
    "gate",
    "coverage",
    "dagster",
    "programs",
    "memory",
    "handoff",
    "why",
    "redelivery",
    "rerun",
)
SIZES = (100_000, 1_000_000)
TIGHT = "1GB"


def main() -> None:
    """Measure what was asked for."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="aformity-bench-") as temporary:
        folder = Path(temporary)
        if "dagster" in asked.only:
            show("Dagster", measure_overhead())
        if "programs" in asked.only:
            show("Whole processes", measure_programs(folder))
        waves: dict[int, Wave] = {}
        for rows in asked.rows if {"stages", "gate", "coverage", "memory"} & set(asked.only) else ():
            waves[rows] = _measure_size(rows, lay_out(folder / str(rows), rows), asked.only)
        for rows in asked.rows if {"handoff", "why"} & set(asked.only) else ():
            _measure_handed_off(rows, lay_out_handed_off(folder / "handed_off", rows), asked.only)
        for rows in asked.rows if "redelivery" in asked.only else ():
            lines, found = measure_redelivery(lay_out(folder / "redelivery", rows))
            show(f"Redelivery of {rows} contacts, 1 % changed", lines)
            print("\n".join(found.sentences()))
        for rows in asked.rows if "rerun" in asked.only else ():
            workspace = lay_out(folder / f"rerun_{rows}", rows)
            show(f"{rows} contacts delivered again", measure_rerun(workspace))
        if len(waves) > 1 and "stages" in asked.only:
            show("Growth", [_growth(waves)])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What each stage costs.")
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES), help="contacts, one size or more")
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=list(PARTS),
        help=f"some of {','.join(PARTS)} (default: all)",
    )
    asked = parser.parse_args()
    if unknown := sorted(set(asked.only) - set(PARTS)):
        parser.error(f"--only {unknown[0]}: there is only {', '.join(PARTS)}")
    return asked


def _measure_size(rows: int, workspace: Workspace, only: list[str]) -> Wave:
    wave = measure_wave(workspace)
    if "stages" in only:
        show(f"{rows} contacts, {rows // 10} accounts, {rows // 200} users", lines_of(wave))
    if "gate" in only:
        lines, differences = measure_gate(workspace)
        show("Gate", lines)
        print("\n".join(differences) or "the failing ids are equal, rule by rule")
    if "coverage" in only:
        lines, differences = measure_coverage(workspace)
        show("Coverage", lines)
        print("\n".join(differences) or "coverage and the join name the same rows")
    if "memory" in only:
        show("Memory", [_memory(rows, workspace, memory) for memory in (MEMORY, TIGHT)])
    return wave


def _measure_handed_off(rows: int, workspace: Workspace, only: list[str]) -> None:
    if "handoff" in only:
        show(f"Handoff of {rows} contacts", measure_handoff(workspace))
    if "why" in only:
        show(f"why, of {rows} contacts", measure_why(workspace))


def _memory(rows: int, workspace: Workspace, memory: str) -> Line:
    child = measure_child(rows, workspace.root, memory)
    measure = f"peak of a process, DuckDB's limit {memory}"
    if child.code:
        note = f"DID NOT COMPLETE, exit code {child.code}: {child.output[-300:]}"
        return Line(measure=measure, reached=float("nan"), unit="MiB", note=note)
    said = json.loads(child.output.strip().splitlines()[-1])
    note = f"complete: {said['cpu']:.1f} CPU s, {said['cpu'] / said['b']:.1f} B"
    return Line(measure=measure, reached=said["peak_mib"], unit="MiB", note=note)


def _growth(waves: dict[int, Wave]) -> Line:
    small, large = min(waves), max(waves)
    floor = GROWTH_FLOOR if large == 10 * small else None
    reached = waves[large].cpu / waves[small].cpu
    return Line(measure=f"cost of {large} rows / cost of {small}", floor=floor, reached=reached, unit="x")


if __name__ == "__main__":
    main()
    sys.exit(0)
