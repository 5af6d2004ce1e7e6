"""What every document of the domain has in common: frozen, closed to unknown keys, tuples for lists."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

SLUG_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
"""The one rule for customer slugs and every other name that becomes a folder or a column."""

DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""Names that Windows gives to no folder; the site and the exports are opened there too."""


def is_slug(name: str) -> bool:
    """Whether a name can be a folder everywhere."""
    return re.fullmatch(SLUG_PATTERN, name) is not None and name not in DEVICES


def _no_device(name: str) -> str:
    if name in DEVICES:
        raise ValueError(
            f"{name!r} is the name of a device in Windows, no folder can have it; choose another"
        )
    return name


Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN), AfterValidator(_no_device)]
Sentence = Annotated[str, StringConstraints(min_length=3)]
"""Words for the customer; the handoff prints them as they are."""


class Document(BaseModel):
    """A frozen value that a person wrote or a reader gets: unknown keys are refused."""

    # An input may hold a value of a person, or a secret: pydantic's own text never quotes one.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )
