"""DuckDB as the readers of customer files use it: within the limits of the job.  Keep out: what is read with it."""

import duckdb

from aformity_pipelines.intake.job import Job

_MIB = 1 << 20
_THREADS = 2  # each takes memory of its own, whatever the machine has


def connect(job: Job) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that spills into the job's folder before it takes half of the job's memory.

    DuckDB knows nothing of the limits that the kernel keeps, and would meet them as a crash.
    """
    return duckdb.connect(
        config={
            "memory_limit": f"{job.limits.memory // 2 // _MIB}MiB",
            "threads": _THREADS,
            "temp_directory": str(job.into / ".spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
