"""Every version that was ever published is a witness of the log: what it was made with has to be there still."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.config.decision_log import read_log
from aformity_pipelines.config.log_head import LogCommit, head_path
from aformity_pipelines.config.log_lines import hash_of_line, line_of
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.decisions import ENTRY
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.review.append import append_all
from aformity_pipelines.stages.log_verified import verified
from tests.builders.decisions import INA, coverage

EXCLUDED: dict[str, Any] = {
    "kind": "rows_excluded", "on": "2026-11-20", "by": INA, "how_known": "A call.", "says": "They stay behind.",
    "why": "She asked for it.", "covers": coverage("crm:1"),
}  # fmt: skip
SLUG = "tiny"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Five decisions; wave 1 was exported after two and, again, after four; a handoff was made after three."""
    workspace = Workspace(root=tmp_path, storage=tmp_path / "storage")
    for number in range(1, 6):
        append_all(workspace.log(SLUG), [EXCLUDED])
        _, head = read_log(workspace.log(SLUG))
        end = {"seq": head.seq, "sha256": head.sha256}
        if number in (2, 4):
            version = workspace.published(SLUG, "wave_1") / f"v000{number // 2}-1a2b3c4d"
            put(version / "manifest.json", {"log_seq": head.seq, "log_sha256": head.sha256})
        if number == 3:
            put(workspace.handoff(SLUG, "wave_2") / "2026-11-20-ab" / "launch_record.json", {"log": end})
    return workspace


def put(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document), encoding="utf-8")


def cut(workspace: Workspace, left: int) -> None:
    """Cut log and head file together, as somebody would who knows both."""
    log = workspace.log(SLUG)
    lines = log.read_bytes().splitlines(keepends=True)[:left]
    write(log, b"".join(lines))


def write(log: Path, content: bytes) -> None:
    log.write_bytes(content)
    lines = content.splitlines()
    commit = LogCommit(
        seq=len(lines), sha256=hash_of_line(lines[-1]) if lines else "0" * 64, size=len(content)
    )
    head_path(log).write_bytes(commit.line())


def says(workspace: Workspace) -> list[str]:
    return [each.headline().split(";")[0] for each in verified(workspace, SLUG).problems]


def test_a_whole_log_says_what_was_checked(workspace: Workspace) -> None:
    found = verified(workspace, SLUG)

    assert (found.problems, found.notices) == ((), ())
    assert [(each.name, each.head.seq) for each in found.witnesses] == [
        ("export wave_1 v0001-1a2b3c4d", 2),
        ("handoff wave_2 2026-11-20-ab", 3),
        ("export wave_1 v0002-1a2b3c4d", 4),
    ]


def test_what_was_cut_after_the_last_version_only_the_head_file_knows(workspace: Workspace) -> None:
    cut(workspace, 4)

    assert says(workspace) == []


def test_a_tail_that_was_cut_with_its_head_file_is_found_by_the_versions(workspace: Workspace) -> None:
    cut(workspace, 3)

    assert says(workspace) == [
        "customers/tiny/decisions.jsonl:4: export wave_1 v0002-1a2b3c4d was made with 4 decisions, and line 4 is gone"
    ]


def test_versions_that_are_not_current_and_handoffs_count_as_well(workspace: Workspace) -> None:
    cut(workspace, 1)
    shutil.rmtree(workspace.published(SLUG, "wave_1") / "v0002-1a2b3c4d")

    assert says(workspace) == [
        "customers/tiny/decisions.jsonl:2: export wave_1 v0001-1a2b3c4d was made with 2 decisions, and line 2 is gone",
        "customers/tiny/decisions.jsonl:2: handoff wave_2 2026-11-20-ab was made with 3 decisions,"
        " and lines 2 to 3 are gone",
    ]


def test_a_log_that_was_chained_anew_is_found_between_the_versions_that_fit_and_those_that_do_not(
    workspace: Workspace,
) -> None:
    forged, prev = [], "0" * 64
    for entry in read_log(workspace.log(SLUG))[0]:
        why = "She never asked." if entry.seq == 3 else entry.why
        line = line_of(ENTRY.validate_python(entry.model_dump() | {"why": why, "prev": prev}))
        prev = hash_of_line(line.encode())
        forged.append(f"{line}\n")
    write(workspace.log(SLUG), "".join(forged).encode())

    assert says(workspace) == [
        "customers/tiny/decisions.jsonl:3: handoff wave_2 2026-11-20-ab was made with 3 decisions,"
        " and line 3 is not as written then",
        "customers/tiny/decisions.jsonl:4: export wave_1 v0002-1a2b3c4d was made with 4 decisions,"
        " and lines 3 to 4 are not as written then",
    ]


def test_a_version_that_says_nothing_of_the_log_is_named(workspace: Workspace) -> None:
    (workspace.published(SLUG, "wave_1") / "v0001-1a2b3c4d" / "manifest.json").write_text(
        "{}", encoding="utf-8"
    )

    (problem,) = verified(workspace, SLUG).problems

    assert problem.path == "customers/tiny/published/wave_1/v0001-1a2b3c4d/manifest.json"
    assert "does not say what decisions" in problem.says


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_coverage_file_that_a_decision_names_is_looked_at(workspace: Workspace, damage: str) -> None:
    append_all(workspace.log(SLUG), [{**EXCLUDED, "covers": coverage(*(f"crm:{n}" for n in range(300)))}])
    assert (verified(workspace, SLUG).problems, verified(workspace, SLUG).coverage_files) == ((), 1)

    (path,) = workspace.coverage(SLUG).iterdir()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"\n")

    (found,) = says(workspace)
    assert found.startswith(f"customers/tiny/coverage/{path.name}: this file ")
    assert damage in found
    assert "D-006" in found


def test_bytes_past_the_end_are_told_and_are_no_problem(workspace: Workspace) -> None:
    with workspace.log(SLUG).open("ab") as opened:
        opened.write(b'{"by":')

    found = verified(workspace, SLUG)
    append_all(workspace.log(SLUG), [EXCLUDED])
    after = verified(workspace, SLUG)

    assert found.problems == after.problems == ()
    assert "6 bytes past the end" in found.notices[0]
    assert "1 unfinished append was laid aside in customers/tiny/unfinished" in after.notices[0]


def test_an_edited_line_is_named_without_loading_anything_else(workspace: Workspace) -> None:
    log = workspace.log(SLUG)
    log.write_bytes(log.read_bytes().replace(b"She asked", b"He asked!", 1))

    (problem,) = verified(workspace, SLUG).problems

    assert (problem.line, "restore decisions.jsonl as it was" in problem.do) == (1, True)


def test_nothing_can_be_appended_to_a_log_that_was_edited(workspace: Workspace) -> None:
    log = workspace.log(SLUG)
    edited = log.read_bytes().replace(b"She asked", b"He asked!", 1)
    log.write_bytes(edited)

    with pytest.raises(ConfigInvalid, match="nothing is exported until then"):
        append_all(log, [EXCLUDED])

    assert log.read_bytes() == edited
