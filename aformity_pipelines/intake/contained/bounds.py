"""What a process may use, said to the kernel.

Memory is bounded by what may be written to (RLIMIT_DATA), not by addresses (RLIMIT_AS): libraries reserve
gigabytes of addresses that they never touch.  macOS keeps none of the memory limits; there the time limits
alone protect.  Keep out: reading, and waiting for processes.
"""

import ctypes
import os
import resource
import signal
import sys

from aformity_pipelines.intake.job import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_OPEN_FILES = 256
_GRACE_SECONDS = 2


def confine(limits: Limits) -> None:
    """Bound this process for good; where the surroundings bound it more tightly, that stays."""
    _bound(resource.RLIMIT_DATA, limits.memory)
    _bound(resource.RLIMIT_CPU, limits.cpu_seconds, grace=_GRACE_SECONDS)
    _bound(resource.RLIMIT_FSIZE, limits.written)
    _bound(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _bound(resource.RLIMIT_CORE, 0)


def is_starved(peak: int, limits: Limits) -> bool:
    """Whether a process that crashed with `peak` bytes resident did so for want of memory, as far as can be seen.

    Libraries check few of their allocations, and what they reserve counts without being resident.
    """
    return peak > limits.memory // 2


def close_all_but(*kept: int) -> None:
    """Close every inherited file of this process but standard input, output, errors and those `kept`."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    first = 3
    for descriptor in (*sorted(kept), most):
        os.closerange(first, descriptor)
        first = descriptor + 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent`, which started it, is gone; Linux only."""
    if sys.platform != "linux":
        return
    c_library = ctypes.CDLL(None)
    c_library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    c_library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def leave_the_network() -> None:
    """Put this process and its children where there is no network; where the kernel refuses, nothing changes."""
    if sys.platform != "linux":
        return
    alone = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    ctypes.CDLL(None).unshare(alone)


def _bound(what: int, most: int, *, grace: int = 0) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
        grace = min(grace, hard - most)
    resource.setrlimit(what, (most, most + grace))
