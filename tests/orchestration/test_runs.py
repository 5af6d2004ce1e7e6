"""Runs: what a wave leaves in Dagster's history, and that a closed gate stays closed."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.contained import service
from aformity_pipelines.intake.contained.line import Line
from aformity_pipelines.orchestration import step as step_module
from aformity_pipelines.orchestration.in_process import QUIET, Asked, run_steps
from aformity_pipelines.orchestration.jobs import RUN_WAVE, job_name
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.location import one_customer
from aformity_pipelines.orchestration.packed import LIMIT, size_of
from aformity_pipelines.orchestration.sensors import build_after_closed_gate, reason_of
from aformity_pipelines.stages.graph import Step
from orchestration.tiny_customer import add_customer

pytestmark = pytest.mark.slow
ALL = (
    ("raw_file", "companies"),
    ("validated", "companies"),
    ("mapped", "account"),
    ("transformed", "account"),
    ("export", "package"),
    ("handoff_report", "report"),
)


def execute(
    project: Workspace, instance: dg.DagsterInstance, chosen: Sequence[Step] = ALL, wave: str = "wave_1"
) -> dg.ExecuteInProcessResult:
    definitions = one_customer(project.root, project.storage, "acme")
    return definitions.resolve_job_def(job_name("acme", RUN_WAVE)).execute_in_process(
        run_config=QUIET,
        instance=instance,
        partition_key=wave,
        asset_selection=[key_of("acme", step) for step in chosen],
        raise_on_error=False,
        tags={"as_of": "2026-11-20", "customer": "acme"},
    )


def reasons(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    return {e.step_key or "": reason_of(e) for e in result.all_events if e.is_step_failure}


def test_a_wave_leaves_versions_checks_and_metadata_in_the_history(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")

    result = execute(project, instance)

    assert result.success
    made = {e.asset_key.path[1]: e.step_materialization_data.materialization for e in result.all_events
            if e.event_type_value == "ASSET_MATERIALIZATION" and e.asset_key}  # fmt: skip
    assert list(made) == [stage for stage, _ in ALL]
    assert all(size_of(each.metadata) <= LIMIT for each in made.values())
    assert made["mapped"].partition == "wave_1"
    mapped = made["mapped"].metadata
    assert mapped["dagster/partition_row_count"].value == 3
    assert mapped["gate"].value == "mapped: open"
    assert "select" in str(mapped["sql"].value)
    lineage = mapped["dagster/column_lineage"].value.deps_by_column
    assert [(d.asset_key.path, d.column_name) for d in lineage["external_id"]] == [
        (["acme", "validated", "companies"], "ID")
    ]
    assert (made["mapped"].tags or {})["dagster/data_version"] == mapped["output"].value
    fates = [record.data for record in made["export"].metadata["fates"].value.records]
    assert fates == [
        {"entity": "account", "fate": "deferred", "rows": 1},
        {"entity": "account", "fate": "exported", "rows": 2},
    ]
    changes = [record.data for record in made["export"].metadata["changes"].value.records]
    assert changes == [{"entity": "account", "created": 2, "updated": 0}]
    assert Path(str(made["handoff_report"].metadata["report"].value)).is_file()
    first = list(made["handoff_report"].metadata)
    assert first.index("handoff") < first.index("rows_in"), "what people look for stands first"
    checks = {e.check_name: e for e in result.get_asset_check_evaluations()}
    assert set(checks) == {
        "intake_gate", "mapped_gate", "transformed_gate", "export_gate__account", "is_current",
    }  # fmt: skip
    assert all(check.passed for check in checks.values())


def test_a_closed_gate_leaves_its_evidence_and_no_version(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme", unapproved="block")

    result = execute(project, instance)

    assert reasons(result) == {"acme__mapped__account": "gate_closed"}
    (closed,) = (e for e in result.get_asset_check_evaluations() if e.check_name == "mapped_gate")
    assert not closed.passed
    assert closed.severity is dg.AssetCheckSeverity.ERROR
    assert "account.mapping.approved" in (closed.description or "")
    assert instance.get_latest_materialization_event(key_of("acme", ("mapped", "account"))) is None
    assert instance.get_latest_materialization_event(key_of("acme", ("export", "package"))) is None


def test_a_closed_gate_holds_when_the_next_stage_is_started_alone(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme", unapproved="block")
    execute(project, instance)

    alone = execute(project, instance, [("transformed", "account")])

    assert reasons(alone) == {"acme__transformed__account": "gate_closed"}
    assert not list(project.of_customer("acme").glob("build/*/transformed"))


def test_after_a_closed_gate_the_sensor_asks_for_export_and_handoff(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme", unapproved="block")
    definitions = one_customer(project.root, project.storage, "acme")
    failed = execute(project, instance)
    sensor = build_after_closed_gate([definitions.resolve_job_def(job_name("acme", RUN_WAVE))])  # type: ignore[list-item]
    (event,) = (e for e in failed.all_events if e.event_type_value == "PIPELINE_FAILURE")
    context = dg.build_run_status_sensor_context(
        sensor_name=sensor.name,
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=failed.dagster_run,
    ).for_run_failure()

    request = sensor(context)

    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "wave_1"
    assert [key.to_user_string() for key in request.asset_selection or ()] == [
        "acme/export/package",
        "acme/handoff_report/report",
    ]
    assert request.tags["continues"] == failed.run_id
    assert request.tags["as_of"] == "2026-11-20"


def test_the_command_publishes_the_handoff_although_a_gate_is_closed(project: Workspace) -> None:
    add_customer(project, "acme", unapproved="block")
    told: list[tuple[Step, str]] = []
    asked = Asked(
        workspace=project, slug="acme", wave="wave_1", as_of=datetime.date(2026, 11, 20), by="nobody"
    )

    refusals = run_steps(asked, ALL, lambda step, event: told.append((step, event)))

    assert [(each.step, each.reason) for each in refusals] == [(("mapped", "account"), "gate_closed")]
    assert (("handoff_report", "report"), "done") in told
    assert (("transformed", "account"), "started") not in told
    assert list(project.handoff("acme", "wave_1").glob("*/handoff.html"))


def test_a_reader_that_cannot_be_started_is_told_and_not_retried(
    project: Workspace, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_customer(project, "acme")
    monkeypatch.setattr(service, "LINE", Line("no.such.zygote"))

    result = execute(project, instance, [("raw_file", "companies")])

    (failure,) = (e for e in result.all_events if e.is_step_failure)
    assert reason_of(failure) == "refused"
    assert "through no fault of its own" in str(failure.step_failure_data)
    assert not [e for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]


def test_a_step_that_finds_the_lock_held_says_who_has_it(
    project: Workspace, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_customer(project, "acme")
    monkeypatch.setattr(step_module, "PATIENCE", 0.0)

    with customer_lock(project.lock("acme"), "the other run"):
        result = execute(project, instance, [("raw_file", "companies")])

    (failure,) = (e.step_failure_data for e in result.all_events if e.is_step_failure)
    assert failure.user_failure_data is not None
    assert "the other run" in (failure.user_failure_data.description or "")
