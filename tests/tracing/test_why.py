"""Every kind of absence and every fate, asked for by key and answered from the published wave."""

import json
import re
import shutil

import duckdb
import pytest

from aformity_pipelines.domain.fates import Reason
from aformity_pipelines.domain.tokens import token_of
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.outputs import StageMissing
from aformity_pipelines.stages.why import open_sources, why
from aformity_pipelines.tracing.answer import Answer, Outcome, StepKind
from aformity_pipelines.tracing.why import trace
from aformity_pipelines.tracing.words import day
from tests.tracing import acme

pytestmark = pytest.mark.slow


def step(answer: Answer, kind: StepKind):
    (found,) = [each for each in answer.steps if each.kind is kind]
    return found


FIELDS = [
    # entity, key, field, outcome, words of the sentence
    ("account", "1", "website", Outcome.NOT_MAPPED, "nothing in the delivered files is mapped to it"),
    ("account", "p-7", "city", Outcome.NEVER_DELIVERED, "nothing in partners.csv is mapped to it; it only comes with crm.csv"),
    ("account", "2", "owner", Outcome.DELIVERED_BLANK, "because it was delivered blank. This is known"),
    ("account", "2", "phone", Outcome.BLANK_WORD, '"n/a" was delivered, which stands for nothing entered'),
    ("account", "2", "city", Outcome.BLANK_WORD, '"-" was delivered, which stands for nothing entered'),
    ("account", "9", "phone", Outcome.CLEARED_BY_RULE, '"call us" was delivered, and its rule leaves nothing (keep digits)'),
    ("account", "5", "country", Outcome.CLEARED_BY_VALUE_MAP, 'left blank on purpose (noted: "a region"): Reps are members (Hanna Vogt, 2 November 2026)'),
    ("account", "18", "city", Outcome.CLEARED_BY_CORRECTION, "Nowhere is no city (Hanna Vogt, 2 November 2026)"),
    ("account", "6", "country", Outcome.UNREADABLE, '"Narnia" was delivered, which is none of the values that the product knows (249 in all)'),
    ("contact", "6", "job_title", Outcome.UNREADABLE, "not found in the list that it is looked up in"),
    ("account", "3", "parent_account", Outcome.LINK_WAITS, "it points to account 4, which launches with wave 2"),
    ("account", "7", "parent_account", Outcome.LINK_MERGED, "nothing can point to itself"),
    ("contact", "5", "email", Outcome.HELD, "the contact is held back by a rule"),
    ("account", "4", "city", Outcome.NOT_EXPORTED, "the account launches with wave 2 on 12 January 2027"),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "key", "field", "outcome", "words"), FIELDS)
def test_a_field_without_a_value_says_which_kind_of_absence_it_is(ask, entity, key, field, outcome, words):
    answer = ask(entity, key, field)

    assert (answer.outcome, answer.faults) == (outcome, ())
    assert words in answer.headline
    assert answer.value is None or outcome in (Outcome.HELD, Outcome.NOT_EXPORTED)


RECORDS = [
    # entity, asked, fate, reason, words of the sentence
    ("account", "1", "exported", "ready", "Account 1 goes into the product with wave 1 (exported; nobody has said yet that it was loaded)."),
    ("account", "8", "merged", "decision", "merged into account 7: Both are Eta (Hanna Vogt, 2 November 2026)"),
    ("account", "10", "excluded", "decision", "is not brought over: Iota stays behind (Hanna Vogt, 2 November 2026). It is closed."),
    ("account", "crm:19", "excluded", "mapping", "is not brought over: Test companies are nobody."),
    ("account", "4", "deferred", "wave", "Account 4 launches with wave 2 on 12 January 2027: Closed companies."),
    ("account", "11", "deferred", "decision", "waits for wave 2 on 12 January 2027: Kappa comes later"),
    ("contact", "2", "deferred", "parent", "Contact 2 waits with its account 4, which launches with wave 2"),
    ("account", "12", "unresolved", "rule", "(Every account needs a name); Hanna Vogt settles it by 7 November 2026."),
    ("account", "13", "unresolved", "rule", "Hanna Vogt settles it by 24 November 2026: Hanna asks Mu"),
    ("contact", "3", "unresolved", "parent", "Contact 3 is held back with its account 12, which is held back by a rule"),
    ("account", "crm:15", "unresolved", "partner", "with the row that it is merged with (crm.csv, row 17), which is held back"),
    ("subscription", "S1", "unresolved", "gate", "is held back together with all subscriptions: The plan of every subscription must be"),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "asked", "fate", "reason", "words"), RECORDS)
def test_a_record_says_where_it_ended_and_what_settled_it(ask, entity, asked, fate, reason, words):
    answer = ask(entity, asked)

    assert (answer.fate, answer.reason) == (fate, reason)
    assert words in answer.headline


def test_a_role_cites_the_decision_behind_its_value_map(ask):
    answer = ask("user", "jo@acme.example", "role")

    assert answer.headline == (
        'The role of user jo@acme.example is "member", because "Rep" was delivered, and'
        ' "Rep" becomes "member", as decided: Reps are members (Hanna Vogt, 2 November 2026).'
    )
    assert answer.decisions == ("D-001",)


def test_a_sentence_for_customers_holds_no_place_no_id_and_no_name_of_a_rule(ask):
    asked = [(entity, key, field) for entity, key, field, *_ in FIELDS]
    asked += [(entity, key, None) for entity, key, *_ in RECORDS if key != "crm:15"]
    headlines = [ask(*each).headline for each in asked]

    jargon = re.compile(r"D-\d{3}|@[0-9a-f]{8}|#\d|wave_\d|keep_|value map|\.yaml|column [A-Z]|\.csv, row")
    found = [each for each in headlines if jargon.search(each.replace("crm.csv, row 19", ""))]
    assert found == []


def test_a_value_that_nobody_changed_says_who_approved_that(ask):
    answer = ask("user", "jo@acme.example", "full_name")

    assert answer.headline == (
        'The full name of user jo@acme.example is "Jo", because that is what was delivered; nothing was changed,'
        " as approved by Hanna Vogt on 2 November 2026."
    )
    assert answer.decisions == ("D-001",)


@pytest.mark.parametrize("asked", ["7", "8"])
def test_a_merged_record_says_of_every_field_in_which_its_rows_disagree_which_value_won(ask, asked):
    steps = [each for each in ask("account", asked).steps if each.kind is StepKind.MERGE and each.where]

    assert {each.says.partition(":")[0]: (each.after, each.before) for each in steps} == {
        "External id": ("7", "8"),
        "Name": ("Eta Ltd", "ETA"),
        "Parent account": (None, None),
        "Phone": ("+498", None),
        "City": ("Ulm", "Bonn"),
    }
    (city,) = [each for each in steps if each.says.startswith("City")]
    assert city.says == 'City: the record holds "Ulm", from row 8; row 9 has "Bonn".'
    assert [ref for ref in city.refs if ref.startswith("D-")] == [acme.MERGE]
    assert len(city.where.split("; ")) == 2


def test_a_field_of_a_record_that_was_merged_away_is_said_to_be_the_other_records(ask):
    headline = ask("account", "8", "city").headline

    assert headline.startswith('Account 8 is part of account 7 now, whose city is "Ulm"')


def test_a_record_names_every_row_that_it_was_delivered_in(ask):
    delivered = [each for each in ask("account", "8").steps if each.kind is StepKind.DELIVERED]

    assert [each.where for each in delivered] == ["crm.csv, row 9", "crm.csv, row 8"]


def test_each_step_of_a_rule_is_shown_with_the_exact_cell_before_it(ask):
    answer = ask("account", "1", "owner")

    assert step(answer, StepKind.DELIVERED).after == "Jo@acme.example"
    assert (step(answer, StepKind.RULE).before, step(answer, StepKind.RULE).after) == (
        "Jo@acme.example",
        "jo@acme.example",
    )
    assert step(answer, StepKind.EXPORT).after == answer.value == "jo@acme.example"


def test_a_merged_value_says_which_row_gave_it_and_who_agreed(ask):
    answer = ask("account", "7", "phone")

    kept, given = (each for each in answer.steps if each.kind is StepKind.MERGE)
    assert answer.value == "+498"
    assert "the record that remains had none, so it comes from one that was merged into it" in answer.headline
    assert "row 8, the surviving row, has nothing" in kept.says
    assert "Both are Eta (Hanna Vogt, 2 November 2026, D-004)" in kept.says
    assert 'row 9, a merged row, has "+498". This value won.' in given.says


def test_a_link_to_a_merged_record_points_to_the_survivor(ask):
    for entity, key, field in (("account", "9", "parent_account"), ("contact", "4", "account")):
        answer = ask(entity, key, field)

        assert (answer.value, answer.faults) == ("7", ())
        assert "account 8 was merged into 7, so the link points there" in answer.headline
        assert acme.MERGE in answer.decisions


def test_an_accepted_absence_carries_its_decision(ask):
    answer = ask("account", "2", "owner")

    assert "This is known: Owners follow (Hanna Vogt, 2 November 2026)" in answer.headline
    assert acme.OWNERLESS in step(answer, StepKind.ACCEPTED_RISK).refs


def test_open_work_carries_its_owner_and_date_and_is_no_accepted_risk(ask):
    answer = ask("account", "13", "name")

    assert "Hanna Vogt settles it by 24 November 2026" in step(answer, StepKind.UNRESOLVED_WORK).says
    assert acme.FOLLOW_UP in step(answer, StepKind.UNRESOLVED_WORK).refs
    assert not [each for each in answer.steps if each.kind is StepKind.ACCEPTED_RISK]


def test_a_correction_that_took_the_place_of_another_says_so(ask):
    answer = ask("account", "p-8", "lifecycle_stage")

    (correction,) = (each for each in answer.steps if each.kind is StepKind.CORRECTION)
    assert 'to "customer": Quint buys' in correction.says
    assert [each.says for each in answer.steps if each.kind is StepKind.DECISION] == [
        "Decided earlier: Quint has left (Hanna Vogt, 2 November 2026, D-009);"
        " D-010 took its place because They came back."
    ]


def test_of_two_standing_corrections_the_later_one_is_the_cause_and_the_earlier_one_is_named(
    ask_with_two_corrections,
):
    answer = ask_with_two_corrections("account", "p-8", "lifecycle_stage")

    earlier, latest = (each for each in answer.steps if each.kind is StepKind.CORRECTION)
    assert answer.headline == (
        'The lifecycle stage of account p-8 is "customer", because it was corrected: Quint buys'
        " (Hanna Vogt, 2 November 2026)."
    )
    assert 'to "former_customer" no longer counts: Quint has left' in earlier.says
    assert (latest.before, latest.after, latest.refs) == ("partner", "customer", ("D-010",))
    assert answer.faults == ()


def test_a_record_says_which_of_two_standing_corrections_of_a_field_holds(ask_with_two_corrections):
    steps = ask_with_two_corrections("account", "p-8").steps
    corrections = [each.says for each in steps if each.kind is StepKind.CORRECTION]

    assert ["D-010 holds instead" in says for says in corrections] == [True, False]


def test_a_correction_to_a_value_that_the_product_does_not_know_is_what_left_the_field_blank(ask):
    answer = ask("account", "p-9", "lifecycle_stage")

    assert answer.outcome is Outcome.UNREADABLE
    assert (
        'it was corrected to "gold" (Rosso is gold; Hanna Vogt, 2 November 2026), which is none of the values'
        in answer.headline
    )
    assert "delivered blank" not in answer.headline


def test_work_found_at_intake_is_its_sources_and_counts_from_its_delivery(ask):
    answer = ask("user", "temps#2")

    assert answer.fate == "unresolved"
    assert "Hanna Vogt settles it by 5 November 2026" in answer.headline


def test_a_block_rule_that_closes_its_gate_is_open_work_and_no_mere_finding(ask):
    answer = ask("subscription", "S1")

    assert not [each for each in answer.steps if each.kind is StepKind.FINDING]
    assert all("settles it by" in e.says for e in answer.steps if e.kind is StepKind.UNRESOLVED_WORK)
    assert [each for each in answer.steps if each.kind is StepKind.UNRESOLVED_WORK]


def test_the_launch_record_and_the_answer_name_the_same_owner_and_day(workspace, ask):
    run = acme.opened(workspace)
    work = {each.rule: each for each in launch_record(run).unresolved if each.id == each.rule}

    for entity, asked, rule in (
        ("user", "temps#2", "temps.key.unique"),
        ("account", "12", "account.name.required"),
    ):
        expected = f"{work[rule].owner.name} settles it by {day(work[rule].due)}"
        assert expected in ask(entity, asked).headline


def test_a_looked_up_value_shows_the_code_and_what_it_stands_for(ask):
    answer = ask("contact", "1", "job_title")

    assert (answer.value, step(answer, StepKind.RULE).before) == ("Chief", "C")


@pytest.mark.parametrize("asked", ["8", "crm:8", "crm#9", "crm@{id}#0000009"])
def test_a_row_is_found_by_its_own_key_its_row_key_its_number_and_its_id(ask, asked):
    row_id = ask("account", "1").rows[0]
    prefix = row_id.partition("@")[2].partition("#")[0]

    answer = ask("account", asked.format(id=prefix))

    assert answer.outcome is Outcome.MERGED
    assert [row.partition("#")[2] for row in answer.rows] == ["0000008", "0000009"]


def test_a_bare_number_is_a_row_of_the_only_source(ask):
    assert ask("contact", "7").rows[0].endswith("#0000007")


def test_a_bare_number_that_is_a_row_of_two_sources_is_asked_back(ask):
    answer = ask("user", "2")

    assert answer.headline == "2 is a row of each of staff and temps; did you mean staff#2 or temps#2?"
    assert (answer.outcome, answer.near) == (Outcome.NOT_FOUND, ("staff#2", "temps#2"))


def test_a_bare_number_that_only_one_of_two_sources_has_is_that_row(ask):
    assert ask("user", "3").rows[0].startswith("temps@")


def test_a_token_of_the_report_finds_the_record_that_it_stands_for(workspace, ask):
    key = acme.opened(workspace).digest_key()
    token = str(token_of(key, "user.email", "jo@acme.example"))

    answer = ask("user", token, "role")

    assert (answer.key, answer.value, answer.asked) == ("jo@acme.example", "member", token)
    assert not ask("user", f"{token[:-1]}{'0' if token[-1] != '0' else '1'}").is_found


def test_a_key_of_the_customers_own_system_finds_the_row(ask):
    assert ask("account", "partners:7").key == ask("account", "p-7").key == "p-7"
    assert ask("account", "7").key == "7"


def test_what_is_not_there_comes_with_what_looks_like_it(ask):
    assert ask("user", "jon@acme.example").near == ("jo@acme.example",)
    assert ask("account", "1", "ownr").near == ("owner",)
    assert ask("acount", "1").near[0] == "account"
    assert not ask("account", "nobody-at-all").is_found


def test_what_went_live_before_is_answered_with_what_the_product_shows(ask):
    answer = ask("account", "1", "owner", wave="wave_2")

    assert (answer.wave, answer.reason, answer.value) == ("wave_2", Reason.LIVE, "jo@acme.example")
    assert answer.live_since.startswith("wave_1/v")
    assert ask("account", "4", wave="wave_2").wave == "wave_2"


def test_an_answer_survives_json(ask):
    answer = ask("account", "7", "phone")

    assert Answer.model_validate(json.loads(answer.model_dump_json())) == answer


def test_no_field_of_any_row_disagrees_with_its_replay(workspace):
    sources = open_sources(acme.opened(workspace))
    for entity, row in sources.query("select entity, row_id from {ledger}"):
        for field in sources.migration.destination.entities[entity].fields:
            assert trace(sources, entity, row, field).faults == ()


def test_a_published_value_that_the_replay_does_not_give_is_a_fault(workspace, tmp_path):
    run = acme.opened(workspace)
    shutil.copytree(workspace.root, tmp_path / "copy")
    copied = acme.opened(type(workspace)(root=tmp_path / "copy", storage=tmp_path / "copy/storage"))
    (file,) = open_sources(run).exports["account"]
    forged = tmp_path / "copy" / file.relative_to(workspace.root)
    duckdb.execute(f"copy (select * replace ('Munich' as city) from '{file}') to '{forged}' (format parquet)")

    answer = why(copied, "account", "1", "city")

    assert answer.outcome is Outcome.FAULT
    assert 'the published file holds "Munich", the replay gives "Berlin"' in answer.faults[0]
    assert why(run, "account", "1", "city").faults == ()


def test_decisions_recorded_since_are_named_and_change_nothing(workspace):
    run = acme.opened(workspace)
    later = run.migration.log[-1].model_copy(update={"id": "D-099", "seq": 99})
    migration = acme.with_log(run, (*run.migration.log, later))

    answer = why(migration, "account", "2", "owner")

    assert "Recorded since this version was published: D-099" in answer.notices[0]
    assert "D-099" not in answer.decisions


def test_a_wave_that_was_never_exported_says_so(tmp_path):
    workspace = acme.project(tmp_path)

    with pytest.raises(StageMissing, match="wave_1 of acme has not been exported"):
        why(acme.opened(workspace), "account", "1")
