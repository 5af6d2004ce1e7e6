"""A gate that cannot run is our error, and a closed gate stays closed for everybody who comes later (promise P7)."""

import pytest

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.quality.errors import GateBroken
from aformity_pipelines.stages import export, mapped, transformed, validated
from aformity_pipelines.stages.deciding import DraftRefused, record
from aformity_pipelines.stages.outputs import GateClosed, StageMissing, folder_of
from tests.builders.two_sources import (
    COMPANIES,
    SLUG,
    a_run,
    decide,
    deliver,
    fates,
    published,
    run_all,
)

pytestmark = pytest.mark.slow


def close_the_mapped_gate(workspace: Workspace) -> None:
    """An account without a number closes its gate: the rule blocks."""
    deliver(workspace, {"companies_2.csv": COMPANIES + ",Nameless,live,,\n"})


def test_a_closed_gate_keeps_back_its_entity_and_those_that_depend_on_it(published_once: Workspace) -> None:
    before = published(published_once)
    close_the_mapped_gate(published_once)

    outcomes = run_all(published_once)

    assert "account.external_id.required" in outcomes["mapped/account"].closed
    assert outcomes["transformed/account"].record is None
    assert outcomes["transformed/contact"].record is None
    assert published(published_once) == before


def test_a_closed_gate_stays_closed_for_later_stages_in_runs_of_their_own(published_once: Workspace) -> None:
    close_the_mapped_gate(published_once)
    run_all(published_once)
    before = published(published_once)

    for _ in range(2):
        with pytest.raises(GateClosed, match="mapped gate of account is closed"):
            mapped.run_mapped(a_run(published_once), "account")
        with pytest.raises(GateClosed, match="mapped gate of account is closed"):
            transformed.run_transformed(a_run(published_once), "account")
        with pytest.raises((GateClosed, StageMissing)):
            transformed.run_transformed(a_run(published_once), "contact")
        package, was_made = export.run_export(a_run(published_once))
        assert package.rows_out == 0
        assert not was_made
    assert published(published_once) == before


def test_a_gate_that_closes_at_intake_keeps_every_reader_back(published_once: Workspace) -> None:
    before = published(published_once)
    deliver(published_once, {"people_2.csv": "No,Mail,Company\np1,jo@acme.example,007\n"})

    outcomes = run_all(published_once)

    closed = outcomes["validated/people"].closed
    assert "column 'Name' is missing" in closed
    with pytest.raises(GateClosed, match="intake gate of people"):
        mapped.run_mapped(a_run(published_once), "contact")
    after = fates(published_once)
    assert published(published_once) != before  # accounts go on; contacts wait
    assert after["account companies#2"][0] == "exported"
    assert after["contact people#2"] == ("unresolved", "gate", "intake gate of people is closed")


def test_opening_a_gate_lets_the_later_stages_go_on(published_once: Workspace) -> None:
    close_the_mapped_gate(published_once)
    run_all(published_once)
    run = a_run(published_once)
    row_id = run.connection.execute(
        f"select row_id from read_parquet('{folder_of(run, 'mapped', 'account')}/table.parquet') where external_id is null"
    ).fetchall()[0][0]
    covers = {"subject": "account", "fields": "name", "rows": row_id}

    decide(published_once, kind="rows_excluded", covers=covers)

    assert not any(outcome.closed for outcome in run_all(published_once).values())
    assert fates(published_once)["account companies#7"] == ("excluded", "decision", "D-002")


def test_a_gate_that_cannot_run_raises_and_nothing_later_runs(
    published_once: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(published_once)
    close_the_mapped_gate(published_once)
    real = mapped.entity_suite

    def misspelled(*asked: object) -> object:
        suite = real(*asked)  # type: ignore[arg-type]
        for each in suite["expectations"]:
            if each["meta"]["rule"] == "account.name.length":
                each["kwargs"]["column"] = "nmae"
        return suite

    monkeypatch.setattr(mapped, "entity_suite", misspelled)
    with pytest.raises(GateBroken, match="nmae"):
        run_all(published_once)
    monkeypatch.undo()

    assert published(published_once) == before
    with pytest.raises((StageMissing, GateClosed)):
        transformed.run_transformed(a_run(published_once), "account")
    with pytest.raises(StageMissing, match="not up to date"):
        export.run_export(a_run(published_once))


def test_a_stage_that_never_ran_is_missing_not_open(published_once: Workspace) -> None:
    run = a_run(published_once, "wave_2")

    with pytest.raises(StageMissing, match="has not run for wave_2; run it first"):
        mapped.run_mapped(run, "account")
    with pytest.raises(StageMissing):
        export.run_export(run)
    assert published(published_once, "wave_2") == ([], None)


def test_changed_rules_ask_for_the_gate_again(published_once: Workspace) -> None:
    """The gate was open under other rules; a later stage alone does not take it for granted."""
    suite = published_once.suites("b2b_saas", "contact") / "mapped.json"
    suite.write_text(suite.read_text().replace('"policy": "report"', '"policy": "block"'))

    with pytest.raises(StageMissing, match=r"mapped contact .* not up to date"):
        export.run_export(a_run(published_once))
    with pytest.raises(GateClosed, match=r"contact\.email\.present"):
        mapped.run_mapped(a_run(published_once), "contact")


def test_an_accepted_row_goes_on_and_one_changed_cell_closes_the_question_again(
    published_once: Workspace,
) -> None:
    covers = {"subject": "contact", "rule": "contact.email.format", "rows": "all"}
    decide(published_once, kind="risk_accepted", covers=covers, evidence="Minutes.")
    run_all(published_once)
    assert fates(published_once)["contact people#4"] == ("exported", "ready", None)

    people = (published_once.intake(SLUG) / "people.csv").read_text()
    deliver(published_once, {"people_2.csv": people.replace("kim(at)dell", "kim at dell")})
    outcomes = run_all(published_once)

    assert fates(published_once)["contact people#4"] == ("unresolved", "rule", "contact.email.format")
    record_ = outcomes["mapped/contact"].record
    assert record_ is not None
    assert record_.verdict is not None
    (rule,) = [each for each in record_.verdict.rules if each.rule == "contact.email.format"]
    assert (rule.accepted, rule.stale) == (0, ("D-002",))


def test_after_one_decision_only_what_depends_on_it_is_made_again(published_once: Workspace) -> None:
    decide(
        published_once,
        kind="value_corrected",
        field="email",
        value="kim@dell.example",
        covers={"subject": "contact", "fields": "email", "rows": "people:p3"},
    )

    made = {step for step, outcome in run_all(published_once).items() if outcome.was_made}

    assert made == {"mapped/contact", "transformed/contact", "export/package", "handoff_report/report"}
    assert fates(published_once)["contact people#4"] == ("exported", "ready", None)


def test_a_second_wave_takes_the_deferred_rows_and_leaves_the_exported_ones(
    published_once: Workspace,
) -> None:
    assert fates(published_once)["account companies#4"] == ("deferred", "wave", "wave_2")
    assert fates(published_once)["contact people#6"][:2] == ("deferred", "parent")

    run_all(published_once, "wave_2")

    second = fates(published_once, "wave_2")
    assert second["account companies#4"] == ("exported", "ready", None)
    assert second["contact people#6"] == ("exported", "ready", None)
    assert second["account companies#2"] == ("exported", "live", None)


def test_a_validated_gate_alone_changes_nothing(published_once: Workspace) -> None:
    assert validated.run_validated(a_run(published_once), "people")[1] is False


REFUSED = [
    ({"kind": "rows_excluded", "by": "mallory"}, "not one of the customer's people"),
    ({"kind": "rows_excluded", "covers": {"subject": "nobody", "fields": "x", "rows": "a:1"}}, "neither a mapped entity"),
    ({"kind": "rows_excluded", "covers": {"subject": "account", "rows": "companies:007"}}, "say in `fields`"),
    (
        {"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "rows": ["companies:007", "companies:1"]}},
        "row 'companies:1' is not in today's deliveries",
    ),
    (
        {"kind": "risk_accepted", "evidence": "x", "covers": {"subject": "account", "rule": "account.gone", "rows": "all"}},
        "no rule 'account.gone'",
    ),
    (
        {"kind": "risk_accepted", "evidence": "x", "covers": {"subject": "account", "rule": "account.phone.format", "rows": "all"}},
        "phone|no row is in question",
    ),
    ({"kind": "mapping_approved", "covers": {"entity": "user", "fields": "all"}}, "not a mapped entity"),
    ({"kind": "mapping_approved", "covers": {"entity": "account", "fields": "companies/main/size"}}, "no field mapping"),
    (
        {"kind": "merge_approved", "survivor": "companies:009", "covers": {"subject": "account", "fields": "name",
         "rows": ["companies:007", "companies:008"]}},
        "survivor",
    ),
    ({"kind": "risk_accepted", "covers": {"subject": "account", "rule": "account.name.length", "rows": "companies:007"}}, "evidence"),
]  # fmt: skip


@pytest.mark.parametrize(("draft", "says"), REFUSED)
def test_a_draft_about_nobody_nothing_or_the_impossible_leaves_the_log_alone(
    published_once: Workspace, draft: dict[str, object], says: str
) -> None:
    log = published_once.log(SLUG)
    before = log.read_bytes()
    words = {"by": "ina", "how_known": "A call.", "says": "As agreed.", "why": "Ina said so."}
    covers = {"covers": {"subject": "account", "fields": "name", "rows": "companies:007"}}

    with pytest.raises((DraftRefused, ValueError), match=says):
        record(a_run(published_once), Draft.model_validate(words | covers | draft))

    assert log.read_bytes() == before
