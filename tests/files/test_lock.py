"""One run at a time works on a customer."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aformity_pipelines.files.lock import LockHeld, customer_lock

HOLD = """
import sys, pathlib
from aformity_pipelines.files.lock import customer_lock
with customer_lock(pathlib.Path(sys.argv[1]), "run of wave 1"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_told_who_has_it_and_what_to_do(tmp_path: Path) -> None:
    lock = tmp_path / "acme" / "lock"
    with customer_lock(lock, "run of wave 1"), pytest.raises(LockHeld) as refused, customer_lock(lock, "x"):
        pass
    message = str(refused.value)
    assert "'run of wave 1'" in message
    assert f"process {os.getpid()}" in message
    assert "wait until it is done" in message


def test_the_lock_can_be_taken_again_after_the_block(tmp_path: Path) -> None:
    for holder in ("a long name of a holder", "b"):
        with customer_lock(tmp_path / "lock", holder):
            assert f'"{holder}"' in (tmp_path / "lock").read_text()


def test_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(LockHeld, match=f"process {other.pid}"), customer_lock(lock, "x"):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
    with customer_lock(lock, "x"):
        pass
