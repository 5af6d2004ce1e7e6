"""A migration of two entities without gates and files: generated cells, rules and decisions, settled in DuckDB.

`settle` calls the product's own mapping, coverage, effects, fates and conservation; only the SQL models are
replaced by the one statement `TRANSFORMED`.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
from hypothesis import strategies as st

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.decisions import ENTRY, RowDecision
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.mapping import Mapping
from aformity_pipelines.domain.migration import NO_LOG, Migration
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.export.records import create_export_table
from aformity_pipelines.fates.assign import (
    EntityTables,
    create_ledger,
    create_records,
    name_deferrals,
    settle_updates,
)
from aformity_pipelines.fates.conserve import check_records, check_same_rows
from aformity_pipelines.mapping.casts import MACROS
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.mapping.compile import compile_entity, row_reference
from aformity_pipelines.review.coverage import create_covered
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.effects import create_effects, create_merges
from aformity_pipelines.review.evidence import rows_shown
from aformity_pipelines.stages.rejected import rejected_rows

HEADERS = ("Key", "Name", "Parent", "Number", "Day", "Kind", "Flag")
WAVES = ("first", "second")
SUBJECTS = ("firm", "person")
FIELDS = ("name", "parent", "size", "price", "since", "kind", "is_on")

_FIELD = {"says": "A field.", "moment": "use"}
_LINK = {"relationship": {"entity": "firm", "field": "id"}}
_SELF = {"relationship": {"entity": "firm", "field": "id", "when_not_exported": "blank"}}


def _entity(label: str, link: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": label,
        "plural": f"{label}s",
        "says": "A record.",
        "key": "id",
        "fields": {
            "id": {**_FIELD, "required": True, "unique": True},
            "name": _FIELD,
            "parent": {**_FIELD, **link},
            "size": {**_FIELD, "type": "integer"},
            "price": {**_FIELD, "type": "decimal"},
            "since": {**_FIELD, "type": "date"},
            "kind": {**_FIELD, "allowed": [{"value": "live", "aliases": ["active"]}, {"value": "lead"}]},
            "is_on": {**_FIELD, "type": "boolean"},
        },
    }


DESTINATION = Destination.model_validate(
    {
        "destination": "small",
        "version": "1",
        "label": "Small",
        "moments": {"use": {"label": "Use", "says": "It is used."}},
        "entities": {"firm": _entity("Firm", _SELF), "person": _entity("Person", _LINK)},
    }
)

CUSTOMER = Customer.model_validate(
    {
        "customer": "Generated",
        "destination": {"name": "small", "version": "1"},
        "replaces": {"what": "A sheet.", "why": "To test."},
        "people": {"ina": {"name": "Ina Vogt", "role": "Owner", "side": "customer"}},
        "sources": {
            "firms": {"file": "f*.csv", "says": "Firms.", "key": "Key", "blanks": ["NULL"]},
            "people": {"file": "p*.csv", "says": "People.", "key": "Key"},
        },
        "waves": [
            {"name": "first", "says": "Now then.", "launches_on": "2027-01-01"},
            {
                "name": "second",
                "says": "Later on.",
                "launches_on": "2027-02-01",
                "where": {"firms": "\"Kind\" = 'lead'"},
            },
        ],
        "owners": {"default": {"person": "ina", "due_days": 5}},
    }
)

Cells = tuple[str | None, ...]
Decided = dict[str, Any]
Reject = tuple[str, str]
"""Why a record could not be read, and its text."""

# What happens in real files beside plain words.
_ODD = (
    "", "NULL", "null", "007", "12.5", "-3", "0x1F", "1_000", "1.234,56", "epoch", "infinity", "nan", "1e5", "02/03/04",
    "13/02/2024", "2024-02-29", "2023-02-29", "60", "45123", "live", "Active", " lead ", "yes", "No", " ", "\u00a0",
    "=1+1", "Émile", "e\u0301", "😀", "'", '"', "a|b", "x;y", "--", "{0}", "$1", "\\1", "\t", "line\nbreak", "\x1e", "k1", "k2",
)  # fmt: skip
cells = st.one_of(
    st.none(),
    st.sampled_from(_ODD),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
)
keys = st.sampled_from(("k1", "k2", "k3", "k4", "k5", "k6", "", None))
rows = st.lists(st.tuples(keys, cells, st.one_of(keys, cells), cells, cells, cells, cells), max_size=7)

_ONE_STEP = st.sampled_from(
    [
        "trim", "collapse_spaces", "lower", "upper", "title", "keep_digits", {"prefix": "nw-"}, {"suffix": "'s"},
        {"pad_left": "4:0"}, {"split": {"on": "|", "take": 1}}, {"blank_when": ["NULL", "-"]},
        {"sql": "substr(\"Name\", 1, 3) || coalesce(\"Kind\", '?')"},
    ]
)  # fmt: skip
_COMBINING = st.sampled_from(["first", {"join": ", "}])
_CASTS = st.sampled_from(
    [
        {},
        {"date": {"order": "dmy", "two_digit_years": True, "excel_serials": True, "month_names": True}},
        {"date": {"order": "mdy"}},
        {"number": {"point": ",", "group": ".", "currency": ["€"]}},
    ]
)
_HEADER_OF = {
    "name": "Name", "parent": "Parent", "size": "Number", "price": "Number", "since": "Day", "kind": "Kind", "is_on": "Flag",
}  # fmt: skip


@st.composite
def field_mappings(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """One field's mapping: direct, by steps, of several columns, or a constant."""
    cast = draw(_CASTS) if name in {"size", "price", "since"} else {}
    kind = "date" if name == "since" else "number"
    of_type = {key: value for key, value in cast.items() if key == kind}
    header = _HEADER_OF[name]
    match draw(st.integers(0, 4)):
        case 0 | 1:
            return {"from": header, "cast": of_type}
        case 2:
            return {"from": header, "rule": draw(st.lists(_ONE_STEP, max_size=3)), "cast": of_type}
        case 3:
            rule = [draw(_COMBINING), *draw(st.lists(_ONE_STEP, max_size=1))]
            return {"from": [header, "Name"], "rule": rule, "cast": of_type}
        case _:
            return {"constant": "live"}


@st.composite
def reads(draw: st.DrawFn, source: str, part: str) -> dict[str, Any]:
    """How one source feeds an entity."""
    chosen = draw(st.lists(st.sampled_from(FIELDS), unique=True))
    fields = {name: draw(field_mappings(name)) for name in chosen}
    prefix = {} if part == "main" else {"rule": {"prefix": f"{part}-"}}
    read: dict[str, Any] = {
        "source": source,
        "part": part,
        "fields": {"id": {"from": "Key", **prefix}, **fields},
    }
    if draw(st.booleans()):
        read["only"] = {
            "where": draw(st.sampled_from(['"Name" IS NOT NULL', "\"Kind\" = 'live'"])),
            "why": "So.",
        }
    return read


@st.composite
def mappings(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Firms come of firms; people come of people and, as a part, of firms."""
    person = [draw(reads("people", "main"))]
    if draw(st.booleans()):
        person.append(draw(reads("firms", "desk")))
    return (
        {"entity": "firm", "reads": [draw(reads("firms", "main"))]},
        {"entity": "person", "reads": person},
    )


decisions = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["rows_excluded", "rows_deferred", "value_corrected", "merge_approved"]),
            "subject": st.sampled_from(SUBJECTS),
            "rows": st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True),
            "fields": st.lists(st.sampled_from(FIELDS), min_size=1, max_size=2, unique=True),
            "field": st.sampled_from(FIELDS),
            "value": cells.map(lambda text: text or ""),
        }
    ),
    max_size=5,
)
"""Decisions in outline: rows by their place among the subject's rows."""


@dataclass
class World:
    """One customer's tables on one connection."""

    cells: dict[str, Sequence[Cells]]  # by source
    mappings: tuple[dict[str, Any], ...]
    log: list[Any] = field(default_factory=list)
    rejects: dict[str, Sequence[Reject]] = field(default_factory=dict)  # by source, in rows behind its cells
    connection: duckdb.DuckDBPyConnection = field(
        default_factory=lambda: duckdb.connect(config={"threads": 1})
    )

    def __post_init__(self) -> None:
        for macro in MACROS:
            self.connection.execute(macro)
        create_digest_macro(self.connection, b"k" * 32)
        for source, delivered in self.cells.items():
            self._deliver(source, delivered)
            self._reject(source, len(delivered) + 2)

    def _deliver(self, source: str, delivered: Sequence[Cells]) -> None:
        names = ", ".join(f"c{number:04d} varchar" for number in range(1, len(HEADERS) + 1))
        self.connection.execute(
            f"create or replace table raw_{source} (row_id varchar, row integer, row_key varchar, wave varchar, {names})"
        )
        marks = ", ".join("?" * (4 + len(HEADERS)))
        for number, row in enumerate(delivered, start=2):
            row_id = f"{source}@00000000#{number:07d}"
            filled = row[0] not in ("", None)
            key = f"{source}:{row[0]}" if filled else row_id
            self.connection.execute(
                f"insert into raw_{source} values ({marks})", [row_id, number, key, "first", *row]
            )

    def _reject(self, source: str, first: int) -> None:
        self.connection.execute(
            f"create or replace table rejected_{source} (row_id varchar, row integer, row_key varchar, wave varchar,"
            " reason varchar, raw varchar)"
        )
        for number, reject in enumerate(self.rejects.get(source, ()), start=first):
            row_id = f"{source}@00000000#{number:07d}"
            self.connection.execute(
                f"insert into rejected_{source} values (?, ?, ?, 'first', ?, ?)",
                [row_id, number, row_id, *reject],
            )

    @property
    def migration(self) -> Migration:
        built = {each["entity"]: Mapping.model_validate(each) for each in self.mappings}
        return Migration(
            slug="generated", customer=CUSTOMER, destination=DESTINATION, mappings=built, value_maps={},
            log=tuple(self.log), head=NO_LOG,
        )  # fmt: skip

    @property
    def raw(self) -> dict[str, RawRelation]:
        return {
            source: RawRelation(
                source=source,
                relation=f"raw_{source}",
                internal=internal_names(HEADERS),
                blanks=CUSTOMER.sources[source].blanks,
                rejected=f"rejected_{source}" if self.rejects.get(source) else None,
            )
            for source in self.cells
        }

    def read_rows(self, entity: str, tables: Sequence[str] = ("raw",)) -> str:
        """Return a SELECT of every row reference of an entity whose record was read."""
        return " union all ".join(
            f"select {row_reference('row_id', read.part)} as row_id from {table}_{read.source}"
            for read in self.migration.reads_of(entity)
            for table in tables
        )

    def delivered_rows(self, entity: str) -> str:
        """Return a SELECT of every row reference of an entity, also of records that could not be read."""
        return self.read_rows(entity, ("raw", "rejected"))

    def decide(self, outline: Decided) -> RowDecision | None:
        """Record a decision about some of today's rows; None where it would be about none."""
        ids = sorted(
            row for (row,) in self.connection.execute(self.delivered_rows(outline["subject"])).fetchall()
        )
        chosen = [ids[place] for place in outline["rows"] if place < len(ids)]
        if not chosen:
            return None
        listed = ", ".join(map(literal, chosen))
        covered = rows_shown(
            self.connection, self.migration, self.raw, subject=outline["subject"], fields=outline["fields"],
            chosen=f"select unnest([{listed}])",
        )  # fmt: skip
        return self.append(outline, covered.to_dicts())

    def append(self, outline: Decided, covered: list[dict[str, str]]) -> RowDecision | None:
        kind, particular = outline["kind"], {}
        if kind == "rows_deferred":
            particular = {"until_wave": "second"}
        elif kind == "value_corrected":
            particular = {"field": outline["field"], "value": outline["value"]}
        elif kind == "merge_approved":
            if len({row["key"] for row in covered}) < 2:
                return None
            particular = {"survivor": covered[0]["key"]}
        seq = len(self.log) + 1
        entry = ENTRY.validate_python(
            {
                "kind": kind, "seq": seq, "prev": "0" * 64, "id": f"D-{seq:03d}", "on": "2026-11-20",
                "by": {"name": "Ina Vogt", "role": "Owner", "side": "customer"}, "how_known": "A call.",
                "says": "As agreed.", "why": "She said so.", **particular,
                "covers": {"subject": outline["subject"], "fields": outline["fields"], "rows": covered},
            }
        )  # fmt: skip
        self.log.append(entry)
        return entry  # type: ignore[return-value]

    def decided(self) -> tuple[RowDecision, ...]:
        """Return the decisions in force that cover rows."""
        return tuple(row_decisions(dataclasses.replace(self.migration, log=tuple(self.log))))

    def cover(self, subjects: Iterable[str] = SUBJECTS) -> tuple[RowDecision, ...]:
        """Leave the table `covered`; return the decisions that stand on the subjects."""
        standing = tuple(each for each in self.decided() if each.covers.subject in set(subjects))
        create_covered(self.connection, self.migration, self.raw, standing)
        return standing

    def settle(
        self, *, held: frozenset[tuple[str, str]] = frozenset(), closed: dict[str, str] | None = None
    ) -> list[tuple[Any, ...]]:
        """Map, transform and settle everything; `held` are (entity, row_key).  Conservation is checked at each step.

        Returns (entity, row_key, part, fate, reason, record_key) of every row, sorted.
        """
        connection, migration = self.connection, self.migration
        self.cover()
        decided = self.decided()
        create_merges(connection, decided)
        for entity in migration.entities():
            effects = create_effects(connection, migration, entity, self.raw, decided)
            sql = compile_entity(migration, entity, self.raw, effects)
            connection.execute(f"create or replace table mapped_{entity} as {sql}")
            check_same_rows(
                connection, expected=self.read_rows(entity), found=f"select row_id from mapped_{entity}",
                where=f"mapped {entity}",
            )  # fmt: skip
            connection.execute(f"create or replace table transformed_{entity} as {transformed_sql(entity)}")
        self._hold(held)
        tables = [
            EntityTables(
                entity=entity, key="id", mapped=f"mapped_{entity}", transformed=f"transformed_{entity}",
                closed_by=(closed or {}).get(entity), rejected=rejected_rows(migration, entity, self.raw),
            )
            for entity in migration.entities()
        ]  # fmt: skip
        create_records(connection, DESTINATION, tables, waves_in_scope=("first",))
        for each in tables:
            connection.execute(
                f"create or replace temp table changed_{each.entity} as from {each.transformed} where false"
            )
        settle_updates(connection, DESTINATION, tables)
        create_ledger(connection, tables)
        name_deferrals(connection)
        for entity in migration.entities():
            check_same_rows(
                connection, expected=self.delivered_rows(entity),
                found=f"select row_id from ledger where entity = '{entity}'", where=f"fates of {entity}",
            )  # fmt: skip
            if entity not in (closed or {}):
                table = create_export_table(
                    connection, entity, DESTINATION.entities[entity], f"transformed_{entity}"
                )
                check_records(connection, entity=entity, exported=table, ledger="ledger")
        return self._fates()

    def _hold(self, held: frozenset[tuple[str, str]]) -> None:
        connection = self.connection
        connection.execute(
            "create or replace temp table holds (entity varchar, row_id varchar, because varchar)"
        )
        connection.execute(
            "create or replace temp table live_keys (entity varchar, record_key varchar, since varchar)"
        )
        connection.execute(
            "create or replace temp table live_rows (entity varchar, row_id varchar, record_key varchar, is_lead boolean)"
        )
        for entity, key in sorted(held):
            connection.execute(
                f"insert into holds select ?, m.row_id, 'a.rule' from mapped_{entity} m join ({self.all_keys()}) k"
                " on k.row_id = split_part(m.row_id, '/', 1) where k.row_key = ?",
                [entity, key],
            )

    def all_keys(self) -> str:
        return " union all ".join(
            f"select row_id, row_key from {table}_{source}"
            for source in self.cells
            for table in ("raw", "rejected")
        )

    def _fates(self) -> list[tuple[Any, ...]]:
        return self.connection.execute(
            "select l.entity, k.row_key, split_part(l.row_id, '/', 2), l.fate, l.reason, l.record_key from ledger l"
            f" join ({self.all_keys()}) k on k.row_id = split_part(l.row_id, '/', 1) order by all"
        ).fetchall()


def transformed_sql(entity: str) -> str:
    """Return what stands in for the SQL models: approved merges, survivor first."""
    fields = ", ".join(
        f"min_by({name}, place) filter ({name} is not null) as {name}" for name in ("id", *FIELDS)
    )
    return (
        "with parts as (select m.*, coalesce(g.survivor, m.row_id) as record,"
        f" case when g.survivor is null or g.survivor = m.row_id then ' ' else m.row_id end as place from mapped_{entity} m"
        f" left join merges g on g.entity = '{entity}' and g.row_id = m.row_id where m.set_aside is null)"
        " select list(row_id order by place) as row_ids, min_by(wave, place) as wave,"
        f" {fields} from parts group by record"
    )
