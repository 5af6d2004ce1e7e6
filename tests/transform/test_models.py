"""What the shipped models do to rows."""

import unicodedata
from datetime import date
from decimal import Decimal

import pytest

from aformity_pipelines.domain.destination import FieldType

FIELDS_BESIDE = {"row_ids", "source", "wave"}
MATCHED = {"account", "user", "contact"}


@pytest.mark.parametrize("entity", ["account", "user", "contact", "subscription", "activity"])
def test_a_mart_has_every_field_of_the_destination_with_its_type_and_nothing_unknown(
    company, destination, entity
) -> None:
    company.select(entity, "row_ids")
    described = company.connection.execute(f'DESCRIBE "{entity}"').fetchall()
    mapped = company.connection.execute(f'DESCRIBE mapped."{entity}"').fetchall()
    types = {name: kind for name, kind, *_ in described}

    assert set(types) - FIELDS_BESIDE - {"match_key"} == set(destination.entities[entity].fields)
    assert ("match_key" in types) == (entity in MATCHED)
    assert types["row_ids"] == "VARCHAR[]"
    assert {(n, k) for n, k, *_ in mapped if n in destination.entities[entity].fields} <= set(types.items())


def test_a_row_set_aside_stops_at_staging(company) -> None:
    company.rows(
        "activity",
        {"row_id": "t1", "external_id": "T-1"},
        {"row_id": "t2", "external_id": "T-2", "set_aside": "excluded by D-004"},
    )

    assert company.select("activity", "external_id") == [("T-1",)]


def test_the_survivors_values_win_and_its_blanks_are_filled_in_row_id_order(company) -> None:
    company.rows(
        "account",
        {"row_id": "a1", "external_id": "A", "phone": "111", "city": "Bonn"},
        {"row_id": "a2", "external_id": "B", "phone": "222", "city": "Köln", "website": None},
        {"row_id": "a3", "external_id": "C", "phone": None, "website": "b.example", "industry": "Retail"},
        {"row_id": "a4", "external_id": "D", "website": "late.example", "industry": "Late"},
    )
    company.merge("account", "a3", "a4", "a1", "a2")

    assert company.select("account", "external_id", "phone", "city", "website", "industry") == [
        ("C", "111", "Bonn", "b.example", "Retail")
    ]


VALUES = {
    FieldType.TEXT: ("{field} of 2", "{field} of 3", "{field} of 4"),
    FieldType.INTEGER: (2, 3, 4),
    FieldType.DECIMAL: (Decimal("2.0000"), Decimal("3.0000"), Decimal("4.0000")),
    FieldType.DATE: (date(2022, 1, 1), date(2023, 1, 1), date(2024, 1, 1)),
    FieldType.BOOLEAN: (True, False, True),
}


@pytest.mark.parametrize("entity", ["account", "user", "contact"])
def test_each_field_of_a_merged_record_comes_from_the_first_part_that_has_it(
    company, destination, entity
) -> None:
    fields = destination.entities[entity].fields

    def part(number: int) -> dict[str, object]:
        chosen = {name: VALUES[field.type][number - 2] for name, field in fields.items()}
        return {
            name: value.format(field=name) if isinstance(value, str) else value
            for name, value in chosen.items()
        }

    company.rows(entity, {"row_id": "r4", **part(4)}, {"row_id": "r3", **part(3)})
    company.rows(entity, {"row_id": "r2", **dict.fromkeys(fields)}, {"row_id": "r9"})
    company.merge(entity, "r9", "r2", "r3", "r4")

    assert company.select(entity, "row_ids", *fields) == [(["r9", "r2", "r3", "r4"], *part(3).values())]


def test_source_and_wave_are_the_survivors_even_where_it_has_none(company) -> None:
    company.rows(
        "contact",
        {"row_id": "c1", "external_id": "1", "source": "crm", "wave": "first"},
        {"row_id": "c2", "external_id": "2", "source": "erp", "wave": None},
    )
    company.merge("contact", "c2", "c1")

    assert company.select("contact", "row_ids", "source", "wave") == [(["c2", "c1"], "erp", None)]


@pytest.mark.parametrize(
    ("entity", "key"), [("account", "external_id"), ("user", "email"), ("contact", "external_id")]
)
def test_every_row_is_in_exactly_one_record_survivor_first(company, entity, key) -> None:
    company.rows(entity, *({"row_id": f"r{n}", key: f"k{n}@x.example"} for n in range(1, 8)))
    company.merge(entity, "r5", "r7", "r1").merge(entity, "r2", "r3")

    lists = [row_ids for (row_ids,) in company.select(entity, "row_ids")]

    assert sorted(lists) == [["r2", "r3"], ["r4"], ["r5", "r1", "r7"], ["r6"]]


def test_a_merge_whose_survivor_was_set_aside_goes_on_with_its_first_part(company) -> None:
    company.rows(
        "account",
        {"row_id": "a1", "external_id": "A", "set_aside": "excluded by D-004"},
        {"row_id": "a2", "external_id": "B"},
        {"row_id": "a3", "external_id": "C"},
    )
    company.merge("account", "a1", "a3", "a2")

    assert company.select("account", "row_ids", "external_id") == [(["a2", "a3"], "B")]


def test_a_merge_of_one_entity_leaves_the_same_row_of_another_alone(company) -> None:
    company.rows("contact", {"row_id": "r1", "external_id": "1"}, {"row_id": "r2", "external_id": "2"})
    company.merge("account", "r1", "r2")

    assert company.select("contact", "row_ids") == [(["r1"],), (["r2"],)]


def test_references_to_a_merged_away_record_point_to_the_survivor(company) -> None:
    company.rows("account", {"row_id": "a1", "external_id": "A"}, {"row_id": "a2", "external_id": "B"})
    company.rows(
        "account", {"row_id": "a3", "external_id": "C", "parent_account": "B", "owner": "old@x.example"}
    )
    company.rows(
        "user", {"row_id": "u1", "email": "new@x.example"}, {"row_id": "u2", "email": "old@x.example"}
    )
    company.rows("user", {"row_id": "u3", "email": "c@x.example", "manager": "old@x.example", "account": "B"})
    company.rows(
        "contact", {"row_id": "c1", "external_id": "1"}, {"row_id": "c2", "external_id": "2", "account": "B"}
    )
    company.rows("subscription", {"row_id": "s1", "external_id": "S", "account": "B"})
    company.rows("activity", {"row_id": "t1", "external_id": "T", "account": "B", "contact": "2"})
    company.merge("account", "a1", "a2").merge("user", "u1", "u2").merge("contact", "c1", "c2")

    assert company.select("account", "external_id", "parent_account", "owner") == [
        ("A", None, None),
        ("C", "A", "new@x.example"),
    ]
    assert company.select("user", "email", "manager", "account") == [
        ("c@x.example", "new@x.example", "A"),
        ("new@x.example", None, None),
    ]
    assert company.select("contact", "external_id", "account") == [("1", "A")]
    assert company.select("subscription", "external_id", "account") == [("S", "A")]
    assert company.select("activity", "account", "contact") == [("A", "1")]


def test_a_reference_to_nothing_known_stays_as_it_is(company) -> None:
    company.rows("subscription", {"row_id": "s1", "external_id": "S", "account": "GONE"})

    assert company.select("subscription", "account") == [("GONE",)]


def test_a_key_that_still_names_a_record_is_not_re_pointed(company) -> None:
    company.rows(
        "account",
        {"row_id": "a1", "external_id": "A"},
        {"row_id": "a2", "external_id": "B"},
        {"row_id": "a3", "external_id": "B"},
    )
    company.rows("subscription", {"row_id": "s1", "external_id": "S", "account": "B"})
    company.merge("account", "a1", "a2")

    assert company.select("subscription", "external_id", "account") == [("S", "B")]


def test_a_key_that_went_two_ways_is_not_re_pointed_and_multiplies_no_rows(company) -> None:
    company.rows(
        "account",
        {"row_id": "a1", "external_id": "A"},
        {"row_id": "a2", "external_id": "X"},
        {"row_id": "a3", "external_id": "B"},
        {"row_id": "a4", "external_id": "X"},
    )
    company.rows("subscription", {"row_id": "s1", "external_id": "S", "account": "X"})
    company.merge("account", "a1", "a2").merge("account", "a3", "a4")

    assert company.select("subscription", "external_id", "account") == [("S", "X")]


def test_an_account_merged_with_its_parent_is_not_its_own_parent(company) -> None:
    company.rows(
        "account",
        {"row_id": "a1", "external_id": "A"},
        {"row_id": "a2", "external_id": "B", "parent_account": "A"},
    )
    company.merge("account", "a1", "a2")

    assert company.select("account", "external_id", "parent_account") == [("A", None)]


def test_an_account_that_names_itself_as_parent_is_left_for_the_gate_to_find(company) -> None:
    company.rows("account", {"row_id": "a1", "external_id": "A", "parent_account": "A"})

    assert company.select("account", "external_id", "parent_account") == [("A", "A")]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Größe & Söhne GmbH", "grosse sohne"),
        ("GROSSE UND SOHNE", "grosse sohne"),
        ("Bürokratie GmbH & Co. KG", "burokratie"),
        ("Acme, Inc.", "acme"),
        ("ACME Incorporated", "acme"),
        ("Acme S.A.", "acme"),
        ("Acme S.p.A.", "acme"),
        ("O'Brien Ltd", "obrien"),
        ("O’Brien Limited", "obrien"),
        ("J.P. Widgets LLC", "jp widgets"),
        ("Cafe\u0301 Nord", "cafe nord"),
        ("Café Nord", "cafe nord"),
        ("Limited", "limited"),
        ("Incline Systems", "incline systems"),
        ("Sandberg", "sandberg"),
        ("株式会社 東京", "株式会社 東京"),
        ("  Two   Spaces  ", "two spaces"),
        ("---", None),
        ("", None),
        (None, None),
    ],
)
def test_the_match_key_of_an_account_is_its_name_without_what_people_write_differently(
    company, name, key
) -> None:
    company.rows("account", {"row_id": "a1", "external_id": "A", "name": name})

    assert company.select("account", "match_key") == [(key,)]


def test_the_match_key_folds_every_accented_latin_letter_that_unicode_decomposes(company) -> None:
    lower = (chr(point) for point in range(0xE0, 0x180) if chr(point).islower())
    bases = {letter: unicodedata.normalize("NFD", letter)[0] for letter in lower}
    accented = {letter: base for letter, base in bases.items() if base != letter and base.isascii()}
    company.rows("account", {"row_id": "a1", "external_id": "A", "name": "".join(accented)})

    assert company.select("account", "match_key") == [("".join(accented.values()),)]


@pytest.mark.parametrize("entity", ["user", "contact"])
def test_the_match_key_of_a_person_is_the_address_in_lower_case(company, entity) -> None:
    company.rows(
        entity,
        {"row_id": "r1", "email": " Jo@X.Example "},
        {"row_id": "r2", "email": ""},
        {"row_id": "r3", "email": None},
    )

    assert company.select(entity, "row_ids", "match_key") == [
        (["r1"], "jo@x.example"),
        (["r2"], None),
        (["r3"], None),
    ]
