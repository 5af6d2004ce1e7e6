"""Everything that is known about the way of one row's value to one field."""

from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.decisions import Entry, ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.destination import Field
from aformity_pipelines.domain.mapping import FieldMapping, ValueMapEntry
from aformity_pipelines.review.approvals import Approval, approvals
from aformity_pipelines.tracing.find import LedgerRow
from aformity_pipelines.tracing.replay import Texts
from aformity_pipelines.tracing.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A decision that puts another text in the place of a row's own, by itself or as one of many."""

    entry: ValueCorrected | ValuesReplaced
    value: str  # blank clears the field


def correction_of(entry: Entry | None, name: str, text: str | None) -> Correction | None:
    """Return what a decision does to one field of a row whose text is `text`; None where it does nothing to it."""
    if isinstance(entry, ValueCorrected) and entry.field == name:
        return Correction(entry=entry, value=entry.value)
    if isinstance(entry, ValuesReplaced) and entry.field == name and (text or "") in entry.replacements:
        return Correction(entry=entry, value=entry.replacements[text or ""])
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One row, one field: mapping, texts, correction and what the replay made of them."""

    sources: Sources
    entity: str
    name: str
    field: Field
    mapping: FieldMapping
    row: LedgerRow
    value: Any  # typed; None where nothing came of what was delivered
    bad: str | None  # the text that is no value of the field
    texts: Texts
    correction: Correction | None  # the latest one: of two, the later holds
    overruled: tuple[Correction, ...]  # the earlier ones

    @property
    def text(self) -> str | None:
        """The text that value map and cast were given."""
        return (self.correction.value or None) if self.correction else self.texts.plain

    @property
    def entry(self) -> ValueMapEntry | None:
        """The line of the value map that applied."""
        values = self.sources.migration.value_map_of(self.mapping)
        found = (each for each in values.entries if each.source == self.text) if values else iter(())
        return next(found, None)

    @property
    def approval(self) -> Approval | None:
        """What is known about the approval of the mapping."""
        mine = f"{self.row.source}/{self.row.part}/{self.name}"
        found = (each for each in approvals(self.sources.migration, self.entity) if each.name == mine)
        return next(found, None)
