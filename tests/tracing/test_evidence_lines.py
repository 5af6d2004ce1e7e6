"""The lines that the terminal shows below a step of an answer."""

import pytest

from aformity_pipelines.cli.why import evidence
from aformity_pipelines.tracing.answer import Step, StepKind


@pytest.mark.parametrize(
    ("kind", "before", "after", "line"),
    [
        (StepKind.DELIVERED, None, "12 + 3", "'12 + 3'"),
        (StepKind.EXPORT, None, "15", "'15'"),
        (StepKind.CORRECTION, None, "15", "(blank) -> '15'"),
        (StepKind.RULE, "-", None, "'-' -> (blank)"),
    ],
)
def test_only_a_change_is_shown_as_a_change(kind, before, after, line):
    assert evidence(Step(kind=kind, says="So.", before=before, after=after)) == [line]
