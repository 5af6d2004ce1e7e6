"""Value maps, aliases, blanks, look-ups, corrections, parts and conditions: literal rows before and after."""

import duckdb
import pytest

from aformity_pipelines.mapping.columns import ambiguous_headers, internal_names
from aformity_pipelines.mapping.compile import Effects
from aformity_pipelines.mapping.facts import field_facts, value_counts
from tests.mapping.small_migration import Small, one_field

ROLES = [("Rep", "member"), ("Robot", ""), ("admin", "member")]


@pytest.mark.parametrize(
    ("delivered", "value", "bad"),
    [
        ("Rep", "member", None),
        ("rep", None, "rep"),
        ("Robot", None, None),
        ("admin", "member", None),
        ("Admin", "admin", None),
        ("ADMINISTRATOR", "admin", None),
        (" member ", "member", None),
        ("Superuser", None, "Superuser"),
        ("", None, None),
        ("NULL", None, None),
        ("k.A.", None, None),
        ("null", None, "null"),
    ],
)
def test_a_value_is_mapped_known_blank_on_purpose_or_unknown(
    delivered: str, value: str | None, bad: str | None
) -> None:
    """The map compares exactly, the destination's words and aliases without case and outer spaces."""
    small = one_field(
        "role", {"from": "Role", "values": "roles"}, {"Role": delivered}, values={"roles": ROLES}
    )

    assert small.rows("role", "role__bad") == [(value, bad)]


def test_without_a_value_map_only_the_words_of_the_destination_count() -> None:
    assert one_field("role", {"from": "Role"}, {"Role": "Rep"}).rows("role", "role__bad") == [(None, "Rep")]


def test_text_that_is_no_number_stays_beside_the_blank_value() -> None:
    assert one_field("seats", {"from": "Seats"}, {"Seats": "12 + 3"}).rows("seats", "seats__bad") == [
        (None, "12 + 3")
    ]


def test_a_constant_is_the_value_of_every_row() -> None:
    small = one_field("role", {"constant": "admin"}, {"Any": "x"})

    assert small.rows("role", "role__bad") == [("admin", None)]


def test_a_field_that_nobody_maps_is_blank_and_typed() -> None:
    small = one_field("name", {"from": "Name"}, {"Name": "Jo"})

    assert small.rows("seats", "seats__bad", "since") == [(None, None, None)]
    types = dict(
        small.connection.execute(f"select column_name, column_type from (describe {small.sql})").fetchall()
    )
    assert (types["seats"], types["since"]) == ("BIGINT", "DATE")


CODES = (("Code", "Word"), [("1", "Speedy"), ("2", "United"), ("2", "Federal"), ("3", "")])


@pytest.mark.parametrize(
    ("code", "found", "bad"),
    [("1", "Speedy", None), ("4", None, "4"), ("2", None, "2"), ("", None, None), (None, None, None)],
    ids=["one row", "no row", "two rows: neither is right", "blank", "absent"],
)
def test_a_code_is_replaced_by_the_one_row_that_explains_it(
    code: str | None, found: str | None, bad: str | None
) -> None:
    mapping = {"from": "Via", "rule": {"lookup": {"source": "codes", "key": "Code", "take": "Word"}}}
    small = one_field("name", mapping, {"Via": code}, codes=CODES)

    assert small.rows("name", "name__bad") == [(found, bad)]


def test_steps_go_on_behind_a_look_up() -> None:
    rule = [{"lookup": {"source": "codes", "key": "Code", "take": "Word"}}, "upper", {"prefix": "via "}]
    small = one_field("name", {"from": "Via", "rule": rule}, {"Via": "1"}, codes=CODES)

    assert small.rows("name") == [("via SPEEDY",)]


def corrected(small: Small, field: str, value: str, row_id: str = "crm#2") -> Small:
    small.connection.execute("create temp table corrections (row_id varchar, field varchar, value varchar)")
    small.connection.execute("insert into corrections values (?, ?, ?)", [row_id, field, value])
    small.effects = Effects(corrections="corrections", corrected_fields=frozenset({field}))
    return small


@pytest.mark.parametrize(
    ("value", "seats", "bad"), [("7", 7, None), ("seven", None, "seven"), ("", None, None)]
)
def test_a_correction_stands_for_the_delivered_text(value: str, seats: int | None, bad: str | None) -> None:
    """It is read like delivered text: a correction that does not fit is a finding; a blank one clears the field."""
    small = corrected(one_field("seats", {"from": "Seats"}, {"Seats": "12 + 3"}), "seats", value)

    assert small.rows("seats", "seats__bad") == [(seats, bad)]


def test_a_correction_goes_through_the_value_map() -> None:
    small = one_field(
        "role", {"from": "Role", "values": "roles"}, {"Role": "Superuser"}, values={"roles": ROLES}
    )

    assert corrected(small, "role", "Rep").rows("role", "role__bad") == [("member", None)]


@pytest.mark.parametrize("value", ["Speedy", ""])
def test_a_correction_behind_a_look_up_is_not_reported_as_not_found(value: str) -> None:
    mapping = {"from": "Via", "rule": {"lookup": {"source": "codes", "key": "Code", "take": "Word"}}}
    small = corrected(one_field("name", mapping, {"Via": "9"}, codes=CODES), "name", value)

    assert small.rows("name", "name__bad") == [(value or None, None)]


def test_other_rows_and_fields_are_not_corrected() -> None:
    small = one_field("seats", {"from": "Seats"}, {"Seats": "3"})

    assert corrected(small, "seats", "7", row_id="crm#3").rows("seats") == [(3,)]


PEOPLE = (
    ("No", "Name", "Desk", "State"),
    [("1", "Jo", "Front", "open"), ("2", "Kim", "", "closed"), ("3", "Lou", None, "")],
)


def test_a_source_that_is_read_twice_gives_rows_of_two_parts() -> None:
    reads = [
        {"source": "crm", "fields": {"id": {"from": "No"}, "name": {"from": "Name"}}},
        {
            "source": "crm",
            "part": "desk",
            "only": {"where": '"Desk" IS NOT NULL', "why": "No desk, no record."},
            "fields": {"id": {"from": "No", "rule": {"prefix": "d"}}, "name": {"from": "Desk"}},
        },
    ]

    assert Small(reads=reads, crm=PEOPLE).rows("row_id", "id", "name", "set_aside") == [
        ("crm#2", "1", "Jo", None),
        ("crm#2/desk", "d1", "Front", None),
        ("crm#3", "2", "Kim", None),
        ("crm#3/desk", "d2", None, "mapping"),
        ("crm#4", "3", "Lou", None),
        ("crm#4/desk", "d3", None, "mapping"),
    ]


@pytest.mark.parametrize("where", ["\"State\" = 'open'", "\"State\" <> 'closed'"])
def test_a_condition_that_is_unknown_sets_a_row_aside(where: str) -> None:
    """The state of row 4 is blank: neither equal nor unequal to anything."""
    reads = [
        {
            "source": "crm",
            "only": {"where": where, "why": "Only open ones."},
            "fields": {"id": {"from": "No"}},
        }
    ]

    assert Small(reads=reads, crm=PEOPLE).rows("row_id", "set_aside") == [
        ("crm#2", None),
        ("crm#3", "mapping"),
        ("crm#4", "mapping"),
    ]


READ = [{"source": "crm", "fields": {"id": {"from": "No"}}}]


def test_rows_that_no_later_wave_claims_launch_with_the_first() -> None:
    assert Small(reads=READ, crm=PEOPLE).rows("row_id", "wave") == [
        ("crm#2", "wave_1"),
        ("crm#3", "wave_2"),
        ("crm#4", "wave_1"),
    ]


def test_a_deferral_beats_the_condition_of_a_wave_and_an_exclusion_is_named() -> None:
    small = Small(reads=READ, crm=PEOPLE)
    small.connection.execute(
        "create temp table later as select 'crm#2' as row_id, 'D-1' as decision, 'wave_2' as wave"
    )
    small.connection.execute("create temp table gone as select 'crm#4' as row_id, 'D-2' as decision")
    small.effects = Effects(deferred="later", set_aside="gone")

    assert small.rows("row_id", "wave", "set_aside") == [
        ("crm#2", "wave_2", None),
        ("crm#3", "wave_2", None),
        ("crm#4", "wave_1", "D-2"),
    ]


def test_the_printed_statement_is_the_one_that_runs() -> None:
    small = one_field("seats", {"from": "Seats"}, {"Seats": "3"})

    assert "read_integer" in small.sql
    assert duckdb.extract_statements(small.sql)[0].type == duckdb.StatementType.SELECT


def test_a_repeated_header_is_told_apart_and_a_case_is_another_header() -> None:
    assert internal_names(("Name", "name", "Name", "Name__2", "")) == {
        "Name": "c0001",
        "name": "c0002",
        "Name__2": "c0003",
        "Name__2__2": "c0004",
        "": "c0005",
        "Name__1": "c0001",
        "name__1": "c0002",
        "Name__2__1": "c0004",
    }


def test_a_header_that_could_mean_several_columns_says_which_and_how_each_is_named() -> None:
    assert ambiguous_headers(("Name", "Mail", "name", "Name")) == {
        "Name": ((1, "Name__1"), (3, "name__1"), (4, "Name__2")),
        "name": ((1, "Name__1"), (3, "name__1"), (4, "Name__2")),
    }
    assert ambiguous_headers(("Name", "Name", "Name__2")) == {
        "Name": ((1, "Name__1"), (2, "Name__2")),
        "Name__2": ((2, "Name__2"), (3, "Name__2__1")),
    }
    assert ambiguous_headers(("Name__1", "Name", "Name")) == {"Name": ((2, "Name__1__1"), (3, "Name__2"))}
    assert ambiguous_headers(("Name", "Mail", "")) == {}


# Facts


def test_every_row_of_a_field_is_filled_unreadable_cleared_or_was_blank() -> None:
    cells = [
        ("1", "Rep"),
        ("2", "admin"),
        ("3", "Robot"),
        ("4", "Superuser"),
        ("5", ""),
        ("6", "NULL"),
        ("7", "member"),
    ]
    reads = [{"source": "crm", "fields": {"id": {"from": "No"}, "role": {"from": "Role", "values": "roles"}}}]
    small = Small(reads=reads, crm=(("No", "Role"), list(cells)), values={"roles": ROLES})
    small.connection.execute(f"create table mapped as {small.sql}")

    _, role = field_facts(small.connection, small.migration, "person", small.raw, "mapped")

    # cleared: Robot by the map, NULL by the source's blanks
    assert (role.rows, role.filled, role.changed, role.unreadable, role.cleared) == (7, 3, 2, 1, 2)
    assert role.examples == (("Rep", "member", 1), ("admin", "member", 1))
    counted = small.connection.execute(
        value_counts(small.migration, "person", small.raw, "mapped")
    ).fetchall()
    assert [(before, after, unknown, rows) for _, _, _, before, after, unknown, rows in counted] == [
        ("NULL", None, False, 1),
        ("Rep", "member", False, 1),
        ("Robot", None, False, 1),
        ("Superuser", None, True, 1),
        ("admin", "member", False, 1),
        ("member", "member", False, 1),
        (None, None, False, 1),
    ]
