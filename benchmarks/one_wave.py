"""One wave in a process of its own, for its peak memory: `python -m benchmarks.one_wave FOLDER ROWS MEMORY`."""

import json
import sys
from pathlib import Path

from aformity_pipelines.files.workspace import Workspace
from benchmarks.measure import own_peak_mib
from benchmarks.stages import measure_wave

if __name__ == "__main__":
    folder, rows, memory = sys.argv[1:]
    wave = measure_wave(Workspace(root=Path(folder), storage=Path(folder) / "storage"), memory=memory)
    print(json.dumps({"b": wave.b, "cpu": wave.cpu, "peak_mib": own_peak_mib(), "rows": rows}))
