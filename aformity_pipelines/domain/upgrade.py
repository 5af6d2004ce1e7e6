"""What moving a migration to another version of its destination would change, before anybody agrees to it."""

from typing import Any

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.destination_changes import PartChange
from aformity_pipelines.domain.effect import Effect


class Upgrade(Document):
    """The way from one version to another: what the product changed, and what that moves at one customer."""

    customer: str
    destination: str
    from_version: str
    to_version: str
    is_downgrade: bool
    is_pinned_already: bool = False
    """Whether defs.yaml names the version already, and only the decision is missing."""
    changes: tuple[PartChange, ...]
    """What is another one in the product, overrides left out."""
    rules: tuple[PartChange, ...]
    """The customer's rules, derived and written, that would be others."""
    overridden: tuple[str, ...] = ()
    """Changed parts that this customer overrides, so that the change does not reach it."""
    problems: tuple[str, ...] = ()
    """What the customer's folder would have to put right first: fields without a mapping, overrides that no longer fit."""
    effects: tuple[Effect, ...] = ()
    """What would move, wave by wave; none while there are problems."""
    notes: tuple[str, ...] = ()


class UpgradeBegun(Document):
    """An upgrade that was agreed to and is being written down: whoever finds it finishes it."""

    to_version: str
    seq: int
    """The end of the decision log when it began."""
    files: dict[str, str]
    """File of the customer's folder -> its new text."""
    found: dict[str, str]
    """The same files -> SHA-256 of what lay there when it was agreed to; blank where nothing did."""
    decision: dict[str, Any] = Setting(min_length=1)
    """The decision as the log will hold it, but for number and chain."""
