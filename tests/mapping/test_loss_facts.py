"""What values say less than what was delivered, counted in SQL and, row by row, in Python."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aformity_pipelines.domain.launch.losses import LossSort
from aformity_pipelines.mapping.facts import field_facts
from aformity_pipelines.mapping.loss_facts import LossFacts, loss_facts
from tests.mapping.small_migration import Small

Pair = tuple[str | None, str | None]


def counted(small: Small, name: str, corrections: str | None = None) -> tuple[LossFacts, list[Pair]]:
    """Map, count, and return what was counted of a field beside its (delivered, value) pairs."""
    small.connection.execute(f"create or replace table mapped as {small.sql}")
    about = (small.connection, small.migration, "person", small.raw, "mapped")
    facts = field_facts(*about, corrections=corrections)
    (found,) = (f for f in loss_facts(*about, facts, corrections=corrections) if f.field == name)
    pairs = small.connection.execute(
        f"select nullif(r.c0002, ''), cast(m.\"{name}\" as varchar) from raw_crm r join mapped m using (row_id)"
    ).fetchall()
    return found, pairs


def of_one_column(name: str, mapping: dict[str, Any], texts: list[str | None], **more: Any) -> Small:
    """Map one field of a column `X` that holds these texts."""
    reads = [{"source": "crm", "fields": {"id": {"from": "No"}, name: {"from": "X"} | mapping}}]
    rows = [(f"n{number}", text) for number, text in enumerate(texts)]
    return Small(reads=reads, crm=(("No", "X"), rows), **more)


def rows_that(pairs: list[Pair], says_less: Callable[[str, str], bool]) -> int:
    """Count the changed pairs of which a condition holds, one by one."""
    return sum(1 for b, a in pairs if b is not None and a is not None and a != b and says_less(b, a))


def is_rounded(before: str, after: str) -> bool:
    places = len(after.partition(".")[2].rstrip("0"))
    apart = abs(Decimal(before) - Decimal(after))
    return 0 < apart < Decimal(1).scaleb(-places)


def is_several_days(before: str, _: str) -> bool:
    first, middle, last = re.split(r"[/.-]", before)
    readings = [(last, middle, first), (last, first, middle)]
    readings += [(first, middle, last)] if len(first) == len(last) == 2 else []
    return len({day for y, m, d in readings if (day := as_day(y, m, d))}) > 1


def as_day(year: str, month: str, day: str) -> date | None:
    century = {2: 1900 if int(year) >= 69 else 2000}.get(len(year), 0)
    try:
        return date(century + int(year), int(month), int(day))
    except ValueError:
        return None


words = st.lists(
    st.none() | st.text(" aAbB,0k.", max_size=5) | st.sampled_from(["NULL", "k.A."]), max_size=20
)
numbers = st.lists(st.from_regex(r"\A-?(0|00|[1-9])\d{0,3}(\.\d{1,6})?\Z"), max_size=20)
moments = st.lists(
    st.tuples(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.times()).map(
        lambda at: f"{at[0]} {at[1]:%H:%M:%S}"
    )
    | st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(lambda on: f"{on} 00:00:00"),
    max_size=20,
)
days = st.lists(st.from_regex(r"\A([0-3]?\d)[/.-]([0-3]?\d)[/.-](\d\d|20\d\d)\Z"), max_size=20)
quickly = settings(max_examples=12, deadline=None)


@quickly
@given(words)
def test_texts_that_became_one_value_are_the_texts_less_the_values(texts: list[str | None]) -> None:
    found, pairs = counted(of_one_column("name", {"rule": ["trim", "lower"]}, texts), "name")
    became = {(b, a) for b, a in pairs if b is not None and a is not None}

    if any(b != a for b, a in became):
        assert (found.distinct_before, found.distinct_after) == tuple(
            len({pair[side] for pair in became}) for side in (0, 1)
        )
    else:
        assert (found.distinct_before, found.distinct_after) == (None, None)


@quickly
@given(numbers)
def test_decimals_that_went_are_counted_and_other_numbers_are_not(texts: list[str]) -> None:
    rule = {
        "sql": """CASE WHEN length("X") > 6 THEN round(try_cast("X" AS decimal(18, 6)), 2)
                           WHEN length("X") = 5 THEN try_cast("X" AS decimal(18, 6)) * 10 ELSE try_cast("X" AS decimal(18, 6)) END"""
    }
    found, pairs = counted(of_one_column("amount", {"rule": rule}, list(texts)), "amount")

    assert found.rows.get(LossSort.PRECISION, 0) == rows_that(pairs, is_rounded)


@quickly
@given(moments)
def test_a_time_of_day_that_went_is_counted_unless_it_was_midnight(texts: list[str]) -> None:
    for name in ("since", "name"):
        found, pairs = counted(
            of_one_column(name, {"rule": {"split": {"on": " ", "take": 1}}}, list(texts)), name
        )

        assert found.rows.get(LossSort.PRECISION, 0) == rows_that(
            pairs, lambda b, _: not b.endswith("00:00:00")
        )


@quickly
@given(words)
def test_texts_that_were_cut_are_those_that_are_shorter_without_their_blanks(texts: list[str | None]) -> None:
    found, pairs = counted(of_one_column("name", {"rule": {"split": {"on": ",", "take": 2}}}, texts), "name")

    assert found.rows.get(LossSort.CUT, 0) == rows_that(
        pairs, lambda b, a: len("".join(a.split())) < len("".join(b.split()))
    )


@quickly
@given(numbers)
def test_leading_zeros_that_went_are_counted(texts: list[str]) -> None:
    found, pairs = counted(of_one_column("amount", {}, list(texts)), "amount")

    assert found.rows.get(LossSort.ZEROS, 0) == rows_that(pairs, lambda b, _: bool(re.match(r"-?0\d", b)))


@quickly
@given(days, st.sampled_from(["dmy", "mdy", "ymd", "undecided"]))
def test_dates_that_the_mapping_decided_are_those_that_can_be_several_days(
    texts: list[str], order: str
) -> None:
    cast = {"cast": {"date": {"order": order, "two_digit_years": True}}}
    found, pairs = counted(of_one_column("since", cast, list(texts)), "since")

    assert found.rows.get(LossSort.DATE_DECIDED, 0) == rows_that(pairs, is_several_days)


@pytest.mark.parametrize(
    ("text", "decided"),
    [
        ("02/03/04", 1),
        ("25/03/04", 1),  # day first, or the year 2025: a look at day and month alone misses it
        ("05/05/2024", 0),  # both are 5: a look at `at most 12` alone would count it
        ("25/03/2024", 0),
        ("2024-03-02", 0),
    ],
)
def test_only_a_date_with_two_readings_was_decided(text: str, decided: int) -> None:
    cast = {"cast": {"date": {"order": "dmy", "two_digit_years": True}}}
    found, _ = counted(of_one_column("since", cast, [text]), "since")

    assert found.rows.get(LossSort.DATE_DECIDED, 0) == decided


@pytest.mark.parametrize(
    ("before", "after", "sorts"),
    [
        ("1.234,56", "1235", {LossSort.PRECISION}),
        ("01.234", "1234", {LossSort.ZEROS}),
        ("€ 007,00", "7", {LossSort.ZEROS}),
        ("100,40", "40", set()),  # another number, not a shorter one
    ],
)
def test_numbers_are_compared_as_the_column_writes_them(
    before: str, after: str, sorts: set[LossSort]
) -> None:
    cast = {"cast": {"number": {"point": ",", "group": ".", "currency": "€"}}}
    small = of_one_column("amount", cast, [before])
    assert counted(small, "amount")[0].rows.keys() <= {LossSort.ZEROS}
    small.connection.execute(f"update mapped set amount = {after}")
    about = (small.connection, small.migration, "person", small.raw, "mapped")
    found = loss_facts(*about, field_facts(*about))[1]

    assert set(found.rows) == sorts


@pytest.mark.parametrize(
    ("text", "sql", "sorts"),
    [
        ("10:15:30", 'left("X", 5)', {LossSort.PRECISION}),
        ("10:15:00", 'left("X", 5)', {LossSort.CUT}),
        ("1999-12-31 12:00 AM", 'left("X", 10)', {LossSort.CUT}),
        ("+49 (30) 12", "regexp_replace(\"X\", '[^0-9+]', '', 'g')", {LossSort.CUT}),
        ("0049 30", "'+' || ltrim(\"X\", '0')", {LossSort.CUT, LossSort.ZEROS}),
        ("007", "'nw-' || \"X\"", set()),
        ("a   b", "regexp_replace(\"X\", ' +', ' ')", set()),
        ("02/03/2024", "strftime(strptime(\"X\", '%d/%m/%Y'), '%Y-%m-%d')", {LossSort.DATE_DECIDED}),
    ],
)
def test_a_text_that_a_formula_made_shorter_says_how(text: str, sql: str, sorts: set[LossSort]) -> None:
    found, _ = counted(of_one_column("name", {"rule": {"sql": sql}}, [text]), "name")

    assert set(found.rows) == sorts


def test_a_translated_text_is_not_called_cut() -> None:
    small = of_one_column(
        "name", {"values": "v"}, ["Germany", "01"], values={"v": [("Germany", "DE"), ("01", "1")]}
    )

    assert counted(small, "name")[0].rows == {}


def test_misread_signs_are_counted_and_those_that_a_value_map_repairs_apart() -> None:
    texts = ["MÃ¼nchen", "Lost \ufffd sign", "São Paulo", "MÃ¼nchen", None]
    small = of_one_column("name", {"values": "v"}, texts, values={"v": [("MÃ¼nchen", "München")]})
    found, _ = counted(small, "name")

    assert (found.rows, found.repaired) == ({LossSort.ENCODING: 3}, 2)


def test_a_corrected_value_is_no_loss_and_a_correction_to_blank_is_counted() -> None:
    small = of_one_column("amount", {}, ["007", "008", "009"])
    small.connection.execute(f"create or replace table mapped as {small.sql}")
    small.connection.execute(
        "create or replace temp table fixed as select row_id, 'amount' as field, v as value"
        " from (values ('crm#3', '8.5'), ('crm#4', '')) t(row_id, v)"
    )
    small.effects = type(small.effects)(corrections="fixed", corrected_fields=frozenset({"amount"}))

    found, _ = counted(small, "amount", corrections="fixed")

    assert (found.rows, found.emptied) == ({LossSort.ZEROS: 1}, 1)
    assert (found.distinct_before, found.distinct_after) == (1, 1)


def test_a_correction_that_is_no_value_of_the_field_made_nothing_blank_on_purpose() -> None:
    small = of_one_column("amount", {}, ["7", "8"])
    small.connection.execute(
        "create or replace temp table fixed as select row_id, 'amount' as field, v as value"
        " from (values ('crm#2', 'gold'), ('crm#3', '')) t(row_id, v)"
    )
    small.effects = type(small.effects)(corrections="fixed", corrected_fields=frozenset({"amount"}))

    found, _ = counted(small, "amount", corrections="fixed")

    assert found.emptied == 1


def test_two_cells_are_told_from_one_that_looks_like_both() -> None:
    reads = [
        {
            "source": "crm",
            "fields": {"id": {"from": "No"}, "name": {"from": ["A", "B"], "rule": {"join": ""}}},
        }
    ]
    rows = [("1", "a | b", None), ("2", "a", "b"), ("3", "ab", None)]
    small = Small(reads=reads, crm=(("No", "A", "B"), rows))

    found, _ = counted(small, "name")

    assert (found.distinct_before, found.distinct_after) == (3, 2)


def test_rows_that_are_set_aside_and_rows_of_another_part_are_not_counted() -> None:
    desk = {"source": "crm", "part": "desk", "fields": {"id": {"from": "No"}, "amount": {"from": "X"}}}
    small = of_one_column("amount", {}, ["007", "008"])
    small.reads = [{**small.reads[0], "only": {"where": "\"X\" = '007'", "why": "Only that."}}, desk]
    small.connection.execute(f"create or replace table mapped as {small.sql}")
    about = (small.connection, small.migration, "person", small.raw, "mapped")

    found = {
        (f.part, f.field): f.rows.get(LossSort.ZEROS, 0) for f in loss_facts(*about, field_facts(*about))
    }

    assert found["main", "amount"] == 1
    assert found["desk", "amount"] == 2


def test_a_constant_has_nothing_to_lose() -> None:
    small = of_one_column("name", {"from": (), "constant": "Partner"}, ["x"])
    small.connection.execute(f"create or replace table mapped as {small.sql}")
    about = (small.connection, small.migration, "person", small.raw, "mapped")

    assert [f.field for f in loss_facts(*about, field_facts(*about))] == ["id"]
