"""What a reader may do to itself never reaches the process that asked."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained import service
from aformity_pipelines.intake.contained.line import Line, ReaderUnavailable
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.job import Job, Limits
from aformity_pipelines.intake.reading import Reading
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, ReadersDisagree

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
MISBEHAVING = "tests.intake.contained.misbehaving"
QUICK = Limits(wall_seconds=20, cpu_seconds=15)
Deed = Callable[..., Reading]


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    sys.path.append(str(ROOT))
    opened = Line(MISBEHAVING)
    yield opened
    opened.close()
    sys.path.remove(str(ROOT))


@pytest.fixture
def do(line: Line, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deed:
    """Have a reader do what `deed` says; its folder is `out`."""
    monkeypatch.setattr(service, "LINE", line)

    def doing(deed: str, limits: Limits = QUICK, folder: str = "out") -> Reading:
        return read_contained(job_named(deed, tmp_path, limits, folder))

    return doing


def job_named(name: str, folder: Path, limits: Limits = QUICK, out: str = "out") -> Job:
    file = folder / "in.csv"
    file.write_text("id\n1\n")
    return Job(
        file=file, name=name, hints=FormatHints(), into=folder / out, row_id_prefix="x#", limits=limits
    )


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def becomes_true(condition: Callable[[], bool], seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def test_a_reading_comes_back_as_it_was_made(do: Deed, tmp_path: Path) -> None:
    found = do("good")

    assert (found.file_name, found.tables[0].headers) == ("good", ("id",))
    assert found.tables[0].parquet == tmp_path / "out" / "table_1.parquet"


@pytest.mark.parametrize(
    ("deed", "refusal", "message"),
    [
        ("asks", NotUnderstood, "asks: unclear; say it"),
        ("refuses", DeliveryRefused, "refuses: is broken; ask for it again"),
        ("disagrees", ReadersDisagree, "disagrees: 2 records or 3"),
    ],
)
def test_what_a_reader_raises_is_raised_here(do: Deed, deed: str, refusal: type, message: str) -> None:
    with pytest.raises(refusal, match=f"^{message}$"):
        do(deed)


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("eats_memory", "needed more than 1.3 GB of memory; ask for it as plain CSV"),
        ("aborts_for_memory", "needed more than 1.3 GB of memory"),
        ("faults_full_of_memory", "needed more than 1.3 GB of memory"),
        ("panics_full_of_memory", "needed more than 1.3 GB of memory"),
        ("aborts", r"crashed the reader \(signal 6\)"),
        ("faults", r"crashed the reader \(signal 11\)"),
        ("exits", r"crashed the reader \(exit code 3\)"),
        ("panics", r"crashed the reader \(panic\)"),
        ("nests", "nested too deep"),
        ("says_nothing", "answered what it may not"),
        ("points_elsewhere", "answered what it may not"),
        ("points_above", "answered what it may not"),
        ("links_elsewhere", "answered what it may not"),
        ("shares_elsewhere", "answered what it may not"),
        ("half_a_character", "does not know what to make of it"),
    ],
)
def test_whatever_a_reader_does_is_a_refusal_with_a_reason(do: Deed, deed: str, reason: str) -> None:
    with pytest.raises(DeliveryRefused, match=rf"{deed}: .*{reason}"):
        do(deed)

    assert do("good").tables


def test_a_reader_that_hangs_is_stopped_in_time(do: Deed) -> None:
    started = time.monotonic()

    with pytest.raises(DeliveryRefused, match="took longer than 1 s"):
        do("hangs", Limits(wall_seconds=1))

    assert time.monotonic() - started < 5


def test_a_reader_that_computes_for_ever_is_stopped(do: Deed) -> None:
    with pytest.raises(DeliveryRefused, match="took more than 1 s of computing"):
        do("spins", Limits(cpu_seconds=1))


def test_a_file_that_would_fill_the_disk_is_stopped(do: Deed, tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match=r"would fill more than 0\.0 GB on disk"):
        do("writes_much", Limits(written=1 << 20))

    assert list((tmp_path / "out").iterdir()) == []


def test_an_error_nobody_expects_is_named_without_the_values_in_it(
    do: Deed, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(
        DeliveryRefused, match=r"KeyError at contained/misbehaving.py:\d+ in is_puzzled"
    ) as raised:
        do("is_puzzled")

    assert "salary" not in str(raised.value) + caplog.text
    assert "KeyError: contained/misbehaving.py" in caplog.text


def test_what_a_killed_reader_left_is_removed_and_nothing_else(do: Deed, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")

    with pytest.raises(DeliveryRefused, match="signal 6"):
        do("litters")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    assert (tmp_path / "in.csv").exists()


def test_a_reader_that_prints_without_end_is_read_all_the_same(
    do: Deed, capfd: pytest.CaptureFixture[str]
) -> None:
    assert do("chatters").tables
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_what_a_reader_starts_ends_with_it(do: Deed) -> None:
    with pytest.raises(DeliveryRefused) as raised:
        do("leaves_a_process")

    assert becomes_true(lambda: not is_running(int(str(raised.value))))


def test_a_reader_gets_nothing_of_our_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AFORMITY_SECRET", "s3cret")
    monkeypatch.syspath_prepend(str(ROOT))
    line = Line(MISBEHAVING)
    monkeypatch.setattr(service, "LINE", line)

    with pytest.raises(DeliveryRefused) as raised:
        read_contained(job_named("tells_surroundings", tmp_path))
    line.close()

    assert "s3cret" not in str(raised.value)
    assert "TZ=UTC" in str(raised.value)


def test_a_reader_holds_five_open_files_and_stands_in_its_folder(do: Deed, tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match=f"^5 in {tmp_path / 'out'}$"):
        do("tells_open_files")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="not every kernel lets us")
def test_a_reader_has_no_network(do: Deed) -> None:
    with pytest.raises(DeliveryRefused, match=r"^lo$"):
        do("tells_networks")


def test_a_big_file_may_take_longer() -> None:
    assert Limits().for_size(64 << 20) == Limits()
    assert Limits().for_size(650_000_000).wall_seconds == 26 + 277
    assert Limits().for_size(650_000_000).memory == Limits().memory


def test_what_a_file_inflates_to_gives_it_no_more_time(do: Deed, tmp_path: Path) -> None:
    job = job_named("tells_limits", tmp_path)
    job.file.write_bytes(gzip.compress(bytes(100 << 20)))

    with pytest.raises(DeliveryRefused, match=rf"^\({QUICK.cpu_seconds}, "):
        read_contained(job)


def test_what_is_no_plain_file_is_never_opened(do: Deed, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    job = job_named("good", tmp_path)

    with pytest.raises(DeliveryRefused, match="is no plain file"):
        read_contained(
            Job(file=tmp_path / "pipe", name="pipe", hints=job.hints, into=job.into, row_id_prefix="")
        )


def test_a_name_that_is_no_text_can_be_told(do: Deed) -> None:
    assert do("good \udcff").file_name == r"good \udcff"


def test_a_zygote_is_kept_and_one_that_died_is_replaced(do: Deed, line: Line) -> None:
    do("good")
    first = line.zygote_pid
    do("good")
    assert line.zygote_pid == first

    os.kill(first, signal.SIGKILL)
    assert do("good").tables
    assert line.zygote_pid != first


def test_a_zygote_that_dies_twice_is_a_clear_error(do: Deed) -> None:
    with pytest.raises(
        ReaderUnavailable, match="through no fault of its own: the process that starts readers does not run"
    ):
        do("kills_the_zygote")

    assert do("good").tables


def test_threads_take_turns_and_get_their_own(do: Deed) -> None:
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda n: do(f"good {n}", folder=f"out{n}").file_name, range(12)))

    assert found == [f"good {n}" for n in range(12)]


def test_a_fork_of_this_process_has_a_zygote_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = Job(file=tmp_path / "t.csv", name="t.csv", hints=FormatHints(), into=tmp_path, row_id_prefix="x#")
    job.file.write_text("id,name\n1,a\n")
    try:
        read_contained(job)
    except ReadersDisagree:
        pytest.fail("a plain file is read")
    ours = service.LINE.zygote_pid
    pid = os.fork()
    if pid == 0:
        try:
            read_contained(job)
            os._exit(0 if service.LINE.zygote_pid not in {0, ours} else 1)
        finally:
            os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert read_contained(job).tables[0].rows == 1
    assert service.LINE.zygote_pid == ours


PARENT = """
import sys
from pathlib import Path
from aformity_pipelines.intake.contained import service
from aformity_pipelines.intake.contained.line import Line
from tests.intake.contained.test_contained import MISBEHAVING, job_named
service.LINE = Line(MISBEHAVING)
service.read_contained(job_named("tells_processes", Path(sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_when_the_one_that_asks_is_killed_nothing_goes_on(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT)
    pids = tmp_path / "out" / "pids"
    try:
        assert becomes_true(lambda: pids.exists() and len(pids.read_text().split()) == 2, seconds=20)
    finally:
        parent.kill()
        parent.wait()

    left = [int(pid) for pid in pids.read_text().split()]
    assert becomes_true(lambda: not any(is_running(pid) for pid in left))
