"""Why a file that brought its reader down is refused, in a person's words, and what to do.

Keep out: finding out how the reader ended.
"""

import signal

from aformity_pipelines.intake.contained.answers import Ended, Exhausted, Failed
from aformity_pipelines.intake.job import Limits
from aformity_pipelines.intake.refusal import DeliveryRefused

_GB = 1e9
_SMALLER = "ask for it as plain CSV, or in smaller parts"
_ANEW = "open it in the program that wrote it, save it anew and send that"


def ran_out(name: str, of: Exhausted, limits: Limits) -> DeliveryRefused:
    """Return the refusal of the file `name`, whose reading met a limit."""
    reasons = {
        Exhausted.MEMORY: f"needed more than {limits.memory / _GB:.1f} GB of memory; {_SMALLER}",
        Exhausted.CPU: f"took more than {limits.cpu_seconds} s of computing; {_SMALLER}",
        Exhausted.WALL: f"took longer than {limits.wall_seconds} s; {_SMALLER}",
        Exhausted.WRITTEN: f"would fill more than {limits.written / _GB:.1f} GB on disk; {_SMALLER}",
        Exhausted.DEPTH: "met values nested too deep to follow; ask for it as a flat table",
        Exhausted.DISK: "found no room left on this machine's disk; make room and run again",
    }
    return DeliveryRefused(f"{name}: reading it {reasons[of]}")


def died(name: str, ended: Ended, limits: Limits) -> DeliveryRefused:
    """Return the refusal of the file `name`, whose reader did not live to answer."""
    if ended.exhausted is not None:
        return ran_out(name, ended.exhausted, limits)
    if ended.signal == signal.SIGKILL:
        how = "was stopped from outside (signal 9), probably for want of memory on this machine"
        return DeliveryRefused(f"{name}: reading it {how}; run again with more memory free, or {_SMALLER}")
    return _crashed(name, f"signal {ended.signal}" if ended.signal else f"exit code {ended.exit_code}")


def failed(name: str, failure: Failed) -> DeliveryRefused:
    """Return the refusal of the file `name`, at which a reader met an error of ours or of a library."""
    if failure.is_panic:
        return _crashed(name, "panic")
    where = failure.frames[-1] if failure.frames else "unknown"
    return DeliveryRefused(
        f"{name}: the reader does not know what to make of it ({failure.error} at {where}); {_ANEW},"
        " and report this message: a reader should have said more"
    )


def strange(name: str) -> DeliveryRefused:
    """Return the refusal of the file `name`, whose reader answered what no reader of ours does."""
    return DeliveryRefused(
        f"{name}: the reader answered what it may not, so the file may be made to do harm; do not open it"
        " before somebody who knows such files has seen it, and ask for it again"
    )


def _crashed(name: str, how: str) -> DeliveryRefused:
    return DeliveryRefused(
        f"{name}: crashed the reader ({how}), so it is damaged or made to do harm; {_ANEW}"
    )
