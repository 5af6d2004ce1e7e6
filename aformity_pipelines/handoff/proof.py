"""The proof of a launch record: nothing is rendered that does not carry its evidence or does not add up.

Pure: the record against itself.  `stages.launch.proved` holds its counts against the export's tables.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.numbers import numbers
from aformity_pipelines.domain.launch.statements import Count, Table
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.cited import parts_of, unresolved_evidence
from aformity_pipelines.handoff.said_numbers import unproved_numerals

FATE_COLUMNS = frozenset({"entity", "source", "fate", "reason"})


class Unproved(Exception):
    """A launch record says what nothing proves; `problems` says where and what.  Nothing may be rendered from it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        listed = "\n".join(f"- {problem}" for problem in self.problems)
        super().__init__(
            f"the handoff is not written: {len(self.problems)} of its statements or numbers are not proved\n{listed}"
        )


def require_proved(record: LaunchRecord) -> None:
    """Raise Unproved with every problem where `record` does not prove itself."""
    if problems := unproved(record):
        raise Unproved(problems)


def unproved(record: LaunchRecord) -> tuple[str, ...]:
    """Return everything in `record` that nothing proves, each with where and what; empty where it proves itself."""
    checks: tuple[Callable[[LaunchRecord], Iterator[str]], ...] = (
        unresolved_evidence,
        _names_twice,
        _wrong_numbers,
        _wrong_counts,
        _wrong_sums,
        _too_long_lists,
        unproved_numerals,
    )
    return tuple(problem for check in checks for problem in check(record))


def _names_twice(record: LaunchRecord) -> Iterator[str]:
    for name, times in Counter(count.name for count in record.counts).items():
        if times > 1:
            yield f"counts: {name} stands there {times} times"


def _wrong_numbers(record: LaunchRecord) -> Iterator[str]:
    """Yield the numbers that no count proves; numbers with one count add up to it."""
    values = {count.name: count.value for count in record.counts}
    told: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for number in numbers(record):
        told[number.count].append((number.place, number.value))
    for name, parts in told.items():
        total = sum(value for _, value in parts)
        if total != values.get(name, 0):
            places = parts[0][0] if len(parts) == 1 else f"{parts[0][0]} and {len(parts) - 1} more"
            yield f"{places}: say {total:,}, {name} {_valued(values.get(name))}"


def _valued(value: int | None) -> str:
    return "is not among the counts" if value is None else f"is {value:,}"


def _wrong_counts(record: LaunchRecord) -> Iterator[str]:
    """Yield the counts that disagree with what else the record says of the same lines or the same file."""
    files = {file.path: file.rows for file in record.export.files} if record.export else {}
    for count in record.counts:
        if count.table is Table.FILE and files.get(count.file) != count.value:
            yield f"{count.name}: {count.value:,}, the export's list of files says {files.get(count.file)}"
        if _is_about_fates(count):
            rows = sum(
                row.rows
                for row in record.fates
                if all(getattr(row, column) in texts for column, texts in count.where.items())
            )
            if rows != count.value:
                yield f"{count.name}: {count.value:,}, the fates add up to {rows:,}"


def _is_about_fates(count: Count) -> bool:
    is_plain = not (count.absent or count.present or count.first_word or count.any_of or count.distinct)
    return count.table is Table.LEDGER and is_plain and count.where.keys() <= FATE_COLUMNS


def _wrong_sums(record: LaunchRecord) -> Iterator[str]:
    """Yield what does not add up: entities, files, and the sections that say why rows are not live."""
    for place, outcome in enumerate(record.outcomes):
        if sum(outcome.fates.values()) != outcome.delivered:
            yield f"outcomes[{place}]: the fates of {outcome.entity} do not add up to {outcome.delivered:,} delivered"
        for fate in Fate:
            listed = sum(r.rows for r in record.fates if (r.entity, r.fate) == (outcome.entity, fate))
            if listed != outcome.fates.get(fate, 0):
                yield f"outcomes[{place}].fates[{fate}]: {outcome.fates.get(fate, 0):,}, by reason {listed:,}"
        for fate, parts in ((Fate.DEFERRED, record.deferred), (Fate.EXCLUDED, record.excluded)):
            listed = sum(part.rows for part in parts if part.entity == outcome.entity)
            if listed != outcome.fates.get(fate, 0):
                yield f"{fate}: its lines about {outcome.entity} are {listed:,} rows, the fates {outcome.fates.get(fate, 0):,}"
    yield from _wrong_files(record)
    yield from _wrong_waves(record)
    held = sum(row.rows for row in record.fates if row.fate is Fate.UNRESOLVED and row.reason is Reason.RULE)
    holds = sum(work.holds for work in record.unresolved)
    if held > holds:
        yield f"unresolved: rules hold {held:,} rows back, the open work only {holds:,}"


def _wrong_files(record: LaunchRecord) -> Iterator[str]:
    records = {outcome.entity: outcome.records for outcome in record.outcomes}
    updated = {outcome.entity: outcome.updated for outcome in record.outcomes}
    files = record.export.files if record.export else ()
    for place, file in enumerate(files):
        if file.entity and file.rows != records.get(file.entity):
            yield f"export.files[{place}]: {file.path} has {file.rows:,} rows, its entity {records.get(file.entity)} records"
        if file.updates and file.rows != updated.get(file.updates):
            yield f"export.files[{place}]: {file.path} has {file.rows:,} rows, its entity {updated.get(file.updates)} updates"
    for entity in updated.keys() - {file.updates for file in files}:
        if updated[entity]:
            yield f"outcomes: {entity} has {updated[entity]:,} updates and no file of the export"
    for entity in records.keys() - {file.entity for file in files}:
        if records[entity]:
            yield f"outcomes: {entity} has {records[entity]:,} records and no file of the export"


def _wrong_waves(record: LaunchRecord) -> Iterator[str]:
    """Yield what does not add up about deliveries that came again, vanished rows and re-validations."""
    for place, each in enumerate(record.changes.compared if record.changes else ()):
        stayed = each.changed + each.unchanged
        if (each.removed + stayed, each.added + stayed) != (each.rows_before, each.rows_now):
            yield f"changes.compared[{place}]: new, gone, changed and as before do not add up to the rows of both files"
    for place, gone in enumerate(record.vanished):
        if gone.open + gone.kept + gone.left_out != gone.rows:
            yield f"vanished[{place}]: open, kept and left out do not add up to {gone.rows:,} rows"
    for place, tested in enumerate(record.revalidations):
        listed = sum(line.rows for line in tested.lines)
        if listed != tested.tested:
            yield f"revalidations[{place}]: its lines are {listed:,} rows, its states {tested.tested:,}"


def _too_long_lists(record: LaunchRecord) -> Iterator[str]:
    """Yield the lists of rows that are longer than the number beside them."""
    for place, part in parts_of("", record):
        told = dict(part)
        rows, number = told.get("rows"), told.get("row_count")
        if isinstance(rows, tuple) and isinstance(number, int) and number and len(rows) > number:
            yield f"{place}: names {len(rows):,} rows and counts {number:,}"
