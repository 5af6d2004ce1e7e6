"""What every document of the domain has in common: frozen, closed to unknown keys, tuples for lists."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

SLUG_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
"""The one rule for customer slugs and every other name that becomes a folder or a column."""

Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
Sentence = Annotated[str, StringConstraints(min_length=3)]
"""Words for the customer; the handoff prints them as they are."""


class Document(BaseModel):
    """A frozen value that a person wrote or a reader gets: unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )
