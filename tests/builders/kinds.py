"""What every kind of decision leaves behind: the launch record, its report and an answer, made from a project."""

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.handoff.render import render
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.why import why
from aformity_pipelines.tracing.answer import Answer
from tests.builders.two_sources import a_run, run_all


def after_run(workspace: Workspace) -> LaunchRecord:
    """Run the first wave and return its launch record."""
    run_all(workspace)
    return launch_record(a_run(workspace))


def report_of(record: LaunchRecord) -> str:
    """Return the report's HTML on one line, so that sentences are found across its line ends."""
    return " ".join(render(record).split())


def told(workspace: Workspace, entity: str, key: str, field: str | None = None) -> str:
    """Return the headline and every step of an answer to `why`."""
    answer = asked(workspace, entity, key, field)
    return "\n".join((answer.headline, *(step.says for step in answer.steps)))


def asked(workspace: Workspace, entity: str, key: str, field: str | None = None) -> Answer:
    """Return the answer to `why` from the first wave's current version."""
    return why(a_run(workspace), entity, key, field)


def tails(rows: tuple[str, ...]) -> list[str]:
    """Return source and row number of row ids: `companies#3`."""
    return [f"{row.partition('@')[0]}#{int(row.partition('#')[2][:7])}" for row in rows]
