"""What every kind of answer is made from, and the words that they share with `aformity why`."""

from collections.abc import Iterable
from dataclasses import dataclass

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.launch.field_map import MappedField
from aformity_pipelines.domain.launch.rows import KeptApart, Merge
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork, WorkSort
from aformity_pipelines.domain.mapping import Read
from aformity_pipelines.domain.waiting_file import WaitingFile
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.launch.answers.group import Owed
from aformity_pipelines.stages.launch.masked import Rows
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.tracing.sources import PUBLISHED, UPDATES
from aformity_pipelines.tracing.words import day, listed, sentence, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One export, and the sections of its launch record that answers agree with."""

    sources: Sources
    mapping: tuple[MappedField, ...]
    merged: tuple[Merge, ...]
    apart: tuple[KeptApart, ...]
    unresolved: tuple[UnresolvedWork, ...]
    waiting: tuple[WaitingFile, ...]

    def query(self, sql: str, parameters: Iterable[object] = ()) -> Rows:
        """Return the rows of a query in which `{ledger}` and the like name the export's tables; other braces are text."""
        plain = sql.replace("{", "{{").replace("}", "}}")
        for name in (*PUBLISHED, UPDATES):
            plain = plain.replace(f"{{{{{name}}}}}", f"{{{name}}}")
        return self.sources.query(plain, list(parameters))

    def measure(self, sql: str, parameters: Iterable[object] = ()) -> None:
        """Fill a working table from tables that may hold personal values; every brace is text."""
        self.sources.masked.measure(sql.replace("{", "{{").replace("}", "}}"), list(parameters))

    def entities(self) -> tuple[str, ...]:
        """Return the mapped entities, parents first."""
        return self.sources.run.migration.entities()

    def label(self, subject: str) -> str:
        """Return how people call one record of an entity, or a row of a source."""
        described = self.sources.run.migration.destination.entities.get(subject)
        return described.label.lower() if described else f"row of {subject}"

    def moment(self, entity: str, field: str | None) -> str:
        """Return the product moment of a field; of a record as a whole that of its most visible mapped field."""
        destination, migration = self.sources.run.migration.destination, self.sources.run.migration
        if entity not in destination.entities:
            return ""
        fields = destination.entities[entity].fields
        if field:
            return fields[field].moment
        mapped = {name for read in migration.reads_of(entity) for name in read.fields}
        of_record = {fields[name].moment for name in mapped}
        return next((moment for moment in destination.moments if moment in of_record), "")

    def hides(self, entity: str, field: str) -> bool:
        """Whether the values of a field must stay out of the CSM's copy."""
        return self.sources.is_personal(entity, field)

    def hides_delivered(self, entity: str, field: str) -> bool:
        """Whether the texts that a field is made of must stay out of it."""
        return self.sources.masked.personal.hides_delivered(entity, field)

    def entry(self, decision: str) -> Entry:
        """Return an entry of the log."""
        return self.sources.decision(decision)

    def told(self, decision: str) -> str:
        """Return a decision's own sentence with its signature."""
        return told(self.entry(decision))

    def place(self, source: str, headers: tuple[str, ...]) -> str:
        """Return file, sheet and columns in words."""
        columns = f", {'columns' if len(headers) > 1 else 'column'} {listed(headers)}" if headers else ""
        return f"{self.file(source)}{columns}"

    def raw(self, source: str) -> RawRelation | None:
        """Return a source's delivered cells, for `measure` only; None where its delivery was not taken in."""
        return self.sources.masked.delivered(source)

    def agreed(self, decisions: Iterable[str | None]) -> tuple[str, tuple[str, ...]]:
        """Say who approved a mapping, and its value map where that was somebody else; and the ids of these approvals."""
        ids = tuple(dict.fromkeys(each for each in decisions if each))
        people = dict.fromkeys(f"{self.entry(each).by.name} on {day(self.entry(each).on)}" for each in ids)
        return (f", as approved by {listed(tuple(people))}" if people else ""), ids

    def line(self, entity: str, field: str, read: Read) -> MappedField | None:
        """Return the line of the field map of one read's field; None where the read does not map it."""
        wanted = (entity, field, read.source, read.part)
        lines = ((each.entity, each.field, each.source, each.part) for each in self.mapping)
        return next((self.mapping[place] for place, key in enumerate(lines) if key == wanted), None)

    def file(self, source: str) -> str:
        """Return file and sheet of a source in words."""
        record = self.sources.records.get((RAW_FILE, source))
        if record is None or record.delivery is None:
            return source
        sheet = record.delivery.sheet
        return f"{record.delivery.file_name}, sheet {sheet}" if sheet else record.delivery.file_name

    def read_of(self, entity: str, source: str, part: str) -> Read:
        """Return the read that made a row."""
        reads = self.sources.run.migration.reads_of(entity)
        return next(read for read in reads if (read.source, read.part) == (source, part))

    def owed(self, work: UnresolvedWork) -> Owed:
        """Return who settles open work, in the words of `aformity why`."""
        due = f"{day(work.due)} (overdue)" if work.is_overdue else day(work.due)
        since = ""
        if work.handover:
            since = f" (handed over by {work.handover.before.name}: {self.told(work.handover.decision)})"
        about = "" if work.sort is WorkSort.FINDING else f": {self.told(work.id)}"
        is_question = work.sort is WorkSort.QUESTION
        who = (
            f"it waits for an answer from {work.owner.name}"
            if is_question
            else f"{work.owner.name} settles it"
        )
        return Owed(
            owner=work.owner,
            due=work.due,
            is_overdue=work.is_overdue,
            says=f"{who} by {due}{since}{about}",
            asks="" if work.sort is WorkSort.FINDING else sentence(self.entry(work.id).says),
            by=f"{who} by {due}",
            evidence=tuple(dict.fromkeys((work.id, *((work.rule,) if work.rule else ())))),
        )

    def work_on(self, subject: str, rule: str, follow_up: str | None) -> UnresolvedWork | None:
        """Return the open work on a rule's failing rows; of one that was taken up, the follow-up's."""
        wanted = (subject, rule, follow_up or rule)
        return next((each for each in self.unresolved if (each.entity, each.rule, each.id) == wanted), None)
