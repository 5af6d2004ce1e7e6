"""The log: every line whole, numbered and chained, or not there (promise P5)."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from aformity_pipelines.config.decision_log import read_log
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.review.append import append, append_all
from tests.builders.decisions import INA, coverage

EXCLUDED: dict[str, Any] = {
    "kind": "rows_excluded", "on": "2026-11-20", "by": INA, "how_known": "A call.", "says": "They stay behind.",
    "why": "Émile asked for it.", "covers": coverage("crm:1"),
}  # fmt: skip


def test_each_line_names_the_hash_of_the_line_before(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    for _ in range(3):
        append(log, EXCLUDED)

    lines = log.read_bytes().split(b"\n")
    assert lines.pop() == b""
    entries = [json.loads(line) for line in lines]
    assert [(e["seq"], e["id"]) for e in entries] == [(1, "D-001"), (2, "D-002"), (3, "D-003")]
    assert [e["prev"] for e in entries] == [
        "0" * 64,
        *(hashlib.sha256(line).hexdigest() for line in lines[:2]),
    ]
    assert read_log(log)[1].sha256 == hashlib.sha256(lines[2]).hexdigest()


def test_what_is_written_is_what_is_returned_and_read(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"

    written = append(log, EXCLUDED)

    assert read_log(log)[0] == (written,)
    assert "Émile" in log.read_text(encoding="utf-8")


def test_an_impossible_decision_leaves_no_byte(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, EXCLUDED)
    before = log.read_bytes()

    with pytest.raises(ValidationError):
        append(log, {**EXCLUDED, "kind": "risk_accepted"})

    assert log.read_bytes() == before


def test_several_decisions_are_appended_as_one_chain(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, EXCLUDED)

    written = append_all(
        log, [EXCLUDED, {**EXCLUDED, "supersedes": "D-002", "supersedes_because": "It was a slip."}]
    )

    assert [entry.id for entry in written] == ["D-002", "D-003"]
    assert read_log(log)[0][1:] == written


def test_one_impossible_decision_among_several_leaves_no_byte(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, EXCLUDED)
    before = log.read_bytes()

    with pytest.raises(ValueError, match="D-009, which no earlier line has"):
        append_all(
            log, [EXCLUDED, {**EXCLUDED, "supersedes": "D-009", "supersedes_because": "It was a slip."}]
        )

    assert log.read_bytes() == before


def test_a_line_that_the_disk_takes_in_part_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, EXCLUDED)
    before = log.read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:40]))

    with pytest.raises(OSError, match="taken back"):
        append(log, EXCLUDED)

    assert log.read_bytes() == before
    monkeypatch.undo()
    assert append(log, EXCLUDED).id == "D-002"


def test_a_full_disk_takes_the_line_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, EXCLUDED)
    before = log.read_bytes()
    sync, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        append(log, EXCLUDED)

    assert log.read_bytes() == before


@pytest.mark.parametrize(
    "edit", [(b"stay behind", b"come along"), (b'"seq":2', b'"seq":3'), (b"\n", b"\n\n")]
)
def test_nothing_is_appended_to_a_log_that_was_edited(tmp_path: Path, edit: tuple[bytes, bytes]) -> None:
    log = tmp_path / "decisions.jsonl"
    for _ in range(3):
        append(log, EXCLUDED)
    edited = log.read_bytes().replace(*edit, 1)
    log.write_bytes(edited)

    with pytest.raises(ConfigInvalid):
        append(log, EXCLUDED)

    assert log.read_bytes() == edited
