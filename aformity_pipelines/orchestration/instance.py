"""Dagster's own home: settings that a project never has to touch, and where its storage lies.

Dagster's storage shows history; it is no record.  Deleting it loses nothing that cannot be rebuilt.
"""

import os
from pathlib import Path

from aformity_pipelines.files.atomic import write_bytes

SETTINGS = """\
# Written by aformity; changes here are overwritten.
telemetry:
  enabled: false
storage:
  sqlite:
    base_dir: {home}
concurrency:
  runs:
    max_concurrent_runs: 4
    tag_concurrency_limits:
      - key: customer
        value: {{applyLimitPerUniqueValue: true}}
        limit: 1
run_monitoring:
  enabled: true
  poll_interval_seconds: 30
schedules:
  use_threads: true
  num_workers: 4
sensors:
  use_threads: true
  num_workers: 4
nux:
  enabled: false
"""

ENVIRONMENT = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DAGSTER_DG_UPDATE_CHECK_ENABLED": "0",
    "DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS": "600",
}
"""What keeps Dagster from calling anywhere, and lets a sensor fetch a file that takes minutes."""


def home_of(storage: Path) -> Path:
    """Return the folder that is Dagster's home, with its settings written."""
    home = (storage / "dagster").resolve()
    settings = SETTINGS.format(home=_quoted(str(home))).encode()
    path = home / "dagster.yaml"
    if not path.is_file() or path.read_bytes() != settings:
        write_bytes(path, settings)
    return home


def run_lock(storage: Path, run_id: str) -> Path:
    """Return the lock file that a run's worker holds as long as it lives; gone when the run has ended."""
    return storage / "dagster" / "alive" / f"{run_id}.lock"


def environment(root: Path, storage: Path) -> dict[str, str]:
    """Return the environment in which Dagster's own programs find this project."""
    own = {
        "DAGSTER_HOME": str(home_of(storage)),
        "AFORMITY_ROOT": str(root),
        "AFORMITY_STORAGE": str(storage),
    }
    return {**os.environ, **ENVIRONMENT, **own}


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
