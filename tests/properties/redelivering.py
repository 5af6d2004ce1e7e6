"""The product's side of a delivery that comes again: rows keyed, decisions recorded and held against today's rows.

Everything is the product's own but the tables, which are made of plain Python values instead of read from files.
"""

import dataclasses
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

import duckdb

from aformity_pipelines.domain.coverage import Member
from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.decisions import ENTRY, RowDecision
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.mapping import Mapping
from aformity_pipelines.domain.migration import NO_LOG, Migration
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.coverage import create_covered
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.evidence import members_shown, rows_shown
from aformity_pipelines.review.members import GROUPED, create_groups, mark_joined, same_value
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_table
from tests.properties.deliveries_edited import Delivery
from tests.properties.stale_by_hand import (
    HEADER_OF,
    POINTS,
    READ_BY,
    SET_ASIDE,
    UNIQUE,
    Place,
    Stands,
    Told,
    names,
    parents,
    places,
    shown,
)

KINDS = (
    *("risk_accepted", "rows_deferred", "rows_excluded", "value_corrected", "values_replaced"),
    *("merge_approved", "merge_refused", "follow_up_opened", "question_asked"),
)
INA = {"name": "Ina Vogt", "role": "Owner", "side": "customer"}
PARTICULAR = {
    "rows_deferred": {"until_wave": "second"},
    "value_corrected": {"field": "name", "value": "X"},
    "values_replaced": {"field": "name", "replacements": {"Jo": "Joe"}},
    "follow_up_opened": {"owner": INA, "due": "2027-01-01"},
    "question_asked": {"owner": INA, "due": "2027-01-01"},
}
_FIELD = {"says": "A field.", "moment": "use"}
_KEY = {**_FIELD, "required": True, "unique": True}


def _entity(label: str, **fields: object) -> dict[str, object]:
    named = {"label": label, "plural": f"{label}s", "says": "A record.", "key": "id"}
    return {**named, "fields": {"id": _KEY, "name": _FIELD, **fields}}


DESTINATION = Destination.model_validate(
    {
        "destination": "small",
        "version": "1",
        "label": "Small",
        "moments": {"use": {"label": "Use", "says": "It is used."}},
        "entities": {
            "firm": _entity("Firm"),
            "person": _entity(
                "Person",
                mail=_FIELD,
                note=_FIELD,
                firm={**_FIELD, "relationship": {"entity": "firm", "field": "id"}},
            ),
        },
    }
)
CUSTOMER = Customer.model_validate(
    {
        "customer": "Generated",
        "destination": {"name": "small", "version": "1"},
        "replaces": {"what": "A sheet.", "why": "To test."},
        "people": {"ina": INA},
        "sources": {
            "people": {"file": "p*.csv", "says": "People.", "key": "No"},
            "loose": {"file": "l*.csv", "says": "People without a number."},
            "firms": {"file": "f*.csv", "says": "Firms.", "key": "ID"},
        },
        "waves": [{"name": "first", "says": "Now.", "launches_on": "2027-01-01"}],
        "owners": {"default": {"person": "ina", "due_days": 5}},
    }
)
_READ = {name: {"from": HEADER_OF[name]} for name in ("mail", "name", "note", "firm")}
MAPPINGS = {
    "firm": {"reads": [{"source": "firms", "fields": {"id": {"from": "ID"}, "name": {"from": "Name"}}}]},
    "person": {
        "reads": [
            {"source": "people", "fields": {"id": {"from": "No"}, **_READ}},
            {"source": "loose", "fields": {"id": {"from": "Mail"}, **_READ}},
        ]
    },
}
MIGRATION = Migration(
    slug="generated",
    customer=CUSTOMER,
    destination=DESTINATION,
    mappings={name: Mapping.model_validate({"entity": name, **each}) for name, each in MAPPINGS.items()},
    value_maps={},
    log=(),
    head=NO_LOG,
)


def a_run(folder: Path) -> Run:
    """Return a run on a connection of its own, for a customer that has a key and nothing else."""
    workspace = Workspace(root=folder, storage=folder / "storage")
    key = workspace.key("generated")
    key.parent.mkdir(parents=True)
    key.write_text("5a" * 32 + "\n", encoding="ascii")
    connection = duckdb.connect(config={"threads": 1})
    create_digest_macro(connection, b"\x5a" * 32)
    return Run(
        migration=MIGRATION, workspace=workspace, connection=connection,
        wave="first", as_of=date(2026, 11, 20), by="test",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A delivery as the product sees it, and the decisions that were made on it or before."""

    run: Run
    delivery: Delivery
    raw: dict[str, RawRelation] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, delivery: Delivery) -> "Held":
        """Put a delivery into tables; it takes the place of the one before."""
        raw: dict[str, RawRelation] = {}
        for source, file in delivery.items():
            columns = [f"c{number:04d}" for number in range(1, len(file.headers) + 1)]
            listed = ", ".join(f"{name} varchar" for name in columns)
            run.connection.execute(
                f"create or replace table table_{source} (row_id varchar, row integer, {listed})"
            )
            rows = [
                f"({', '.join(_cell(text) for text in (row_id((source, number)), *map(row.get, file.headers)))}, {number})"
                for number, row in enumerate(file.rows)
            ]
            if rows:
                run.connection.execute(
                    f"insert into table_{source} by name select * from (values {', '.join(rows)})"
                    f" v(row_id, {', '.join(columns)}, row)"
                )
            raw[source] = open_table(
                run, source, headers=file.headers, table=f"table_{source}", name=f"raw_{source}"
            )
        return cls(run=run, delivery=delivery, raw=raw)

    def keys(self) -> dict[Place, str]:
        """Return the row key of every place."""
        found: dict[Place, str] = {}
        for raw in self.raw.values():
            rows = self.run.connection.execute(f"select row_id, row_key from {raw.relation}").fetchall()
            found |= {place_of(row): key for row, key in rows}
        return found

    def decided(self, told: Told) -> RowDecision:
        """Return the decision as the product records it."""
        names = {header: name for name, header in HEADER_OF.items()}
        is_entity = told.subject in READ_BY
        fields = tuple(names[header] for header in told.headers) if is_entity else told.headers
        groups, members = self._beside(told, fields)
        chosen = f"select unnest([{', '.join(literal(row_id(place)) for place in told.rows)}])"
        rows = rows_shown(
            self.run.connection, MIGRATION, self.raw, subject=told.subject, fields=fields, chosen=chosen, groups=groups
        )  # fmt: skip
        covers = {
            "subject": told.subject, "rule": told.rule, "fields": fields, "rows": rows.to_dicts(),
            "members": [each.model_dump() for each in members],
        }  # fmt: skip
        particular = PARTICULAR.get(told.kind, {})
        if told.kind == "merge_approved":
            particular = {"survivor": rows["key"][0]}
        spoken = {
            "on": "2026-11-20",
            "by": INA,
            "how_known": "A call.",
            "says": "So.",
            "why": "So.",
            "evidence": ["x"],
        }
        entry = ENTRY.validate_python(
            {
                "id": told.id,
                "kind": told.kind,
                "seq": 1,
                "prev": "0" * 64,
                "covers": covers,
                **spoken,
                **particular,
            }
        )
        assert isinstance(entry, RowDecision)
        return entry

    def _beside(self, told: Told, fields: tuple[str, ...]) -> tuple[str | None, tuple[Member, ...]]:
        connection = self.run.connection
        is_parent = told.rule == POINTS
        if told.rule not in (UNIQUE, POINTS) or (is_parent and told.kind in SET_ASIDE):
            return None, ()
        if is_parent:
            pairs = [(place, above) for place in told.rows for above in parents(self.delivery, place)]
            grouped = [
                f"({literal(row_id(place))}, {literal(row_id(above))}, {literal(str(told.rows.index(place) + 1))})"
                for place, above in pairs
            ]
            if not grouped:
                return None, ()
            connection.execute(
                f"create or replace temp table {GROUPED} as from (values {', '.join(grouped)}) v(of, row_id, grp)"
            )
            beside, subject, fields = f"select row_id, grp from {GROUPED}", "firm", ("id",)
            groups = f"select distinct of as row_id, grp from {GROUPED}"
        else:
            chosen = f"select unnest([{', '.join(literal(row_id(place)) for place in told.rows)}])"
            create_groups(connection, self.sharing(told.subject), chosen)
            beside, subject = (
                f"select distinct of as row_id, grp from {GROUPED} where of not in ({chosen})",
                told.subject,
            )
            groups = f"select distinct row_id, grp from {GROUPED}"
        members = members_shown(
            connection,
            MIGRATION,
            self.raw,
            subject=subject,
            fields=fields,
            beside=beside,
            is_parent=is_parent,
        )
        return groups, members

    def sharing(self, subject: str) -> str:
        """Return the SELECT (row_id, of, value) of a subject's rows by mail."""
        tables = " union all ".join(
            f"select row_id, [row_id] as row_ids, {self.raw[source].internal['Mail']} as mail from {self.raw[source].relation}"
            for source in READ_BY.get(subject, (subject,))
        )
        return same_value(f"({tables})", ["mail"])

    def stands(self, decisions: tuple[RowDecision, ...], then: "dict[str, set[Place]]") -> Stands:
        """Return what the product says of each decision; `then`: key -> the places of the earlier delivery."""
        connection = self.run.connection
        create_covered(connection, MIGRATION, self.raw, decisions)
        for subject in dict.fromkeys(each.covers.subject for each in decisions):
            if subject != "firm":
                mark_joined(connection, subject, UNIQUE, self.sharing(subject))
        rows = connection.execute(f"select decision, row_key, row_id, matches from {COVERED}").fetchall()
        return Stands(
            covered=frozenset((decision, place_of(row)) for decision, _, row, matches in rows if matches),
            lost=frozenset((decision, min(then[key])) for decision, key, _, matches in rows if not matches),
        )


def _cell(text: str | None) -> str:
    return "null" if text is None else literal(text)


def row_id(place: Place) -> str:
    """Return the row id of a place; like the product's, it says nothing but where the row stands."""
    source, number = place
    return f"{source}@00000000#{number:07d}"


def place_of(row: str) -> Place:
    source, _, number = row.partition("@00000000#")
    return source, int(number)


def some_decisions(chance: Random, delivery: Delivery, number: int) -> tuple[Told, ...]:
    """Draw decisions of all kinds about one to four rows each, twins of a chosen row among them."""
    found = []
    while len(found) < number:
        kind = KINDS[len(found) % len(KINDS)]
        subject = chance.choice(("person", "person", "people", "loose", "firm"))
        told = _one(chance, delivery, f"D-{len(found) + 1:03d}", kind, subject)
        known = names(delivery)
        if not kind.startswith("merge") or len({known[place] for place in told.rows}) > 1:
            found.append(told)
    return tuple(found)


def _one(chance: Random, delivery: Delivery, name: str, kind: str, subject: str) -> Told:
    is_settling = kind in {"risk_accepted", "merge_refused"}
    rules = {"person": [UNIQUE, POINTS], "firm": ["name.required"]}.get(subject, [UNIQUE])
    rule = chance.choice(rules if is_settling else [None, *rules])
    if kind == "merge_approved":
        rule = None
    headers = {"Mail"} if rule == UNIQUE else {"Firm"} if rule == POINTS else {"Name"}
    if chance.random() < 0.5:
        headers.add("Name")
    told = Told(id=name, kind=kind, subject=subject, rule=rule, headers=tuple(sorted(headers)), rows=())
    there = sorted(places(delivery, subject))
    chosen = set(chance.sample(there, chance.randint(2 if kind.startswith("merge") else 1, 4)))
    known = names(delivery)
    twins = {(known[place], shown(delivery, place, told.headers)) for place in chosen}
    rows = [place for place in there if (known[place], shown(delivery, place, told.headers)) in twins]
    return dataclasses.replace(told, rows=tuple(rows))
