"""What an append leaves behind: the head file that commits it, and the coverage files that its lines name."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.config.decision_log import examine, read_log
from aformity_pipelines.config.log_head import head_path, read_head
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.review.append import append, append_all
from aformity_pipelines.review.coverage_files import read_coverage
from tests.builders.decisions import DIGEST, INA, coverage

EXCLUDED: dict[str, Any] = {
    "kind": "rows_excluded", "on": "2026-11-20", "by": INA, "how_known": "A call.", "says": "They stay behind.",
    "why": "She asked for it.", "covers": coverage("crm:1"),
}  # fmt: skip


def names_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Let the call of an `os` function with this number fail, and no other."""
    real, calls = getattr(os, name), []

    def failing(*arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        if len(calls) == number:
            raise OSError(5, "Input/output error")
        return real(*arguments, **named)

    monkeypatch.setattr(os, name, failing)


def test_the_head_file_says_how_far_the_log_was_committed(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"

    append_all(log, [EXCLUDED, EXCLUDED])

    commit = read_head(log)
    last = log.read_bytes().splitlines()[-1]
    assert commit is not None
    assert (commit.seq, commit.sha256, commit.size) == (
        2,
        hashlib.sha256(last).hexdigest(),
        log.stat().st_size,
    )


@pytest.mark.parametrize("left", [b'{"by":', b'{"a":1}\n{"b":2}\n', b"\n"])
def test_what_a_dead_append_left_is_laid_aside_and_the_next_one_goes_on(tmp_path: Path, left: bytes) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, EXCLUDED)
    with log.open("ab") as opened:
        opened.write(left)

    assert len(read_log(log)[0]) == 1
    assert append(log, EXCLUDED).id == "D-002"

    assert examine(log).unfinished == b""
    assert [path.read_bytes() for path in (tmp_path / "unfinished").iterdir()] == [left]


def test_a_batch_that_died_after_its_first_line_is_not_there_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "decisions.jsonl"
    append_all(log, [EXCLUDED, EXCLUDED, EXCLUDED])
    committed = head_path(log).read_bytes()
    append_all(log, [EXCLUDED, EXCLUDED])
    # As if the process had died before the commit, with one of two lines on the disk.
    head_path(log).write_bytes(committed)
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:4]))

    assert [entry.id for entry in read_log(log)[0]] == ["D-001", "D-002", "D-003"]


def test_an_older_log_without_a_head_file_gets_one(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, EXCLUDED)
    head_path(log).unlink()

    append(log, EXCLUDED)

    assert examine(log).is_committed
    assert len(read_log(log)[0]) == 2


def test_a_log_whose_tail_was_cut_is_not_appended_to(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append_all(log, [EXCLUDED, EXCLUDED])
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])

    with pytest.raises(ConfigInvalid, match=r"decisions.jsonl:2: the log ends too early: entry 2 is missing"):
        append(log, EXCLUDED)


@pytest.mark.parametrize("number", range(1, 9))
def test_a_failure_of_any_flush_loses_nothing_that_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    log = tmp_path / "decisions.jsonl"
    first = append(log, EXCLUDED)
    fail_at(monkeypatch, "fsync", number)

    acknowledged = [first]
    for _ in range(3):
        try:
            acknowledged.append(append(log, EXCLUDED))
        except OSError:
            continue
    monkeypatch.undo()
    acknowledged.append(append(log, EXCLUDED))

    entries = read_log(log)[0]
    assert [entries.count(each) for each in acknowledged] == [1] * len(acknowledged)


def test_rows_by_the_hundreds_lie_in_a_file_that_their_line_names(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    keys = [f"crm:{number}" for number in range(201)]

    written = append(log, {**EXCLUDED, "covers": coverage(*keys)})

    covers = written.covers  # type: ignore[union-attr]  # rows_excluded covers rows
    assert (covers.rows, covers.row_count, covers.size) == ((), 201, 201)
    assert names_in(tmp_path / "coverage") == [f"{covers.rows_in}.csv"]
    frame = read_coverage(tmp_path / "coverage", covers)
    assert (frame["key"].to_list(), set(frame["digest"])) == (keys, {DIGEST})
    assert read_log(log)[0] == (written,)


def test_a_few_rows_and_the_rows_of_a_merge_stand_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    keys = [f"crm:{number}" for number in range(201)]
    merged = {**EXCLUDED, "kind": "merge_approved", "covers": coverage(*keys), "survivor": "crm:0"}

    append_all(log, [{**EXCLUDED, "covers": coverage(*keys[:200])}, merged])

    assert [len(entry.covers.rows) for entry in read_log(log)[0]] == [200, 201]  # type: ignore[union-attr]
    assert not (tmp_path / "coverage").exists()


def test_a_decision_that_is_refused_leaves_no_coverage_file(tmp_path: Path) -> None:
    many = coverage(*(f"crm:{number}" for number in range(300)))

    with pytest.raises(ValueError, match="names the rule"):
        append(
            tmp_path / "decisions.jsonl",
            {**EXCLUDED, "kind": "risk_accepted", "evidence": ["x"], "covers": many},
        )

    assert not (tmp_path / "coverage").exists()


def test_the_coverage_file_is_there_before_the_line_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "decisions.jsonl"
    write, seen = os.write, []

    def watched(descriptor: int, line: bytes) -> int:
        seen.extend((tmp_path / "coverage").iterdir())
        return write(descriptor, line)

    monkeypatch.setattr(os, "write", watched)

    written = append(log, {**EXCLUDED, "covers": coverage(*(f"crm:{n}" for n in range(300)))})

    assert [path.stem for path in seen] == [written.covers.rows_in]  # type: ignore[union-attr]


def test_appending_needs_no_engine() -> None:
    asks = (
        "import sys, aformity_pipelines.review.append;"
        "sys.exit(bool({'duckdb', 'polars', 'pyarrow'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0
