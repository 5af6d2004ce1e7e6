"""Which process does a run: known by number, start and place, so that a number given again is nobody."""

import os
import subprocess
import sys
from dataclasses import replace

from aformity_pipelines.orchestration.worker import is_running, this_worker, worker_of


def test_this_process_lives_and_is_read_back_from_its_text() -> None:
    worker = this_worker()

    assert worker.is_of_here
    assert worker.is_alive
    assert worker_of(str(worker)) == worker


def test_another_process_with_the_same_number_is_not_it() -> None:
    assert not replace(this_worker(), started="1").is_alive


def test_a_number_of_another_place_means_nothing_here() -> None:
    assert not replace(this_worker(), place="elsewhere").is_of_here


def test_a_killed_process_does_not_run_even_before_it_is_collected() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_running(child.pid)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert not is_running(child.pid)
    child.communicate()
    assert not is_running(child.pid)


def test_a_text_that_names_nobody_is_nobody() -> None:
    assert [worker_of(text) for text in ("", "12", "a/b/c", "1/2/3/4")] == [None] * 4
