"""Exit codes, and which errors are answers rather than faults."""

import sys
import traceback
from pathlib import Path

from aformity_pipelines.cli.options import Unknown
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.sql_faults import without_values
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

PACKAGE = "aformity_pipelines"
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


def expected_errors() -> tuple[type[BaseException], ...]:
    """Return the errors that are told without a traceback: the expected ones, and the database's, which quotes values."""
    return (*EXPECTED, *_database_errors())


def _database_errors() -> tuple[type[BaseException], ...]:
    """Return what the database raises, where it was loaded at all: loading it takes longer than most commands."""
    database = sys.modules.get("duckdb")
    return (database.Error,) if database else ()


def in_words(fault: BaseException) -> str:
    """Return what is said of an error: its message, or, of the database, where it arose and what may be repeated."""
    if not isinstance(fault, _database_errors()):
        return str(fault)
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [frame for frame in frames if PACKAGE in Path(frame.filename).parts]
    place = f"{Path(ours[-1].filename).stem}, line {ours[-1].lineno}: " if ours else ""
    return f"the database failed ({place}{without_values(str(fault))}); this is a fault of ours, please report it"


def exit_code(error: BaseException) -> int:
    """Return the exit code of an expected error."""
    return A_PERSON_DECIDES if isinstance(error, DECIDE_FIRST) else FAILED
