"""What the sections of a launch record are made from, opened once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import RuleRecord, StageRecord
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.stages.run import Run

Rows = list[tuple[Any, ...]]
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

    def query(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Return the rows of a query in which `{ledger}` and the like name the export's tables."""
        names = ("ledger", "findings", "values", "merges", "blanked")
        tables = {name: f"read_parquet({literal(str(self.folder / f'{name}.parquet'))})" for name in names}
        return self.run.connection.execute(sql.format(**tables), list(parameters)).fetchall()

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
        if self.run.migration.customer.policies.show_personal_values:
            return False
        return self.run.migration.destination.entities[entity].fields[field].personal
