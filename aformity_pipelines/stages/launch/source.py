"""What the sections of a launch record are made from, opened once: an export without what the policy keeps out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.stage_record import RuleRecord, StageRecord
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.stages.graph import EXPORT, MAPPED, RAW_FILE, TRANSFORMED
from aformity_pipelines.stages.launch.masked import Masked, Rows, open_masked
from aformity_pipelines.stages.published_order import exported_files
from aformity_pipelines.stages.run import Run

SHOWN_ROWS = 200
"""Row ids that a statement lists; its count is always whole."""


def day(value: date) -> str:
    """Return a date in words: `3 November 2026`."""
    return f"{value:%-d %B %Y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """One export and the records of the stages before it."""

    run: Run
    folder: Path  # the files of the export
    manifest: Manifest
    package: StageRecord
    records: dict[tuple[str, str], StageRecord]  # (stage, name) -> record
    masked: Masked

    def query(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Return the rows of a query in which `{ledger}` and the like name the export's tables; Unmasked of any other."""
        return self.masked.query(sql, parameters)

    def mapped(self, entity: str) -> str | None:
        """Return the mapped table of an entity, a token in place of each personal value; None where it never was."""
        return self.masked.stages.get((MAPPED, entity))

    def transformed(self, entity: str) -> str | None:
        """Return the transformed table of an entity in the same way; `row_ids` are the rows of each record."""
        return self.masked.stages.get((TRANSFORMED, entity))

    def exported(self, entity: str) -> str | None:
        """Return the records of an entity that this export brings, new or changed, in the same way; None where none was published."""
        return self.masked.stages.get((EXPORT, entity))

    def rejected(self, source: str) -> str | None:
        """Return the table (row_id, row, reason) of the records of a source that could not be read, if there are any."""
        return self.masked.stages.get((RAW_FILE, source))

    def shown(self, entity: str, field: str, text: str) -> str:
        """Return a value of a field as the CSM may see it: itself, or its token."""
        return self.masked.shown(entity, field, text)

    def shown_delivered(self, entity: str, field: str, text: str) -> str:
        """Return a delivered text that a field was made of as the CSM may see it: itself, or its token."""
        return self.masked.shown_delivered(entity, field, text)

    def decision(self, decision_id: str) -> Entry:
        """Return an entry of the log by id."""
        return next(entry for entry in self.run.migration.log if entry.id == decision_id)

    def standing(self) -> tuple[Entry, ...]:
        """Return the decisions in force."""
        return in_force(self.run.migration)

    def rules(self) -> dict[tuple[str, str, str], RuleRecord]:
        """Return (stage, subject, rule id) -> the rule as it was judged."""
        return {
            (stage, name, rule.rule): rule
            for (stage, name), record in self.records.items()
            if record.verdict
            for rule in record.verdict.rules
        }

    def label(self, subject: str) -> str:
        """Return how people call an entity (in the plural) or a source."""
        entities = self.run.migration.destination.entities
        return entities[subject].plural if subject in entities else subject.replace("_", " ")

    def is_personal(self, entity: str, field: str) -> bool:
        """Whether a field's values must stay out of the CSM's copy."""
        return self.masked.personal.hides(entity, field)


def open_sources(
    run: Run,
    *,
    folder: Path,
    manifest: Manifest,
    package: StageRecord,
    records: dict[tuple[str, str], StageRecord],
) -> Sources:
    """Open the export in `folder`, masked."""
    return Sources(
        run=run,
        folder=folder,
        manifest=manifest,
        package=package,
        records=records,
        masked=open_masked(
            run,
            folder,
            exported_files(folder, manifest),
        ),
    )
