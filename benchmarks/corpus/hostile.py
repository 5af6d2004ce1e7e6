"""Crafted bombs and damaged files: whether any reaches the process that asks, and what the worst one costs.

The naive reader beside it, Fastexcel or DuckDB as most would call them, runs in a process that is thrown away.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained.service import read_measured
from aformity_pipelines.intake.job import Job
from benchmarks.corpus.figure import Figure
from tests.hostile.archives import ARCHIVES
from tests.hostile.crafted import Crafted
from tests.hostile.structures import STRUCTURES, damaged
from tests.hostile.texts import TEXTS
from tests.hostile.workbooks import WORKBOOKS

SECONDS = 30
BYTES = 1_500_000_000
_MACHINE_BYTES = 4 << 30  # what a naive reader may take before it endangers this machine
_NAIVE = """
import atexit, os, resource
resource.setrlimit(resource.RLIMIT_DATA, ({most}, {most}))
@atexit.register
def judge():
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > {allowed}:
        os._exit(9)
"""
_NAIVE_WORKBOOK = "import fastexcel; fastexcel.read_excel({path}).load_sheet(0).to_arrow()"
_NAIVE_TABLE = "import duckdb; duckdb.execute('CREATE TABLE t AS SELECT * FROM {function}(?)', [{path}])"
_WORKBOOKS = (".xlsx", ".xls", ".xlsb", ".ods")
_FUNCTIONS = {".json": "read_json_auto", ".jsonl": "read_json_auto", ".parquet": "read_parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What reading one crafted file took; `reached` names an error that came through to the parent."""

    name: str
    seconds: float
    peak: int  # bytes
    reached: str = ""

    @property
    def is_held(self) -> bool:
        """Whether the file stayed where it belongs, within time and memory."""
        return not self.reached and self.seconds <= SECONDS and self.peak <= BYTES


CRAFTED = (*WORKBOOKS, *TEXTS, *ARCHIVES, *STRUCTURES)
"""Every file that is made to do harm; files that are only damaged come on top."""


def cost_of(file: Crafted, folder: Path) -> Cost:
    """Write the file into `folder`, read it through the service, and say what that took."""
    path = file.at(folder)
    job = Job(file=path, name=file.name, hints=FormatHints(), into=folder / "out", row_id_prefix="x#")
    started = time.perf_counter()
    peak, reached = 0, ""
    try:
        _, ended = read_measured(job)
        peak = ended.peak_memory
    except BaseException as error:  # noqa: BLE001 - anything here has reached the parent, which is what counts
        reached = type(error).__name__
    return Cost(name=file.name, seconds=time.perf_counter() - started, peak=peak, reached=reached)


def figures() -> Iterator[Figure]:
    """Yield one line: how many files broke out, and the worst time and memory of all."""
    costs, naive = [], 0
    for file in (*CRAFTED, *damaged()):
        with tempfile.TemporaryDirectory(prefix="aformity-hostile-") as folder:
            costs.append(cost_of(file, Path(folder)))
            naive += file in CRAFTED and not _survives_naively(Path(folder, file.name))
    broken = [cost for cost in costs if not cost.is_held]
    slowest = max(costs, key=lambda cost: cost.seconds)
    biggest = max(costs, key=lambda cost: cost.peak)
    worst = f"worst {slowest.seconds:.1f} s ({slowest.name}), {biggest.peak / 1e9:.2f} GB ({biggest.name})"
    named = f" ({', '.join(cost.name for cost in broken)})" if broken else ""
    yield Figure(
        corpus=f"{len(costs)} crafted bombs and malformed files",
        measure=f"reach the parent, or cost more than {SECONDS} s or {BYTES / 1e9} GB",
        floor="0",
        naive=f"Fastexcel and DuckDB: {naive} of {len(CRAFTED)}",
        ours=f"{len(broken)}{named}; {worst}",
        holds=not broken,
    )


def _survives_naively(path: Path) -> bool:
    """Whether the reader that comes to mind first ends by itself, within time and memory; errors are fine."""
    if path.suffix in _WORKBOOKS:
        read = _NAIVE_WORKBOOK.format(path=repr(str(path)))
    else:
        function = _FUNCTIONS.get(path.suffix, "read_csv_auto")
        read = _NAIVE_TABLE.format(path=repr(str(path)), function=function)
    code = _NAIVE.format(most=_MACHINE_BYTES, allowed=BYTES) + read
    reader = subprocess.Popen(
        [sys.executable, "-c", code], cwd=path.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _, said = reader.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        reader.kill()
        reader.communicate()
        return False
    return reader.returncode in {0, 1} and b"Panic" not in said
