"""What a change would move, tried out on a tiny customer that was published once."""

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.effect import Effect
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.files.lock import LockHeld
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.refusing import DraftRefused
from aformity_pipelines.stages.whatif.shadow import shadow_place
from aformity_pipelines.stages.whatif.what_if import Change, what_if
from tests.builders.product import current, load
from tests.builders.two_sources import (
    ACCOUNT,
    COMPANIES,
    CONTACT,
    DEFS,
    PEOPLE,
    SLUG,
    a_run,
    as_yaml,
    decide,
    deliver,
    project,
    run_all,
)

pytestmark = pytest.mark.slow

WORDS = {"by": "ina", "how_known": "A call.", "says": "As agreed.", "why": "Ina said so."}


def draft(**particular: Any) -> Draft:
    return Draft.model_validate(WORDS | particular)


def effect(workspace: Workspace, *drafts: Draft, wave: str = "wave_1", **files: bytes) -> Effect:
    """`files` names a file of the customer's folder as `mapping__account_yaml`."""
    replace = {name.replace("__", "/").replace("_yaml", ".yaml"): text for name, text in files.items()}
    return what_if(a_run(workspace, wave), Change(drafts=drafts, replace=replace))


def rows(key: str, subject: str, fields: str) -> dict[str, Any]:
    return {"subject": subject, "fields": fields, "rows": key}


def fates(found: Effect) -> set[tuple[str, Any, Any, int]]:
    return {(move.entity, move.before, move.after, move.rows) for move in found.fates}


CORRECTED = {
    "kind": "value_corrected",
    "field": "email",
    "value": "kim@dell.example",
    "covers": rows("people:p3", "contact", "email"),
}
EXCLUDED = {"kind": "rows_excluded", "covers": rows("people:p4", "contact", "full_name")}


def test_a_correction_moves_its_cell_releases_its_row_and_lets_it_leave(published_once: Workspace) -> None:
    found = effect(published_once, draft(**CORRECTED))

    (cell,) = found.cells
    (example,) = cell.examples
    assert (cell.entity, cell.field, cell.rows) == ("contact", "email", 1)
    assert (example.before, example.after) == ("kim(at)dell", "kim@dell.example")
    assert [(rule.rule, rule.released) for rule in found.rules] == [("contact.email.format", (example.row,))]
    assert fates(found) == {("contact", Fate.UNRESOLVED, Fate.EXPORTED, 1)}


def test_an_exclusion_moves_its_row_and_changes_no_value(published_once: Workspace) -> None:
    found = effect(published_once, draft(**EXCLUDED))

    assert fates(found) == {("contact", Fate.EXPORTED, Fate.EXCLUDED, 1)}
    assert not found.cells
    assert not found.gates


def test_a_deferral_moves_its_row_to_another_wave(published_once: Workspace) -> None:
    covers = rows("people:p4", "contact", "full_name")

    found = effect(published_once, draft(kind="rows_deferred", until_wave="wave_2", covers=covers))

    assert [(move.entity, move.before, move.after, move.rows) for move in found.waves] == [
        ("contact", "wave_1", "wave_2", 1)
    ]
    assert fates(found) == {("contact", Fate.EXPORTED, Fate.DEFERRED, 1)}


def test_a_row_that_is_excluded_is_not_called_released(published_once: Workspace) -> None:
    covers = rows("people:p3", "contact", "email")

    found = effect(published_once, draft(kind="rows_excluded", covers=covers))

    assert [(rule.rule, rule.failing_after, rule.released) for rule in found.rules] == [
        ("contact.email.format", 0, ())
    ]


def test_rules_that_judge_live_rows_no_more_are_told_in_a_note_and_not_as_passed(
    published_once: Workspace,
) -> None:
    same = PEOPLE.replace("lou@bolt.example", "jo@acme.example")
    deliver(published_once, {"people_2.csv": same})
    run_all(published_once)
    covers = {"subject": "contact", "rule": "contact.email.shared", "rows": "all"}
    decide(published_once, kind="risk_accepted", evidence=["E-mail."], covers=covers)
    run_all(published_once)

    found = effect(published_once, draft(kind="export_loaded", wave="wave_1"))

    assert "contact.email.shared" not in {move.rule for move in found.rules}
    (note,) = (note for note in found.notes if note.startswith("contact.email.shared: "))
    assert "2 rows of contact that break it today would be in the product and judged no more" in note


def test_a_row_that_comes_back_to_a_loaded_wave_is_said_to_go_with_the_next_export(
    published_once: Workspace,
) -> None:
    covers = rows("people:p4", "contact", "full_name")
    decide(published_once, kind="rows_deferred", until_wave="wave_2", covers=covers)
    run_all(published_once)
    back = draft(kind="decision_withdrawn", withdraws="D-002")
    assert [(move.before, move.after) for move in effect(published_once, back).waves] == [
        ("wave_2", "wave_1")
    ]

    load(published_once)
    run_all(published_once)
    found = effect(published_once, back)

    assert found.waves == ()
    (note,) = (note for note in found.notes if "wave_1 is loaded already" in note)
    assert note.startswith("1 row of contact would belong to wave_1 instead of wave_2; ")


NAMELESS = COMPANIES + ",Nobody,live,,\n"


def test_a_closed_gate_opens_with_what_lies_behind_it(published_once: Workspace) -> None:
    deliver(published_once, {"companies_2.csv": NAMELESS})
    run_all(published_once)
    excluded = draft(
        kind="rows_excluded",
        covers={"subject": "account", "rule": "account.external_id.required", "rows": "all"},
    )

    found = effect(published_once, excluded)

    assert {(gate.gate, gate.subject, gate.opens) for gate in found.gates} == {
        ("mapped", "account", True),
        *(("transformed", entity, True) for entity in ("account", "contact")),
        *(("export", entity, True) for entity in ("account", "contact")),
    }
    assert ("account", Fate.UNRESOLVED, Fate.EXCLUDED, 1) in fates(found)
    stands = {rule.rule: (rule.standing_before, rule.standing_after) for rule in found.rules}
    assert stands["account.external_id.required"] == ("blocked", "passed")


def test_a_delivery_that_breaks_a_rule_would_close_its_gate_and_say_why(published_once: Workspace) -> None:
    found = what_if(a_run(published_once), Change(replace={"intake/companies_2.csv": NAMELESS.encode()}))

    closing = next(gate for gate in found.gates if (gate.gate, gate.subject) == ("mapped", "account"))
    behind = next(gate for gate in found.gates if (gate.gate, gate.subject) == ("transformed", "contact"))
    assert (closing.opens, behind.opens) == (False, False)
    assert "account.external_id.required: 1 of 1 failing row undecided" in closing.because
    assert behind.because == "a gate or a delivery before it would stop it"
    assert found.notes == ("intake/companies_2.csv is not there today; it would be new",)


def test_a_row_that_is_delivered_again_is_the_same_row(published_once: Workspace) -> None:
    again = PEOPLE.replace("lou@bolt.example", "lou@bolt.test").encode()

    found = what_if(a_run(published_once), Change(replace={"intake/people_2.csv": again}))

    (cell,) = found.cells
    assert [(each.before, each.after) for each in cell.examples] == [("lou@bolt.example", "lou@bolt.test")]
    assert not found.fates


def test_a_changed_mapping_moves_the_values_of_its_field(published_once: Workspace) -> None:
    fields = ACCOUNT["reads"][0]["fields"]
    upper = {**fields, "name": {"from": "Name", "rule": "upper"}}
    changed = {**ACCOUNT, "reads": [{**ACCOUNT["reads"][0], "fields": upper}]}

    found = effect(published_once, mapping__account_yaml=as_yaml(changed).encode())

    (cell,) = found.cells
    assert (cell.entity, cell.field, cell.rows) == ("account", "name", 5)
    assert len(cell.examples) == 3
    assert not found.fates


def test_a_changed_mapping_moves_its_approval(published_once: Workspace) -> None:
    decide(published_once, kind="mapping_approved", covers={"entity": "account", "fields": "all"})
    run_all(published_once)
    fields = ACCOUNT["reads"][0]["fields"]
    upper = {**fields, "name": {"from": "Name", "rule": "upper"}}
    changed = {**ACCOUNT, "reads": [{**ACCOUNT["reads"][0], "fields": upper}]}

    found = effect(published_once, mapping__account_yaml=as_yaml(changed).encode())

    assert [(move.name, move.before, move.after) for move in found.approvals] == [
        ("companies/main/name", "approved", "approval is stale")
    ]


def test_a_value_map_line_moves_the_values_that_it_translates(published_once: Workspace) -> None:
    fields = {**ACCOUNT["reads"][0]["fields"], "lifecycle_stage": {"from": "Status", "values": "stage"}}
    mapped = {**ACCOUNT, "reads": [{**ACCOUNT["reads"][0], "fields": fields}]}
    home = published_once.customer(SLUG)
    (home / "mapping" / "account.yaml").write_text(as_yaml(mapped), encoding="utf-8")
    (home / "values").mkdir()
    lines = "source,target,decision,note\nlive,customer,,\nlead,prospect,,\n"
    (home / "values" / "stage.csv").write_text(lines, encoding="utf-8")
    run_all(published_once)
    replaced = lines.replace("live,customer", "live,paused").encode()

    found = what_if(a_run(published_once), Change(replace={"values/stage.csv": replaced}))

    (cell,) = found.cells
    assert (cell.field, cell.rows, cell.examples[0].before, cell.examples[0].after) == (
        "lifecycle_stage",
        4,
        "customer",
        "paused",
    )


def test_withdrawing_a_merge_splits_its_record_again(published_once: Workspace) -> None:
    found = effect(published_once, draft(kind="decision_withdrawn", withdraws="D-001"))

    assert ("account", Fate.MERGED, Fate.EXPORTED, 1) in fates(found) or (
        "account",
        Fate.MERGED,
        Fate.UNRESOLVED,
        1,
    ) in fates(found)
    assert ("D-001", "ended") in {(move.decision, move.after) for move in found.decisions}


def test_two_rows_that_swap_fates_are_both_told_although_no_count_changes(published_once: Workspace) -> None:
    decide(published_once, **EXCLUDED)
    run_all(published_once)
    swapped = draft(
        kind="rows_excluded",
        covers=rows("people:p1", "contact", "full_name"),
        supersedes="D-002",
        supersedes_because="It was the other one.",
    )

    found = effect(published_once, swapped)

    moved = fates(found)
    assert moved == {
        ("contact", Fate.EXPORTED, Fate.EXCLUDED, 1),
        ("contact", Fate.EXCLUDED, Fate.EXPORTED, 1),
    }
    left, came = (Counter[Any]() for _ in range(2))
    for entity, before, after, number in moved:
        left[entity, before] += number
        came[entity, after] += number
    assert left == came, "who compares counts of fates sees nothing move"


def test_a_decision_about_a_later_wave_moves_nothing_now(published_once: Workspace) -> None:
    covers = rows("people:p5", "contact", "full_name")
    corrected = draft(kind="value_corrected", field="email", value="max@cask.example", covers=covers)

    assert effect(published_once, corrected).is_nothing


def test_a_loaded_export_is_no_decision_that_could_fail_to_fit(published_once: Workspace) -> None:
    version = current(published_once, "wave_1").name

    found = effect(published_once, draft(kind="export_loaded", wave="wave_1", version=version))

    assert found.decisions == ()


def test_the_change_alone_is_compared_where_todays_stages_have_not_run(published_once: Workspace) -> None:
    deliver(published_once, {"companies_2.csv": COMPANIES.replace("Acme,live", "Acme Inc,live")})

    found = effect(published_once, draft(**EXCLUDED))

    assert [cell.field for cell in found.cells] == []
    assert fates(found) == {("contact", Fate.EXPORTED, Fate.EXCLUDED, 1)}
    assert any("not run on today's files and decisions" in note for note in found.notes)


def test_a_preview_before_anything_has_run_says_so(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project")

    found = what_if(a_run(workspace), Change(replace={"defs.yaml": as_yaml(DEFS).encode()}))

    assert found.is_nothing
    assert "raw_file companies first, have not run" in found.notes[0]


def test_nothing_of_the_customer_is_written(published_once: Workspace) -> None:
    changed = as_yaml(CONTACT).replace("desk-", "front-").encode()
    deliver(published_once, {"people_2.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})
    before = _everything(published_once)

    found = effect(published_once, draft(**EXCLUDED), mapping__contact_yaml=changed)

    assert found.cells
    assert found.fates
    assert _everything(published_once) == before
    assert not any(path.is_dir() for path in published_once.scratch(SLUG).iterdir())


def test_a_change_that_makes_no_sense_is_refused_and_leaves_nothing_behind(published_once: Workspace) -> None:
    before = _everything(published_once)

    with pytest.raises(ConfigInvalid, match=f"customers/{SLUG}/mapping/account.yaml"):
        effect(published_once, mapping__account_yaml=b"entity: account\nreads: nothing\n")
    with pytest.raises(DraftRefused, match="p99"):
        effect(published_once, draft(kind="rows_excluded", covers=rows("people:p99", "contact", "email")))

    assert _everything(published_once) == before
    assert not any(path.is_dir() for path in published_once.scratch(SLUG).iterdir())


@pytest.mark.parametrize(
    "name",
    ["decisions.jsonl", "../other/defs.yaml", "/etc/passwd", "mappings/account.yaml", "mapping/account.yml", "values/.x.csv"],
)  # fmt: skip
def test_a_file_that_no_customer_has_is_not_taken_for_a_change(published_once: Workspace, name: str) -> None:
    with pytest.raises(ConfigInvalid, match="no file of a customer is called so"):
        what_if(a_run(published_once), Change(replace={name: b""}))


def test_two_previews_of_one_customer_do_not_mix(published_once: Workspace) -> None:
    with shadow_place(published_once, SLUG), pytest.raises(LockHeld, match="a preview"):
        effect(published_once, draft(**EXCLUDED))


def test_what_a_killed_preview_left_behind_is_removed(published_once: Workspace) -> None:
    left = published_once.scratch(SLUG) / "whatif" / "before" / "table.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    effect(published_once, draft(**EXCLUDED))

    assert not left.parent.parent.exists()


def _everything(workspace: Workspace) -> dict[str, tuple[int, int, str]]:
    """Return every file but scratch: inode, time and content; a file that is replaced by an equal one is another."""
    scratch = workspace.scratch(SLUG)
    found = {}
    for folder, _, names in os.walk(workspace.root):
        for path in (Path(folder, name) for name in names):
            if not path.is_relative_to(scratch):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                found[str(path)] = (path.stat().st_ino, path.stat().st_mtime_ns, content)
    return found
