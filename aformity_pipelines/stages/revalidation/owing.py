"""Who has to settle what holds a row, by when, and how that is said to the customer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import FollowUpOpened, QuestionAsked, assigned
from aformity_pipelines.domain.fates import Reason
from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.stage_record import RuleRecord, StageRecord
from aformity_pipelines.stages.gates import first_line
from aformity_pipelines.stages.outputs import stops
from aformity_pipelines.stages.packing import Package
from aformity_pipelines.stages.routing import Routed, routed
from aformity_pipelines.stages.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """Who settles something: with a last day that was agreed, or with days that count from when it came up."""

    owner: str = ""
    due: date | None = None
    due_days: int | None = None
    says: str = ""  # what is to be settled, in the customer's words


NOBODY = Owing()


class Owings:
    """What holds rows of one wave, and who settles it; worked out once for each thing that holds."""

    def __init__(self, run: Run, package: Package) -> None:
        """Read the gates and rules of the stages that `package` was settled from."""
        self._run = run
        self._closed = _closed_texts(package)
        self._rules = dict(reversed(tuple(_rules(package))))
        self._labels = {name: each.label for name, each in run.migration.destination.entities.items()}
        self.of = cache(self._of)

    def says(self, entity: str, reason: Reason, because: str) -> str:
        """Return what holds a row in the customer's words; empty where nothing does."""
        if not because:
            return ""
        if reason is Reason.PARENT:
            label = self._labels.get(because.partition(" ")[0], "record")
            return f"The {label.lower()} that it belongs to is not ready."
        return self.of(entity, reason, because, None).says

    def _of(self, entity: str, reason: Reason, because: str, work: str | None) -> Owing:
        if reason is Reason.GATE:
            return self._of_gate(entity, because)
        rule = self._rules.get(because)
        says = _broken(rule[1].says) if rule else ""
        entry = next((e for e in in_force(self._run.migration) if e.id == work), None)
        if isinstance(entry, FollowUpOpened | QuestionAsked):
            owner, due = assigned(in_force(self._run.migration), entry)
            return Owing(owner=owner.name, due=due, says=says)
        return _of_routed(self._routed(rule, entity), says)

    def _of_gate(self, entity: str, because: str) -> Owing:
        record = self._closed.get(because)
        if record is None:
            return _of_routed(routed(self._run, entity), f"{because[:1].upper()}{because[1:]}.")
        if record.waits:
            what = "another file" if record.waits.refused else "an answer"
            says = f"{record.waits.file_name} waits for {what}."
            return _of_routed(routed(self._run, record.name, risk=Severity.CRITICAL), says)
        assert record.verdict is not None
        blocking = [rule for rule in record.verdict.rules if rule.standing is Standing.BLOCKED]
        owing = [_of_routed(self._routed((record, rule), entity), _broken(rule.says)) for rule in blocking]
        return min(owing, key=lambda each: (each.due_days or 0, each.owner, each.says))

    def _routed(self, rule: tuple[StageRecord, RuleRecord] | None, entity: str) -> Routed:
        if rule is None:
            return routed(self._run, entity)
        record, found = rule
        return routed(self._run, record.name, fields=found.fields, moment=found.moment, risk=found.severity)


def _broken(says: str) -> str:
    """Return a rule's sentence as one that does not hold; the sentence alone would read as if it did."""
    return f"Not so: {says}"


def _of_routed(routed_to: Routed, says: str) -> Owing:
    return Owing(owner=routed_to.owner.name, due_days=(routed_to.due - routed_to.since).days, says=says)


def _closed_texts(package: Package) -> Mapping[str, StageRecord]:
    """Return what the ledger says of a closed gate or a waiting delivery -> the record that says more."""
    found = {}
    for record in package.records.values():
        if record.waits:
            found[first_line(record.waits.explanation(record.name))] = record
        elif record.verdict and stops(record):
            found[first_line(record.verdict.explanation)] = record
    return found


def _rules(package: Package) -> Iterator[tuple[str, tuple[StageRecord, RuleRecord]]]:
    """Yield every judged rule by its id, with the record of the stage that judged it, in running order."""
    for record in package.records.values():
        for rule in record.verdict.rules if record.verdict else ():
            yield rule.rule, (record, rule)
