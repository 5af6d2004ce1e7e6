"""The job that records a decision: a form of the customer's own choices, every fault at once, nothing half done."""

from typing import Any

import dagster as dg
import duckdb
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.lock import LockHeld
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration import record_decision
from aformity_pipelines.orchestration.decision_form import template_of
from aformity_pipelines.orchestration.in_process import QUIET
from aformity_pipelines.orchestration.keys import key_of, log_key
from aformity_pipelines.orchestration.location import location, one_customer
from aformity_pipelines.orchestration.observations import observed
from aformity_pipelines.transform.run_models import ModelError
from orchestration.test_runs import execute
from orchestration.tiny_customer import add_customer

pytestmark = pytest.mark.slow
JOB, STEP = "acme__record_decision", "acme__decision"
APPROVAL = {
    "kind": "mapping_approved",
    "by": "ina",
    "how_known": "A call.",
    "says": "The field map is approved.",
    "why": "Ina went through it.",
    "entity": "account",
    "fields": ["all"],
}


def filled(project: Workspace, instance: dg.DagsterInstance, **form: Any) -> dg.ExecuteInProcessResult:
    job = one_customer(project.root, project.storage, "acme").resolve_job_def(JOB)
    return job.execute_in_process(
        run_config={"ops": {STEP: {"config": form}}, **QUIET},
        instance=instance,
        raise_on_error=False,
        tags={"as_of": "2026-11-20"},
    )


def kinds(project: Workspace) -> list[str]:
    return [entry.kind for entry in load_migration(project.root, "acme").log]


def failure(result: dg.ExecuteInProcessResult) -> str:
    (failed,) = (event.step_failure_data for event in result.all_events if event.is_step_failure)
    assert failed.user_failure_data is not None
    return failed.user_failure_data.description or ""


def test_the_launchpad_offers_this_customers_own_choices(project: Workspace) -> None:
    add_customer(project, "acme")
    add_customer(project, "bolt")
    definitions = location(project.root, project.storage)

    snapshot = definitions.get_repository_def().get_job(JOB).get_job_snapshot().config_schema_snapshot
    choices = {
        snap.given_name: [each.value for each in snap.enum_values]
        for snap in snapshot.all_config_snaps_by_key.values()
        if snap.enum_values
    }

    assert {name: found for name, found in choices.items() if name != "acme__kind"} == {
        "acme__person": ["ina"],
        "acme__entity": ["account"],
        "acme__source": ["companies"],
        "acme__subject": ["account", "companies"],
        "acme__wave": ["wave_1", "wave_2"],
    }
    assert {"risk_accepted", "decision_withdrawn"} < set(choices["acme__kind"])
    assert len(choices["acme__kind"]) == 19


def test_a_decision_is_recorded_and_its_effect_shows_on_its_asset(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme", unapproved="block")
    execute(project, instance)

    result = filled(project, instance, **APPROVAL)

    assert result.success
    assert kinds(project) == ["mapping_approved"]
    (shown,) = observed(instance, key_of("acme", ("mapped", "account")))
    assert shown["decision"].value == "D-001"
    assert {("mapped", "account", "opens")} <= {
        (row.data["gate"], row.data["of"], row.data["now"]) for row in shown["gates_moved"].value.records
    }
    (record,) = instance.fetch_observations(log_key("acme"), limit=10).records
    assert record.run_id == result.run_id


def test_a_decision_that_is_recorded_stays_a_success_where_the_history_is_busy(
    project: Workspace, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise LockHeld("somebody writes the history")

    monkeypatch.setattr(record_decision, "observe_new", busy)
    add_customer(project, "acme", unapproved="block")
    execute(project, instance)

    result = filled(project, instance, **APPROVAL)

    assert result.success
    assert kinds(project) == ["mapping_approved"]
    (output,) = (e.step_output_data for e in result.all_events if e.event_type_value == "STEP_OUTPUT")
    assert output.metadata["recorded"].value == "Recorded D-001; the sensor will show it."


def test_a_dry_run_shows_what_would_move_and_records_nothing(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme", unapproved="block")
    execute(project, instance)

    result = filled(project, instance, **APPROVAL, dry_run=True)

    assert result.success
    assert kinds(project) == []
    assert not list(observed(instance, log_key("acme")))
    (output,) = (e.step_output_data for e in result.all_events if e.event_type_value == "STEP_OUTPUT")
    assert output.metadata["recorded"].value == "Dry run: nothing was recorded."
    assert "gates_moved" in output.metadata


def test_every_fault_of_a_form_is_told_at_once_and_it_is_not_tried_again(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")

    result = filled(
        project, instance, **{**APPROVAL, "kind": "risk_accepted", "on": "yesterday", "entity": None}
    )

    said = failure(result)
    assert said.startswith("Nothing was recorded:\n- ")
    assert "on: " in said
    assert kinds(project) == []
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]

    lacks = failure(filled(project, instance, **APPROVAL | {"kind": "follow_up_opened"}))
    assert "needs `owner`" in lacks
    assert "needs `due`" in lacks


def test_a_form_that_names_nothing_that_is_there_is_refused_with_the_key(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")

    said = failure(filled(project, instance, **APPROVAL | {"fields": ["companies/main/nmae"]}))

    assert "no field mapping 'companies/main/nmae'" in said
    assert "companies/main/name" in said


def test_a_personal_value_is_not_taken_into_dagsters_records(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    migration = load_migration(project.root, "acme")
    personal = next(name for name, field in migration.destination.entities["account"].fields.items()
                    if field.personal)  # fmt: skip

    words = {name: APPROVAL[name] for name in ("by", "how_known", "says", "why")}
    form = words | {"kind": "value_corrected", "subject": "account", "rows": ["companies:007"]}
    said = failure(filled(project, instance, **form, field=personal, value="Jo Ruiz"))

    assert "aformity decide acme" in said
    assert "Jo Ruiz" not in said


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        (duckdb.ConversionException("Conversion Error: Could not convert string 'Jo Ruiz' to INT32"), "Conversion"),
        (ModelError("models/marts/account.sql: model 'account' does not run"), "marts/account.sql"),
    ],
    ids=["the database", "a model"],
)  # fmt: skip
def test_a_preview_that_fails_says_so_in_one_sentence_and_without_values(
    project: Workspace, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch,
    fault: Exception, kept: str,
) -> None:  # fmt: skip
    add_customer(project, "acme")

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(record_decision, "_effect_of", fail)
    result = filled(project, instance, **APPROVAL)

    assert kept in failure(result)
    assert "Jo Ruiz" not in "".join(map(str, instance.all_logs(result.run_id)))
    assert kinds(project) == []


def test_the_form_as_the_launchpad_shows_it_says_what_is_still_to_be_filled_in(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    migration = load_migration(project.root, "acme")

    said = failure(filled(project, instance, **template_of(migration)))

    assert said.splitlines()[1:] == [
        "- how_known: Field required",
        "- says: Field required",
        "- why: Field required",
        "- `rows: all` means the failing rows of a rule; name the `rule`",
    ]


def test_a_person_who_is_not_one_of_the_customers_cannot_be_named(project: Workspace) -> None:
    add_customer(project, "acme")

    with pytest.raises(dg.DagsterInvalidConfigError, match="not in enum type acme__person"):
        filled(project, dg.DagsterInstance.ephemeral(), **APPROVAL | {"by": "nobody"})
