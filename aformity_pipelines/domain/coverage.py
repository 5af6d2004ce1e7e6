"""Coverage: exactly what a decision was shown, so that it holds for that and for nothing else (promise P3).

Values are not in it, only digests under the customer's key.  Comparing it with today's data is `review`'s.
"""

from typing import Annotated, Any, Self

from pydantic import Field as Setting
from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from aformity_pipelines.domain.base import Document, Sentence, Slug

Digest = Annotated[str, Setting(pattern=r"^[0-9a-f]{64}$")]


class _Sparse(Document):
    """Written down without what is empty."""

    @model_serializer(mode="wrap")
    def _without_what_is_empty(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        whole: dict[str, Any] = handler(self)
        return {key: value for key, value in whole.items() if value not in (None, (), [], {}, "")}


class CoveredRow(_Sparse):
    """One row that a decision was shown: its business key and the keyed digest of the shown values."""

    key: str
    digest: Digest
    group: str = ""
    """Of a rule that looks across rows: which rows of the coverage were judged together.  Empty for other rules."""


class Member(_Sparse):
    """A row that the decision is not about but was shown with it: the other owner of a value, or the parent."""

    key: str
    digest: Digest
    group: str
    """The `group` of the covered rows that it was shown with."""
    subject: Slug | None = None
    """The entity or source that the row belongs to, where it is another one."""


class RowCoverage(_Sparse):
    """Exactly the rows and values that a decision was shown."""

    subject: Slug
    """The entity, or at intake the source, that the rows are about."""
    rule: str | None = None
    """The rule whose findings were shown; None where rows were chosen without one."""
    fields: tuple[str, ...] = ()
    """The fields (at intake: headers) whose delivered values the digests are made of."""
    rows: tuple[CoveredRow, ...] = ()
    """Empty where the rows are many: then `rows_in` names the file that lists them."""
    rows_in: Digest | None = None
    """SHA-256, and so the name, of the coverage file beside the log."""
    row_count: int | None = Setting(default=None, ge=1)
    """How many rows the coverage file lists."""
    members: tuple[Member, ...] = ()
    delivered: dict[Slug, Digest] = Setting(default_factory=dict)
    """Source -> SHA-256 of the delivery that was shown: what a row said then can be looked up in it."""

    @model_validator(mode="after")
    def _has_rows(self) -> Self:
        if bool(self.rows) == bool(self.rows_in) or (self.rows_in is None) != (self.row_count is None):
            raise ValueError("a coverage lists its rows, or names the file that does and how many they are")
        return self

    @property
    def size(self) -> int:
        """How many rows are covered."""
        return self.row_count or len(self.rows)


class ShownExample(Document):
    """A value before and after a field mapping, and how many rows shared it."""

    before: str
    after: str
    rows: int


class ShownField(_Sparse):
    """One line of the field map as an approver saw it."""

    field: str
    """`source/part/field`."""
    headers: tuple[str, ...] = ()
    means: str = ""
    """What the field is for, in the customer's words."""
    rule: str
    examples: tuple[ShownExample, ...] = ()
    """Empty for personal fields: their values stay out of the log."""


class MappingCoverage(_Sparse):
    """Exactly the field mappings and value maps that an approver was shown, by digest."""

    entity: Slug
    fields: dict[str, str] = Setting(default_factory=dict)
    """`source/part/field` -> digest of the mapping, without its value map."""
    value_maps: dict[Slug, str] = Setting(default_factory=dict)
    """Value map -> digest of its lines; those of the approved fields among them."""
    shown: tuple[ShownField, ...] = ()

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if not self.fields and not self.value_maps:
            raise ValueError("an approval names field mappings or value maps")
        return self


class IntakeCoverage(Document):
    """Exactly the delivery and the questions that an answer about a file's format was shown."""

    source: Slug
    delivery: Digest
    """SHA-256 of the file that was shown."""
    file_name: str
    questions: str
    """Digest of the questions that stood then; of none, where nothing was asked."""
    headers: tuple[str, ...]
    """The columns that the answer leads to; a delivery that lacks one of them is asked about again."""


class RuleCoverage(Document):
    """Exactly the rule that is waived, as it was then."""

    subject: Slug
    rule: str
    digest: Digest
    """Of what the rule demands; a rule that changes is asked about again."""
    fields: tuple[str, ...]
    """The fields (at intake: headers) that the rule reads."""
    says: Sentence
    """What the rule demands, in the customer's words."""
