"""Each fate and reason, from literal records; children follow their parents through every level."""

from dataclasses import dataclass, field
from typing import Any

import duckdb
import pytest

from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.fates.assign import (
    EntityTables,
    create_ledger,
    create_records,
    name_deferrals,
    settle_updates,
)

FIELD = {"says": "A field.", "moment": "use"}


def entity(**links: dict[str, Any]) -> dict[str, Any]:
    fields = {name: {**FIELD, "relationship": link} for name, link in links.items()}
    key = {**FIELD, "required": True, "unique": True}
    return {
        "label": "Record",
        "plural": "Records",
        "says": "It.",
        "key": "id",
        "fields": {"id": key, **fields},
    }


def link(to: str, **how: str) -> dict[str, Any]:
    return {"entity": to, "field": "id", **how}


DESTINATION = Destination.model_validate(
    {
        "destination": "small",
        "version": "1",
        "label": "Small",
        "moments": {"use": {"label": "Use", "says": "It is used."}},
        "entities": {
            "account": entity(parent=link("account"), owner=link("user", kind="lookup")),
            "user": entity(account=link("account", when_not_exported="blank")),
            "contact": entity(account=link("account")),
            "activity": entity(contact=link("contact"), account=link("account")),
        },
    }
)
Rows = dict[str, dict[str, str | None]]


NOTHING = "nothing"


@dataclass
class Launch:
    """Records as the models leave them: row id -> fields, `wave` among them, `with` other row ids of the record."""

    account: Rows = field(default_factory=dict)
    user: Rows = field(default_factory=dict)
    contact: Rows = field(default_factory=dict)
    activity: Rows = field(default_factory=dict)
    set_aside: dict[str, str] = field(default_factory=dict)  # "entity row" -> why
    holds: dict[str, str] = field(default_factory=dict)
    live: tuple[str, ...] = ()  # "entity row": live under its own key
    live_as: dict[str, str] = field(
        default_factory=dict
    )  # "entity row" -> the key that it has in the product
    changed: tuple[str, ...] = ()  # "entity row": would be another record than the product has
    merged: dict[str, str] = field(default_factory=dict)  # "entity row" -> decision
    closed: dict[str, str] = field(default_factory=dict)  # entity -> gate
    ungated: tuple[str, ...] = ()  # entities that were never transformed
    deferrals: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str | None] = field(default_factory=dict)  # "entity row" -> what excludes it, or None

    def fates(self) -> dict[str, tuple[str, str, str | None]]:
        return self.told("fate, reason, because")

    def told(self, columns: str) -> dict[str, tuple[Any, ...]]:
        """Return `entity row` -> some columns of the ledger."""
        rows = (
            self._settled()
            .execute(f"select entity || ' ' || row_id, {columns} from ledger order by 1")
            .fetchall()
        )
        assert len({row[0] for row in rows}) == len(rows)
        return {row[0]: row[1:] for row in rows}

    def _settled(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"threads": 1})
        connection.execute("create temp table holds (entity varchar, row_id varchar, because varchar)")
        connection.execute("create temp table live_keys (entity varchar, record_key varchar, since varchar)")
        connection.execute(
            "create temp table live_rows (entity varchar, row_id varchar, record_key varchar, is_lead boolean)"
        )
        connection.execute(
            "create temp table merges (entity varchar, row_id varchar, survivor varchar, decision varchar)"
        )
        connection.execute(
            "create temp table covered (decision varchar, kind varchar, subject varchar, row_id varchar, matches boolean)"
        )
        for name, because in self.holds.items():
            connection.execute("insert into holds values (?, ?, ?)", [*name.split(" "), because])
        for name in self.live:
            entity, row = name.split(" ")
            self._make_live(connection, entity, row, str(getattr(self, entity)[row]["id"]))
        for name, key in self.live_as.items():
            self._make_live(connection, *name.split(" "), key)
        for name, decision in self.merged.items():
            connection.execute("insert into merges values (?, ?, 's', ?)", [*name.split(" "), decision])
        for name, decision in self.deferrals.items():
            entity, row = name.split(" ")
            connection.execute(
                "insert into covered values (?, 'rows_deferred', ?, ?, true)", [decision, entity, row]
            )
        tables = [self._tables(connection, name) for name in DESTINATION.load_order() if getattr(self, name)]
        create_records(connection, DESTINATION, tables, waves_in_scope=("first",))
        for each in tables:
            of_entity = [name.split(" ")[1] for name in self.changed if name.startswith(f"{each.entity} ")]
            rows = ", ".join(f"'{row}'" for row in ("", *of_entity))
            if each.transformed:
                connection.execute(
                    f"create table changed_{each.entity} as from {each.transformed} where row_ids[1] in ({rows})"
                )
        settle_updates(connection, DESTINATION, tables)
        create_ledger(connection, tables)
        name_deferrals(connection)
        return connection

    def _make_live(self, connection: duckdb.DuckDBPyConnection, entity: str, row: str, key: str) -> None:
        connection.execute("insert into live_keys values (?, ?, 'first/v0001-00000000')", [entity, key])
        connection.execute("insert into live_rows values (?, ?, ?, true)", [entity, row, key])

    def _tables(self, connection: duckdb.DuckDBPyConnection, name: str) -> EntityTables:
        described, rows = DESTINATION.entities[name], getattr(self, name)
        fields = ", ".join(f"{each} varchar" for each in described.fields)
        connection.execute(f"create table t_{name} (row_ids varchar[], wave varchar, {fields})")
        connection.execute(
            f"create table m_{name} (row_id varchar, source varchar, wave varchar, set_aside varchar)"
        )
        for row_id, values in rows.items():
            parts = [row_id, *(values.get("with") or "").split()]
            for part in parts:
                aside = self.set_aside.get(f"{name} {part}")
                connection.execute(
                    f"insert into m_{name} values (?, 'crm', ?, ?)",
                    [part, values.get("wave", "first"), aside],
                )
            if f"{name} {row_id}" not in self.set_aside:
                fields = [values.get(each) for each in described.fields]
                marks = ", ".join("?" * (2 + len(fields)))
                connection.execute(
                    f"insert into t_{name} values ({marks})", [parts, values.get("wave", "first"), *fields]
                )
        return EntityTables(
            entity=name,
            key="id",
            mapped=f"m_{name}",
            transformed=None if name in self.ungated else f"t_{name}",
            closed_by=self.closed.get(name),
            rejected=self._rejected(name),
        )

    def _rejected(self, name: str) -> str | None:
        rows = [(each.split(" ")[1], by) for each, by in self.unread.items() if each.startswith(f"{name} ")]
        values = ", ".join(f"('{row}', nullif('{by or NOTHING}', '{NOTHING}'))" for row, by in rows)
        wanted = "row_id, 'crm' as source, 'first' as wave, 'crm.record.readable' as because, decision"
        return f"select {wanted} from (values {values}) v(row_id, decision)" if rows else None


def test_a_record_that_nothing_keeps_back_is_exported() -> None:
    assert Launch(account={"r1": {"id": "a"}}).fates() == {"account r1": ("exported", "ready", None)}


def test_a_record_that_could_not_be_read_is_unresolved_unless_a_decision_excludes_it() -> None:
    launch = Launch(account={"r1": {"id": "a"}}, unread={"account r2": None, "account r3": "D-004"})

    assert launch.fates() == {
        "account r1": ("exported", "ready", None),
        "account r2": ("unresolved", "unreadable", "crm.record.readable"),
        "account r3": ("excluded", "decision", "D-004"),
    }


def test_a_closed_gate_does_not_hide_that_a_record_could_not_be_read() -> None:
    launch = Launch(
        account={"r1": {"id": "a"}}, unread={"account r2": None}, closed={"account": "mapped gate"}
    )

    assert launch.fates()["account r2"] == ("unresolved", "unreadable", "crm.record.readable")


def test_a_row_that_a_decision_or_the_mapping_sets_aside_is_excluded() -> None:
    launch = Launch(
        account={"r1": {"id": "a"}, "r2": {"id": "b"}},
        set_aside={"account r1": "D-003", "account r2": "mapping"},
    )

    assert launch.fates() == {
        "account r1": ("excluded", "decision", "D-003"),
        "account r2": ("excluded", "mapping", "mapping"),
    }


def test_a_row_of_a_later_wave_is_deferred_by_condition_or_by_decision() -> None:
    launch = Launch(
        account={"r1": {"id": "a", "wave": "second"}, "r2": {"id": "b", "wave": "second"}},
        deferrals={"account r2": "D-004"},
    )

    assert launch.fates() == {
        "account r1": ("deferred", "wave", "second"),
        "account r2": ("deferred", "decision", "D-004"),
    }


def test_a_held_row_is_unresolved_whatever_its_wave() -> None:
    launch = Launch(
        account={"r1": {"id": "a", "wave": "second"}}, holds={"account r1": "account.name.required"}
    )

    assert launch.fates() == {"account r1": ("unresolved", "rule", "account.name.required")}


def test_merged_rows_name_the_decision() -> None:
    launch = Launch(
        account={"r1": {"id": "a", "with": "r2 r3"}}, merged={f"account r{n}": "D-005" for n in (1, 2, 3)}
    )

    assert launch.fates() == {
        "account r1": ("exported", "ready", None),
        "account r2": ("merged", "decision", "D-005"),
        "account r3": ("merged", "decision", "D-005"),
    }


def test_a_merged_record_waits_for_its_held_part() -> None:
    launch = Launch(account={"r1": {"id": "a", "with": "r2"}}, holds={"account r2": "a.rule"})

    assert launch.fates() == {
        "account r1": ("unresolved", "partner", "a.rule"),
        "account r2": ("unresolved", "rule", "a.rule"),
    }


def test_a_row_that_a_live_version_holds_stays_exported() -> None:
    """Not even a rule, a closed gate or another wave takes it back."""
    launch = Launch(
        account={"r1": {"id": "a", "wave": "second"}, "r2": {"id": "b"}},
        live=("account r1",), holds={"account r1": "a.rule"}, closed={"account": "mapped gate"},
    )  # fmt: skip

    assert launch.fates() == {
        "account r1": ("exported", "live", None),
        "account r2": ("unresolved", "gate", "mapped gate"),
    }


@pytest.mark.parametrize("ungated", [(), ("account",)], ids=["after it was transformed", "before"])
def test_a_closed_gate_leaves_every_row_unresolved_but_those_set_aside(ungated: tuple[str, ...]) -> None:
    launch = Launch(
        account={"r1": {"id": "a"}, "r2": {"id": "b"}, "r3": {"id": "c"}},
        closed={"account": "mapped gate of account is closed"}, ungated=ungated,
        set_aside={"account r2": "D-003"}, live=("account r3",),
    )  # fmt: skip

    assert launch.fates() == {
        "account r1": ("unresolved", "gate", "mapped gate of account is closed"),
        "account r2": ("excluded", "decision", "D-003"),
        "account r3": ("exported", "live", None),
    }


def test_children_follow_their_parents_through_every_level() -> None:
    launch = Launch(
        account={
            "r1": {"id": "top"},
            "r2": {"id": "sub", "parent": "top"},
            "r3": {"id": "subsub", "parent": "sub"},
        },
        contact={"c1": {"id": "jo", "account": "subsub"}, "c2": {"id": "kim", "account": None}},
        activity={"t1": {"id": "call", "contact": "jo"}, "t2": {"id": "note", "contact": "kim"}},
        holds={"account r1": "a.rule"},
    )

    assert launch.fates() == {
        "account r1": ("unresolved", "rule", "a.rule"),
        "account r2": ("unresolved", "parent", "account r1"),
        "account r3": ("unresolved", "parent", "account r2"),
        "activity t1": ("unresolved", "parent", "contact c1"),
        "activity t2": ("exported", "ready", None),
        "contact c1": ("unresolved", "parent", "account r3"),
        "contact c2": ("exported", "ready", None),
    }


def test_deferral_is_followed_too_and_yields_to_unresolved() -> None:
    launch = Launch(
        account={"r1": {"id": "later", "wave": "second"}, "r2": {"id": "held"}},
        contact={
            "c1": {"id": "jo", "account": "later"},
            "c2": {"id": "kim", "account": "held", "wave": "second"},
        },
        holds={"account r2": "a.rule"},
    )

    fates = launch.fates()
    assert fates["contact c1"] == ("deferred", "parent", "account r1")
    assert fates["contact c2"] == ("unresolved", "parent", "account r2")


def test_of_two_parents_the_least_settled_is_followed() -> None:
    launch = Launch(
        account={"r1": {"id": "later", "wave": "second"}, "r2": {"id": "held"}},
        contact={"c1": {"id": "jo", "account": "held"}},
        activity={"t1": {"id": "call", "contact": "jo", "account": "later"}},
        holds={"account r2": "a.rule"},
    )

    assert launch.fates()["activity t1"] == ("unresolved", "parent", "contact c1")


def test_of_two_parents_with_one_key_the_least_settled_is_named() -> None:
    launch = Launch(
        account={"r1": {"id": "a", "wave": "second"}, "r2": {"id": "a"}, "r3": {"id": "a"}},
        contact={"c1": {"id": "jo", "account": "a"}},
        holds={"account r2": "a.rule", "account r3": "a.rule"},
    )

    assert launch.fates()["contact c1"] == ("unresolved", "parent", "account r2")


def test_a_link_that_may_be_blank_and_a_look_up_take_nobody_along() -> None:
    launch = Launch(
        account={"r1": {"id": "a"}, "r2": {"id": "b", "owner": "jo"}},
        user={"u1": {"id": "jo", "account": "a"}},
        holds={"account r1": "a.rule", "user u1": "a.rule"},
    )
    held_account = Launch(
        account={"r1": {"id": "a"}}, user={"u1": {"id": "jo", "account": "a"}}, holds={"account r1": "x"}
    )

    assert launch.fates()["account r2"] == ("exported", "ready", None)
    assert held_account.fates()["user u1"] == ("exported", "ready", None)


def test_excluded_parents_take_nobody_along_and_a_child_of_nobody_stays() -> None:
    launch = Launch(
        account={"r1": {"id": "a"}},
        contact={"c1": {"id": "jo", "account": "a"}, "c2": {"id": "kim", "account": "nobody"}},
        set_aside={"account r1": "D-001"},
    )

    fates = launch.fates()
    assert fates["contact c1"] == fates["contact c2"] == ("exported", "ready", None)


def test_companies_that_own_each_other_end_together() -> None:
    launch = Launch(
        account={"r1": {"id": "a", "parent": "b"}, "r2": {"id": "b", "parent": "a"}},
        holds={"account r1": "x"},
    )

    assert launch.fates()["account r2"] == ("unresolved", "parent", "account r1")


def test_a_live_child_follows_nobody() -> None:
    launch = Launch(
        account={"r1": {"id": "a"}}, contact={"c1": {"id": "jo", "account": "a"}}, holds={"account r1": "x"},
        live=("contact c1",),
    )  # fmt: skip

    assert launch.fates()["contact c1"] == ("exported", "live", None)
