"""A zygote whose readers do what the job's name says: everything that a file could make a reader do."""

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

from aformity_pipelines.intake.contained import child, zygote
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Dialect, RawTable, Reading
from aformity_pipelines.intake.refusal import (
    DeliveryRefused,
    NotUnderstood,
    Question,
    QuestionKind,
    ReadersDisagree,
)


class PanicException(BaseException):
    """What a library written in Rust raises."""


def reading(job: Job, parquet: Path | None = None, header: str = "id") -> Reading:
    table = RawTable(
        number=1,
        headers=(header,),
        header_row=1,
        parquet=parquet or job.parquet(1),
        rows=0,
        rejects=job.rejects(1),
        dialect=Dialect(format="csv"),
    )
    return Reading(file_name=job.name, format="csv", tables=(table,))


def good(job: Job) -> Reading:
    job.parquet(1).write_bytes(b"PAR1")
    return reading(job)


def half_a_character(job: Job) -> Reading:
    job.parquet(1).write_bytes(b"PAR1")
    return reading(job, header="\ud800")


def asks(job: Job) -> Reading:
    raise NotUnderstood(job.name, (Question(kind=QuestionKind.HEADER, what="unclear", answer="say it"),))


def refuses(job: Job) -> Reading:
    raise DeliveryRefused(f"{job.name}: is broken; ask for it again")


def disagrees(job: Job) -> Reading:
    raise ReadersDisagree(f"{job.name}: 2 records or 3")


def hangs(job: Job) -> Reading:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


def spins(job: Job) -> Reading:
    while True:
        pass


def eats_memory(job: Job) -> Reading:
    eaten = [bytearray(64 << 20) for _ in range(10_000)]
    raise AssertionError(len(eaten))


def aborts_for_memory(job: Job) -> Reading:
    os.write(2, b"memory allocation of 51539607552 bytes failed\n")
    os.abort()


def aborts(job: Job) -> Reading:
    os.abort()


def faults(job: Job) -> Reading:
    os.kill(os.getpid(), signal.SIGSEGV)
    return hangs(job)


def faults_full_of_memory(job: Job) -> Reading:
    held = b"x" * (700 << 20)
    os.kill(os.getpid(), signal.SIGSEGV)
    return reading(job, header=str(len(held)))


def panics_full_of_memory(job: Job) -> Reading:
    held = b"x" * (700 << 20)
    return panics(job) if held else reading(job)


def exits(job: Job) -> Reading:
    os._exit(3)


def says_nothing(job: Job) -> Reading:
    os._exit(0)


def panics(job: Job) -> Reading:
    raise PanicException("Jo's salary is 10")


def is_puzzled(job: Job) -> Reading:
    raise KeyError("Jo's salary is 10")


def nests(job: Job) -> Reading:
    return nests(job)


def chatters(job: Job) -> Reading:
    for _ in range(1_000):
        try:
            os.write(2, b"x" * 10_000)
        except BlockingIOError:
            continue
    print("chatter", flush=True)
    return good(job)


def litters(job: Job) -> Reading:
    folder = job.into / ".scratch"
    folder.mkdir()
    (folder / "body.csv").write_text("1")
    (job.into / "link").symlink_to(job.file.parent)
    job.parquet(1).write_text("half")
    os.abort()


def writes_much(job: Job) -> Reading:
    with job.parquet(1).open("wb") as written:
        for _ in range(1_000):
            written.write(bytes(1 << 20))
    return reading(job)


def points_elsewhere(job: Job) -> Reading:
    return reading(job, parquet=job.file)


def points_above(job: Job) -> Reading:
    return reading(job, parquet=job.into / ".." / job.file.name)


def links_elsewhere(job: Job) -> Reading:
    job.parquet(1).symlink_to(job.file)
    return reading(job)


def shares_elsewhere(job: Job) -> Reading:
    os.link(job.file, job.parquet(1))
    return reading(job)


def leaves_a_process(job: Job) -> Reading:
    left = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    raise DeliveryRefused(str(left.pid))


def kills_the_zygote(job: Job) -> Reading:
    os.kill(os.getppid(), signal.SIGKILL)
    return hangs(job)


def tells_surroundings(job: Job) -> Reading:
    raise DeliveryRefused("\n".join(f"{name}={value}" for name, value in os.environ.items()))


def tells_open_files(job: Job) -> Reading:
    kept = [number for number in range(200) if _is_open(number)]
    raise DeliveryRefused(f"{len(kept)} in {Path.cwd()}")


def tells_networks(job: Job) -> Reading:
    raise DeliveryRefused(" ".join(name for _, name in socket.if_nameindex()))


def tells_limits(job: Job) -> Reading:
    raise DeliveryRefused(str(resource.getrlimit(resource.RLIMIT_CPU)))


def tells_processes(job: Job) -> Reading:
    (job.into / "pids").write_text(f"{os.getppid()} {os.getpid()}")
    return hangs(job)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def read_file(job: Job) -> Reading:
    """Do what the name says."""
    deed: Reading = globals()[job.name.partition(" ")[0]](job)
    return deed


if __name__ == "__main__":
    child.read_file = read_file
    zygote.main()
