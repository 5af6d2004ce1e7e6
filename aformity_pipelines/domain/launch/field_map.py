"""The field map of the launch record: every destination field and every delivered column, in the customer's words."""

from enum import StrEnum

from aformity_pipelines.domain.base import Document


class MappingKind(StrEnum):
    """How a field got its values, in the report's words."""

    DIRECT = "direct"
    TRANSFORMED = "transformed"
    COMBINED = "combined"
    CONSTANT = "constant"
    NOT_MAPPED = "not_mapped"


class Example(Document):
    """A value before and after, and how many rows share it."""

    before: str
    after: str
    rows: int
    is_shape: bool = False
    """Whether, of a personal value, only the shape is shown: `x` and `X` for letters, `9` for digits."""


class MappedField(Document):
    """One line of the field map."""

    entity: str
    field: str
    says: str
    moment: str
    kind: MappingKind
    source: str = ""
    part: str = ""
    headers: tuple[str, ...] = ()
    rule: str = ""
    formula: str = ""
    """The SQL behind the rule, where it has any."""
    approved_by: str | None = None
    """Id of the standing decision that approved exactly this mapping."""
    values_approved_by: str | None = None
    """Id of the decision that approved its value map, where that is another one."""
    approval: str = "not approved"
    """`approved`, `approval is stale` or `not approved`."""
    rows: int = 0
    filled: int = 0
    changed: int = 0
    """Rows whose value differs from the delivered text by the mapping's doing."""
    corrected: int = 0
    """Rows whose value decisions corrected; not among the changed, nor among the examples."""
    corrected_by: tuple[str, ...] = ()
    """Ids of these decisions."""
    unreadable: int = 0
    """Rows whose text fits neither type nor value map; left blank and listed as findings."""
    examples: tuple[Example, ...] = ()
    known_values: int = 0
    """Values that the product knows for the field; 0 where it takes any."""
    upstream: tuple[str, ...] = ()
    """Column lineage from the SQL: `source.header`."""
    sql: str = ""
    """The expression over the delivered columns that makes the value, as it was run."""
    models: tuple[str, ...] = ()
    """SQL models between mapped table and export that the field passes, in order."""
    says_model: str = ""
    """What these models do to the field; empty where it passes unchanged."""


class ColumnFate(StrEnum):
    """What becomes of a delivered column: exactly one of these."""

    MAPPED = "mapped"
    """One field or several are made of it alone."""
    COMBINED = "combined"
    """A field is made of it and of others."""
    LOOKED_UP = "looked_up"
    """Other sources look something up in it."""
    ARCHIVED = "archived"
    EXCLUDED = "excluded"
    UNRESOLVED = "unresolved"
    """Nobody has said yet what becomes of it; the gate of its source keeps the rows back until somebody does."""


class ColumnLine(Document):
    """One delivered column and what becomes of it; every column of every delivery has a line."""

    source: str
    header: str
    says: str = ""
    """What the column means, in the customer's words."""
    fate: ColumnFate
    fields: tuple[str, ...] = ()
    """`entity.field`s that are made of it."""
    why: str = ""
    """Why no field reads it; empty where one does."""
