"""Exit codes, and which errors are answers rather than faults."""

from aformity_pipelines.cli.options import Unknown
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.files.lock import LockHeld
from aformity_pipelines.handoff.proof import Unproved
from aformity_pipelines.intake.contained.line import ReaderUnavailable
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, ReadersDisagree
from aformity_pipelines.orchestration.place import NoProject
from aformity_pipelines.orchestration.scaffold import CustomerExists, DestinationUnclear
from aformity_pipelines.quality.errors import GateBroken
from aformity_pipelines.stages.outputs import StageMissing, Stopped
from aformity_pipelines.stages.story import StoryBroken
from aformity_pipelines.transform.project import ProjectError
from aformity_pipelines.transform.run_models import ModelError

DONE = 0
FAILED = 1
A_PERSON_DECIDES = 3

DECIDE_FIRST = (Stopped, NotUnderstood)
EXPECTED = (
    *DECIDE_FIRST,
    Unknown,
    NoProject,
    ConfigInvalid,
    CustomerExists,
    DestinationUnclear,
    ConservationBreach,
    DeliveryRefused,
    ReadersDisagree,
    ReaderUnavailable,
    StageMissing,
    GateBroken,
    LockHeld,
    ProjectError,
    ModelError,
    StoryBroken,
    Unproved,
    OSError,
    ValueError,
)
"""Errors whose message is for the person at the keyboard; anything else shows where it came from."""


def exit_code(error: BaseException) -> int:
    """Return the exit code of an expected error."""
    return A_PERSON_DECIDES if isinstance(error, DECIDE_FIRST) else FAILED
