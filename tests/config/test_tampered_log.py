"""Whoever changes a log that was written is found, and the line that they changed is named (promise P5).

`plain` and `chain_only` are what a reader without our care would be: the same edits slip past them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aformity_pipelines.config.decision_log import examine
from aformity_pipelines.config.log_head import LogCommit, head_path
from aformity_pipelines.config.log_lines import hash_of_line, line_of
from aformity_pipelines.config.problems import ConfigInvalid
from tests.builders.decisions import entry

LINES = 20
Edit = tuple[int, bytes]  # the line that was changed, from 1, and the log then


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    written: list[bytes] = []
    for seq in range(1, LINES + 1):
        prev = hash_of_line(written[-1]) if written else "0" * 64
        one = entry("rows_excluded", seq).model_copy(
            update={"prev": prev, "says": f"Row {seq} stays behind."}
        )
        written.append(line_of(one).encode())
    return written


@pytest.fixture
def log(tmp_path: Path, lines: list[bytes]) -> Path:
    path = tmp_path / "customers" / "acme" / "decisions.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(whole(lines))
    commit = LogCommit(seq=LINES, sha256=hash_of_line(lines[-1]), size=len(whole(lines)))
    head_path(path).write_bytes(commit.line())
    return path


def whole(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def named(log: Path, content: bytes) -> list[int]:
    """Return the lines that are named for a log with this content."""
    log.write_bytes(content)
    try:
        examine(log)
    except ConfigInvalid as invalid:
        return [problem.line for problem in invalid.problems]
    return []


def plain(content: bytes) -> bool:
    """Return whether somebody notices who only reads JSON, line by line."""
    try:
        return not all(isinstance(json.loads(line), dict) for line in content.splitlines())
    except ValueError:
        return True


def chain_only(content: bytes) -> bool:
    """Return whether somebody notices who follows the chain and knows of no end."""
    prev = "0" * 64
    for line in content.split(b"\n")[:-1]:
        try:
            if json.loads(line)["prev"] != prev:
                return True
        except (ValueError, KeyError, TypeError):
            return True
        prev = hashlib.sha256(line).hexdigest()
    return not content.endswith(b"\n")


def substitutions(content: bytes) -> Iterator[Edit]:
    for place, byte in enumerate(content):
        other = byte ^ (1 << place % 7)
        yield content.count(b"\n", 0, place) + 1, content[:place] + bytes([other]) + content[place + 1 :]


def deletions(content: bytes) -> Iterator[Edit]:
    for place in (*range(0, len(content), 7), *line_ends(content)):
        yield content.count(b"\n", 0, place) + 1, content[:place] + content[place + 1 :]


def insertions(content: bytes) -> Iterator[Edit]:
    """Yield insertions of a byte; one past the last line is an append that died, not an edit."""
    for number, place in enumerate((*range(0, len(content), 7), *line_ends(content))):
        byte = b"x 0\n"[number % 4 : number % 4 + 1]
        # A line end before a line end is an empty line after this one.
        after = byte == content[place : place + 1] == b"\n"
        if after and place == len(content) - 1:
            continue
        yield content.count(b"\n", 0, place) + 1 + after, content[:place] + byte + content[place:]


def line_ends(content: bytes) -> list[int]:
    return [place for place, byte in enumerate(content) if byte == 10]


@pytest.mark.slow
@pytest.mark.parametrize("edits", [substitutions, deletions, insertions])
def test_every_single_byte_that_is_changed_is_found_on_its_line(
    log: Path, lines: list[bytes], edits: Callable[[bytes], Iterator[Edit]]
) -> None:
    content, wrong, slipped_plain, slipped_chain = whole(lines), [], 0, 0
    for line, edited in edits(content):
        found = named(log, edited)
        # A line that is cut in two is two broken lines.
        if not found or found[0] != line or set(found) - {line, line + 1}:
            wrong.append((line, found, edited))
        slipped_plain += not plain(edited)
        slipped_chain += not chain_only(edited)

    assert wrong == []
    assert slipped_plain > 100, "a plain reader notices too: the edits are no test"
    assert slipped_chain > 0, "a chain without an end notices too: the edits are no test"


@pytest.mark.parametrize("left", range(LINES))
def test_a_tail_that_was_cut_off_is_found_at_the_first_line_that_is_gone(
    log: Path, lines: list[bytes], left: int
) -> None:
    cut = whole(lines[:left])

    assert named(log, cut) == [left + 1]
    assert not chain_only(cut) or not cut


def test_a_tail_that_was_cut_within_a_line_is_found_there(log: Path, lines: list[bytes]) -> None:
    assert named(log, whole(lines[:12]) + lines[12][:80]) == [13]


def test_a_line_that_was_taken_out_is_found_where_it_stood(log: Path, lines: list[bytes]) -> None:
    for gone in range(LINES - 1):
        assert named(log, whole(lines[:gone] + lines[gone + 1 :])) == [gone + 1]


def test_a_line_that_stands_twice_is_found_at_the_second(log: Path, lines: list[bytes]) -> None:
    for twice in range(LINES - 1):
        assert named(log, whole(lines[: twice + 1] + lines[twice:])) == [twice + 2]


def test_lines_that_changed_places_are_both_found(log: Path, lines: list[bytes]) -> None:
    for first in range(LINES - 2):
        swapped = [*lines[:first], lines[first + 1], lines[first], *lines[first + 2 :]]
        assert {first + 1, first + 2} <= set(named(log, whole(swapped)))


def test_a_log_that_was_emptied_or_removed_is_found(log: Path) -> None:
    assert named(log, b"") == [1]
    log.unlink()
    with pytest.raises(ConfigInvalid, match="entries 1 to 20 are missing"):
        examine(log)


def test_a_last_line_that_was_written_anew_with_its_chain_is_found(log: Path, lines: list[bytes]) -> None:
    forged = line_of(
        entry("rows_excluded", LINES).model_copy(update={"prev": hash_of_line(lines[-2])})
    ).encode()

    assert not chain_only(whole([*lines[:-1], forged]))
    assert named(log, whole([*lines[:-1], forged])) == [LINES]


def test_a_head_file_that_was_changed_is_found_itself(log: Path) -> None:
    head = head_path(log)
    written = head.read_bytes()
    for place in range(len(written)):
        head.write_bytes(written[:place] + bytes([written[place] ^ 1]) + written[place + 1 :])
        with pytest.raises(ConfigInvalid) as found:
            examine(log)
        assert "decisions.head" in str(found.value)


def test_a_log_without_a_head_file_is_read_whole(log: Path, lines: list[bytes]) -> None:
    head_path(log).unlink()

    kept = examine(log)

    assert (len(kept.entries), kept.is_committed, kept.unfinished) == (LINES, False, b"")


@pytest.mark.parametrize("beyond", [b"{", b'{"torn":', b"\n", b'{"whole":1}\n'])
def test_what_lies_past_the_head_is_not_read_and_is_not_a_fault(
    log: Path, lines: list[bytes], beyond: bytes
) -> None:
    log.write_bytes(whole(lines) + beyond)

    kept = examine(log)

    assert (len(kept.entries), kept.unfinished) == (LINES, beyond)


def test_an_edit_is_found_as_well_where_unfinished_bytes_lie_past_it(log: Path, lines: list[bytes]) -> None:
    edited = [lines[0], lines[1].replace(b"stays behind", b"comes, along"), *lines[2:]]

    assert named(log, whole(edited) + b'{"torn":') == [2]
