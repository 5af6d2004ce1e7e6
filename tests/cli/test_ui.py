"""`aformity ui` becomes Dagster: one process to end, and a document for programs that nothing else is mixed into."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from aformity_pipelines.files.workspace import Workspace

STANDS_IN = """
import os, sys
print("Dagster's own words")
print("in", os.getcwd(), "with", os.environ["DAGSTER_HOME"], *sys.argv[1:], file=sys.stderr, flush=True)
sys.stdin.read()
"""


def test_whoever_ends_the_command_ends_dagster_and_its_words_stay_out_of_the_document(
    project: Workspace, tmp_path: Path
) -> None:
    package = tmp_path / "instead" / "dagster"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(STANDS_IN, encoding="utf-8")
    call = (
        "from aformity_pipelines.cli.main import main; import os;"
        f"os.environ['PYTHONPATH'] = {str(package.parent)!r};"
        f"main(['ui', '--json', '--root', {str(project.root)!r}])"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", call],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert running.stderr
    said = running.stderr.readline() + running.stderr.readline()
    os.kill(running.pid, signal.SIGTERM)
    printed, _ = running.communicate(timeout=10)

    assert running.returncode == -signal.SIGTERM
    assert "Dagster" not in printed
    assert '"url": "http://127.0.0.1:3000"' in printed
    assert f"in {project.root} with" in said
    assert "-h 127.0.0.1" in said
