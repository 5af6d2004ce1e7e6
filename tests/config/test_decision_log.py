"""The log is read line by line, and any edit is found and named."""

import json
from datetime import date
from pathlib import Path

import pytest

from aformity_pipelines.config.decision_log import hash_of_line, line_of, read_log, unfit
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.coverage import CoveredRow, MappingCoverage, RowCoverage
from aformity_pipelines.domain.customer import Person, Side
from aformity_pipelines.domain.decisions import (
    Entry,
    FollowUpClosed,
    FollowUpOpened,
    MappingApproved,
    RowsExcluded,
)

DANA = Person(name="Dana Müller", role="CRM owner", side=Side.CUSTOMER)
ROWS = RowCoverage(subject="contact", fields=("email",), rows=(CoveredRow(key="people:1", digest="a" * 64),))
FIELDS = MappingCoverage(entity="contact", fields={"people/main/email": "b" * 64})
SAID = {
    "on": date(2026, 11, 3),
    "by": DANA,
    "how_known": "signed field map",
    "says": "As agreed.",
    "why": "It fits.",
}
ZEROS = "0" * 64
KINDS = {
    "map": (MappingApproved, {"covers": FIELDS}),
    "exclude": (RowsExcluded, {"covers": ROWS}),
    "open": (FollowUpOpened, {"covers": ROWS, "owner": DANA, "due": date(2026, 11, 20)}),
    "close": (FollowUpClosed, {}),
}


def log_of(*kinds: tuple[str, dict]) -> list[str]:
    """Return the lines of a log; each kind with what differs from the next regular entry."""
    lines: list[str] = []
    for seq, (kind, changes) in enumerate(kinds, start=1):
        prev = hash_of_line(lines[-1].encode()) if lines else ZEROS
        model, own = KINDS[kind]
        entry: Entry = model(**{"seq": seq, "prev": prev, "id": f"D-{seq:03}", **SAID, **own, **changes})
        lines.append(line_of(entry))
    return lines


def problems_in(tmp_path: Path, content: bytes | list[str]) -> list[str]:
    path = tmp_path / "customers" / "acme" / "decisions.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(
        content if isinstance(content, bytes) else "".join(f"{line}\n" for line in content).encode()
    )
    with pytest.raises(ConfigInvalid) as caught:
        read_log(path)
    return [
        problem.headline().removeprefix("customers/acme/decisions.jsonl:")
        for problem in caught.value.problems
    ]


def test_a_missing_log_is_empty(tmp_path: Path) -> None:
    entries, head = read_log(tmp_path / "decisions.jsonl")

    assert (entries, head.seq, head.sha256) == ((), 0, ZEROS)


def test_a_whole_log_is_read_back_as_written(tmp_path: Path) -> None:
    lines = log_of(
        ("map", {}),
        ("open", {}),
        ("close", {"closes": "D-002"}),
        ("exclude", {"supersedes": None, "supersedes_because": None}),
    )
    path = tmp_path / "decisions.jsonl"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())

    entries, head = read_log(path)

    assert [line_of(entry) for entry in entries] == lines
    assert (head.seq, head.sha256) == (4, hash_of_line(lines[-1].encode()))


def test_a_line_is_sorted_without_spaces_or_blanks_left_out_and_in_plain_letters() -> None:
    (line,) = log_of(("map", {}))

    assert line == json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "Müller" in line
    assert "supersedes" not in line


def test_an_edited_line_is_named_itself(tmp_path: Path) -> None:
    lines = log_of(("map", {}), ("exclude", {}), ("exclude", {}))
    lines[1] = lines[1].replace("As agreed.", "As I like.")

    assert problems_in(tmp_path, lines) == [
        "2: the line was changed after it was written, or `prev` of the next one was; restore decisions.jsonl as it"
        " was from your version control or a backup: the log only grows; nothing is exported until then"
    ]


def test_a_removed_line_is_found(tmp_path: Path) -> None:
    lines = log_of(("map", {}), ("exclude", {}), ("exclude", {}))

    (found,) = problems_in(tmp_path, [lines[0], lines[2]])

    assert found.startswith("2: this is entry 3: entry 2 is missing before it")


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ([("map", {}), ("map", {"id": "D-001"})], "2: id D-001 is already on line 1"),
        (
            [("map", {"supersedes": "D-009", "supersedes_because": "It was a slip."})],
            "1: supersedes names D-009, which no earlier line has",
        ),
        (
            [("map", {}), ("exclude", {"supersedes": "D-001", "supersedes_because": "It was a slip."})],
            "2: supersedes names D-001, a mapping_approved",
        ),
        ([("exclude", {}), ("close", {"closes": "D-001"})], "2: closes names D-001, a rows_excluded"),
        ([("map", {"prev": "1" * 64})], "1: `prev` is not 64 zeros, as that of a first line is"),
    ],
)
def test_ids_resolve_to_earlier_entries_of_the_right_kind(tmp_path: Path, kinds: list, message: str) -> None:
    (found,) = problems_in(tmp_path, log_of(*kinds))

    assert found.startswith(message)


def test_a_log_in_which_two_entries_name_the_same_earlier_one_is_read(tmp_path: Path) -> None:
    lines = log_of(("open", {}), ("close", {"closes": "D-001"}), ("close", {"closes": "D-001"}))
    path = tmp_path / "decisions.jsonl"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())

    entries, _ = read_log(path)

    assert unfit(entries[:2], entries[2]) == ()
    assert [entry.id for entry in entries] == ["D-001", "D-002", "D-003"]


def test_a_broken_line_names_its_field(tmp_path: Path) -> None:
    (line,) = log_of(("open", {}))

    (found,) = problems_in(tmp_path, [line.replace('"due":"2026-11-20"', '"due":"soon"')])

    assert found.startswith("1: due: Input should be a valid date")


def test_unresolved_work_without_an_owner_cannot_be_read(tmp_path: Path) -> None:
    (line,) = log_of(("open", {}))
    content = json.loads(line)
    del content["owner"]

    (found,) = problems_in(tmp_path, [json.dumps(content)])

    assert found.startswith("1: owner: Field required")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line + b" \n", "1: this line is not in canonical form"),
        (lambda line: line, "1: the last line has no line end; complete or remove the line"),
        (lambda line: line + b"\n\n", "2: this line is not one JSON object"),
        (
            lambda line: line.replace(b'"seq":1', b'"seq":1,"seq":1') + b"\n",
            "1: this line is not one JSON object: key",
        ),
        (lambda line: line + b"\xff\n", "1: this line is not one JSON object: 'utf-8' codec"),
        (
            lambda line: line.replace(b'{"by"', b'{"a":NaN,"by"') + b"\n",
            "1: this line is not one JSON object: NaN",
        ),
    ],
)
def test_a_line_has_exactly_one_form(tmp_path: Path, change, message: str) -> None:
    (line,) = log_of(("map", {}))

    (found,) = problems_in(tmp_path, change(line.encode()))

    assert found.startswith(message)
