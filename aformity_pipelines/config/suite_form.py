"""The form of a written suite, `expectations/<destination>/<entity>/<gate>.json`, for editors.

Great Expectations' own JSON plus what a rule says of itself.  Loading and judging suites is `quality`'s.
"""

from typing import Annotated

from pydantic import Field as Setting
from pydantic import JsonValue

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Severity


class RuleMeta(Document):
    """What a rule says of itself."""

    rule: Annotated[str, Setting(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")]
    """`entity.field.what`: stable, and unique in the gate."""
    policy: Policy
    says: Sentence
    moment: Slug
    fields: tuple[str, ...] = ()
    may_check_nothing: bool = False
    """Whether 0 rows or an all-empty column is fine."""


class WrittenExpectation(Document):
    """One expectation of a suite."""

    type: Annotated[str, Setting(pattern=r"^[a-z][a-z0-9_]*$")]
    kwargs: dict[str, JsonValue]
    severity: Severity | None = None
    meta: RuleMeta


class WrittenSuite(Document):
    """The rules of one gate that the destination's fields do not imply already."""

    name: str
    expectations: tuple[WrittenExpectation, ...]
