"""What somebody should know about a decision log that is whole: what lies past its end, and counts for nothing."""

from aformity_pipelines.cli.output import say
from aformity_pipelines.config.decision_log import examine
from aformity_pipelines.files.workspace import Workspace


def log_notices(workspace: Workspace, slug: str) -> tuple[str, ...]:
    """Return what to know about a customer's log; ConfigInvalid where it is not what was written."""
    from aformity_pipelines.stages.log_verified import unfinished_words  # noqa: PLC0415 - imports the stages

    words = unfinished_words(examine(workspace.log(slug)))
    return (f"{slug}: {words}.",) if words else ()


def put_notices(notices: tuple[str, ...]) -> None:
    """Print notices, a line each."""
    for words in notices:
        say(f"Note: {words}", style="yellow")
