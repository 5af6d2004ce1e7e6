"""Blank fields of live records, counted by cause.

One scan of each export file, and a closer look at those rows only whose cell was not empty, that a decision corrected,
or that break a rule about the field.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress

from aformity_pipelines.domain.launch.limits import LISTED_ROWS
from aformity_pipelines.domain.mapping import Read
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.stage_record import FieldRecord
from aformity_pipelines.mapping.compile import MAIN, can_be_bad, has_lookup
from aformity_pipelines.stages.graph import MAPPED
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.cleared import CLEARED, create_cleared, part_of
from aformity_pipelines.stages.launch.answers.concerning import CONCERNING
from aformity_pipelines.stages.launch.answers.corrected import CORRECTED
from aformity_pipelines.stages.launch.answers.given import GIVEN
from aformity_pipelines.stages.launch.masked import Rows
from aformity_pipelines.stages.launch.masking import is_blank
from aformity_pipelines.stages.launch.source import SHOWN_ROWS
from aformity_pipelines.tracing.answer import Outcome

SPECIAL = "answer_special"
"""Temp table (field, row_id, cause, key, text): rows of an entity whose field is blank for another reason than an empty cell."""
LIVE = "answer_live"
"""Temp table (__row_id, __source, __part, and of each field whether it is blank) of an entity's live records, in the
order of the export."""
CHOSEN, _NEAR = "answer_chosen", "answer_near"
"""Temp tables with the same columns: the live records of which more is to be said, blank where their own row is so too."""
TEXTS = 3
"""Delivered texts that are kept of each cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Live records of one read whose field is blank for one cause."""

    entity: str
    field: str
    read: Read
    cause: Outcome
    key: str  # what tells it from others of its cause: a decision, the number of a line of the value map or of a step
    accepted_by: str | None
    open_rule: (
        tuple[str, str, str | None] | None
    )  # subject, rule and follow-up of an open finding about the field
    count: int
    rows: tuple[str, ...]
    texts: tuple[str, ...]  # delivered texts, the first few
    different: int  # how many different texts

    @property
    def is_concerned(self) -> bool:
        """Whether the rows break a rule about the field."""
        return bool(self.accepted_by or self.open_rule)


def absences(basis: Basis, entity: str) -> Iterator[Absence]:
    """Yield the blanks of an entity's live records by field and cause; links that were cut are not among them.

    Needs `answer_concerning`, `answer_corrected` and `answer_given`.
    """
    path, mapped = basis.sources.exported(entity), basis.sources.mapped(entity)
    if path is None or mapped is None:
        return
    fields = basis.sources.run.migration.destination.entities[entity].fields
    _create_live(basis, fields, path)
    counted = ", ".join(f"count_if({identifier(name)})" for name in fields)
    rows = basis.query(
        f"select __source, __part, count(*), {counted} from {LIVE} group by all order by __source, __part"
    )
    live = sum(row[2] for row in rows)
    blank = {name: sum(row[3 + place] for row in rows) for place, name in enumerate(fields)}
    cut = _cut_links(basis, entity)
    near = basis.query(f"select distinct field from {CONCERNING} where entity = ?", [entity])
    concerned = {row[0] for row in near}
    asked = [
        _Asked(
            basis=basis, entity=entity, field=name, read=basis.read_of(entity, source, part or MAIN),
            mapped=mapped, number=number, is_all=blank[name] == live, is_concerned=name in concerned,
        )
        for source, part, _, *numbers in rows
        for place, name in enumerate(fields)
        if (number := numbers[place] - cut.get((name, source, part), 0))
    ]  # fmt: skip
    basis.query(
        f"create or replace temp table {SPECIAL}"
        " (field varchar, row_id varchar, cause varchar, key varchar, text varchar)"
    )
    special = [each.add_special() for each in asked]
    asks_more = [is_special or each.is_concerned for each, is_special in zip(asked, special, strict=True)]
    _create_chosen(basis, entity, mapped, dict.fromkeys(each.field for each in compress(asked, asks_more)))
    for each, more in zip(asked, asks_more, strict=True):
        yield from each.absences(tells_apart=more)


def _create_live(basis: Basis, fields: Iterable[str], path: str) -> None:
    """Create `answer_live`: the lists of row ids are long to read, and every answer about a blank needs them."""
    blanks = ", ".join(f"{is_blank(name, 'e')} as {identifier(name)}" for name in fields)
    basis.query(
        f"create or replace temp table {LIVE} as select row_ids[1] as __row_id,"
        " split_part(row_ids[1], '@', 1) as __source, split_part(row_ids[1], '/', 2) as __part,"
        f" {blanks} from {path} e"
    )


def _create_chosen(basis: Basis, entity: str, mapped: str, fields: Iterable[str]) -> None:
    """Create `answer_chosen` for some fields, in one scan for all of them."""
    basis.query(
        f"create or replace temp table {_NEAR} as select * from {LIVE} where __row_id in"
        f" (select row_id from {SPECIAL} union select record from {CONCERNING} where entity = ?)",
        [entity],
    )
    blanks = "".join(
        f", n.{identifier(name)} and {is_blank(name, 'm')} as {identifier(name)}" for name in fields
    )
    # The few rows stand in a table of their own, so that the many are looked up in them and not the other way round.
    basis.query(
        f"create or replace temp table {CHOSEN} as select n.__row_id, n.__source, n.__part{blanks}"
        f" from {_NEAR} n join {mapped} m on m.row_id = n.__row_id"
    )


def _cut_links(basis: Basis, entity: str) -> dict[tuple[str, str, str], int]:
    """Return (field, source, part) -> the blanks that are links which were delivered: `links` answers for them."""
    rows = basis.query(
        "select field, split_part(record, '@', 1), split_part(record, '/', 2), count(*) from"
        f" (select entity, record, field from {{blanked}} union select entity, record, field from {GIVEN})"
        " where entity = ? group by all",
        [entity],
    )
    return {(field, source, part): number for field, source, part, number in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One field of the live records that one read made, `number` of them blank."""

    basis: Basis
    entity: str
    field: str
    read: Read
    mapped: str
    number: int
    is_all: bool  # whether no live record of the entity has a value
    is_concerned: bool  # whether any finding is about the field

    def absences(self, *, tells_apart: bool) -> Iterator[Absence]:
        usual, left = self._usual(), self.number
        found = self._told_apart() if tells_apart else []
        for cause, key, accepted, subject, rule, follow_up, number, ids, texts, different in found:
            left -= number
            yield self._absence(
                Outcome(cause or usual), key or "", accepted, (subject, rule, follow_up) if rule else None,
                number, tuple(ids), tuple(texts or ()), different,
            )  # fmt: skip
        if left:
            # What holds for every record needs no list; the rows of another read would make it look like one.
            is_plain = self.is_all and usual is Outcome.NOT_MAPPED and not self.is_concerned
            rows = () if is_plain else self._first_rows()
            yield self._absence(usual, "", None, None, left, rows, (), 0)

    def _absence(
        self,
        cause: Outcome,
        key: str,
        accepted: str | None,
        open_rule: tuple[str, str, str | None] | None,
        number: int,
        rows: tuple[str, ...],
        texts: tuple[str, ...],
        different: int,
    ) -> Absence:
        return Absence(
            entity=self.entity, field=self.field, read=self.read, cause=cause, key=key, accepted_by=accepted,
            open_rule=open_rule, count=number, rows=rows, texts=texts, different=different,
        )  # fmt: skip

    def _usual(self) -> Outcome:
        """Return the cause of a blank that nothing else explains."""
        if self.field in self.read.fields:
            return Outcome.DELIVERED_BLANK
        reads = self.basis.sources.run.migration.reads_of(self.entity)
        is_fed = any(self.field in read.fields for read in reads)
        return Outcome.NEVER_DELIVERED if is_fed else Outcome.NOT_MAPPED

    def _facts(self) -> FieldRecord | None:
        record = self.basis.sources.records[MAPPED, self.entity]
        wanted = (self.read.source, self.read.part, self.field)
        return next((f for f in record.fields if (f.source, f.part, f.field) == wanted), None)

    def add_special(self) -> bool:
        """Add the rows to `answer_special`; return whether there can be any."""
        facts = self._facts()
        if facts is None or not (facts.cleared or facts.unreadable or facts.corrected):
            return False
        field = self.basis.sources.run.migration.destination.entities[self.entity].fields[self.field]
        migration = self.basis.sources.run.migration
        has_bad = can_be_bad(field) or has_lookup(migration, self.entity, self.field)
        bad = f"m.{identifier(self.field + '__bad')}" if has_bad else "cast(null as varchar)"
        if facts.cleared:
            create_cleared(self.basis, self.entity, self.read, self.field, bad=bad)
            columns = f"{literal(self.field)}, row_id, cause, key, text"
            self.basis.query(f"insert into {SPECIAL} select {columns} from {CLEARED}")
        self.basis.query(
            f"insert into {SPECIAL} select {literal(self.field)}, m.row_id, case when {bad} is not null then '{Outcome.UNREADABLE}'"
            f" else '{Outcome.CLEARED_BY_CORRECTION}' end, coalesce(c.decision, ''), {bad} from {self.mapped} m"
            f" left join {CORRECTED} c on c.entity = ? and c.field = ? and c.row_id = m.row_id"
            f" where {is_blank(self.field, 'm')} and ({bad} is not null or c.row_id is not null) and m.source = ?"
            f" and split_part(m.row_id, '/', 2) = ? and m.set_aside is null",
            [self.entity, self.field, self.read.source, part_of(self.read)],
        )
        return True

    def _told_apart(self) -> Rows:
        """Return the blank rows that are special or break a rule about the field, counted by what is to be said."""
        return self.basis.query(
            f"with near as (select record, accepted_by, subject, rule, followed_by from {CONCERNING}"
            f" where entity = $1 and field = $2), special as (select * from {SPECIAL} where field = $2)"
            " select s.cause, s.key, n.accepted_by, n.subject, n.rule, n.followed_by, count(*),"
            f" min(c.__row_id, {LISTED_ROWS}),"
            f" min(distinct s.text, {TEXTS}), count(distinct s.text) from {CHOSEN} c"
            " left join special s on s.row_id = c.__row_id left join near n on n.record = c.__row_id"
            f" where c.{identifier(self.field)} and c.__source = $3 and c.__part = $4"
            " and (s.row_id is not null or n.record is not null)"
            f" and c.__row_id not in (select record from {GIVEN} where entity = $1 and field = $2)"
            " group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6",
            [self.entity, self.field, self.read.source, part_of(self.read)],
        )

    def _first_rows(self) -> tuple[str, ...]:
        """Return the first blank rows that nothing else is to be said of; the file is in the order of its rows."""
        rows = self.basis.query(
            f"select __row_id from {LIVE} where {identifier(self.field)} and __source = $3 and __part = $4"
            f" and __row_id not in (select row_id from {SPECIAL} where field = $2)"
            f" and __row_id not in (select record from {CONCERNING} where entity = $1 and field = $2)"
            " and __row_id not in (select record from {blanked} where entity = $1 and field = $2)"
            f" and __row_id not in (select record from {GIVEN} where entity = $1 and field = $2)"
            f" limit {SHOWN_ROWS}",
            [self.entity, self.field, self.read.source, part_of(self.read)],
        )
        return tuple(sorted(row[0] for row in rows))
