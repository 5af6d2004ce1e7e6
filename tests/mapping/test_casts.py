"""Text to type: what has the form is read, what has not stays text.  Nothing is guessed (promise P2)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from aformity_pipelines.domain.destination import FieldType
from aformity_pipelines.domain.mapping import BooleanCast, Cast, DateCast, NumberCast
from aformity_pipelines.mapping.casts import MACROS, typed


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"threads": 1})
    for macro in MACROS:
        connection.execute(macro)
    yield connection
    connection.close()


def read(
    connection: duckdb.DuckDBPyConnection, text: str | None, field_type: FieldType, cast: Cast | None = None
) -> Any:
    sql = f"select {typed('t', field_type, cast or Cast())} from (select ?::varchar as t)"
    return connection.execute(sql, [text]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("007", 7),
        ("-3", -3),
        ("+3", 3),
        ("999999999999999999", 999999999999999999),
        ("1000000000000000000", None),
        ("12.5", None),
        ("12.0", None),
        ("0x1F", None),
        ("1_000", None),
        ("1,000", None),
        ("1e3", None),
        ("٣", None),
        (" 7", None),
        ("7 ", None),
        ("", None),
        ("true", None),
        ("12 + 3", None),
        (None, None),
    ],
)
def test_a_whole_number_is_digits_and_nothing_else(connection, text, expected) -> None:
    assert read(connection, text, FieldType.INTEGER) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5", "12.5000"),
        ("12", "12.0000"),
        ("-0.0001", "-0.0001"),
        ("1.234500", "1.2345"),
        ("1.23456", None),
        ("99999999999999.9999", "99999999999999.9999"),
        ("100000000000000", None),
        ("1,5", None),
        ("1.234,56", None),
        (".5", None),
        ("5.", None),
        ("1e5", None),
        ("nan", None),
        ("inf", None),
        ("auf Anfrage", None),
    ],
)
def test_a_number_keeps_every_place_or_is_not_read(connection, text, expected) -> None:
    assert read(connection, text, FieldType.DECIMAL) == (expected and Decimal(expected))


GERMAN = NumberCast(point=",", group=".", currency=("€", "EUR"))
SWISS = NumberCast(group="'")
SPACED = NumberCast(point=",", group=" ")


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("1.234,50", GERMAN, "1234.5"),
        ("1234,5", GERMAN, "1234.5"),
        ("1.234", GERMAN, "1234"),
        ("1.234.567", GERMAN, "1234567"),
        ("1.5", GERMAN, None),
        ("12.34,5", GERMAN, None),
        ("1,234.50", GERMAN, None),
        ("1234.567", GERMAN, None),
        ("€ 5,50", GERMAN, "5.5"),
        ("5,50 €", GERMAN, "5.5"),
        ("EUR 5", GERMAN, "5"),
        ("-€5", GERMAN, "-5"),
        ("12€34", GERMAN, None),
        ("€", GERMAN, None),
        ("5 USD", GERMAN, None),
        ("1'234.5", SWISS, "1234.5"),
        ("1'23.5", SWISS, None),
        ("1 234,5", SPACED, "1234.5"),
        ("12 34,5", SPACED, None),
    ],
)
def test_a_column_says_how_it_writes_numbers_and_others_are_not_read(connection, text, how, expected) -> None:
    found = read(connection, text, FieldType.DECIMAL, Cast(number=how))

    assert found == (expected and Decimal(expected))


def test_one_sign_cannot_be_point_and_group() -> None:
    with pytest.raises(ValidationError, match="would be two numbers"):
        NumberCast(point=",", group=",")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-02-29T00:00:00", date(2024, 2, 29)),
        ("2024-02-29 00:00", date(2024, 2, 29)),
        ("2024-02-29 10:30", None),
        ("2023-02-29", None),
        ("2024-13-01", None),
        ("0000-01-01", None),
        ("epoch", None),
        ("today", None),
        ("infinity", None),
        ("20240229", None),
        ("45123", None),
        ("13/02/2024", date(2024, 2, 13)),
        ("02/13/2024", date(2024, 2, 13)),
        ("03/03/2024", date(2024, 3, 3)),
        ("02/03/2024", None),
        ("02/03/04", None),
        ("13/02/24", None),
        ("13/13/2024", None),
        ("31.11.2024", None),
        ("March 4, 2024", None),
        (" 2024-02-29", None),
    ],
)
def test_without_a_decided_order_only_what_can_be_one_day_is_a_date(connection, text, expected) -> None:
    assert read(connection, text, FieldType.DATE) == expected


DMY, MDY, YMD = (DateCast(order=order) for order in ("dmy", "mdy", "ymd"))
SHORT = DateCast(order="dmy", two_digit_years=True)
SERIALS = DateCast(excel_serials=True)
NAMED = DateCast(month_names=True)
SHORT_NAMED = DateCast(month_names=True, two_digit_years=True)


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("02/03/2004", DMY, date(2004, 3, 2)),
        ("02/03/2004", MDY, date(2004, 2, 3)),
        ("2004/3/2", YMD, date(2004, 3, 2)),
        ("2004-03-02", DMY, date(2004, 3, 2)),
        ("13/02/2004", MDY, None),
        ("29/02/2023", DMY, None),
        ("02/03/0000", DMY, None),
        ("02/03/04", DMY, None),
        ("02/03/04", SHORT, date(2004, 3, 2)),
        ("02/03/68", SHORT, date(2068, 3, 2)),
        ("02/03/69", SHORT, date(1969, 3, 2)),
        ("02/03/99", SHORT, date(1999, 3, 2)),
        ("02/03/004", SHORT, None),
        ("59", SERIALS, None),
        ("60", SERIALS, None),
        ("61", SERIALS, date(1900, 3, 1)),
        ("0061", SERIALS, None),
        ("45123", SERIALS, date(2023, 7, 16)),
        ("45123.5", SERIALS, None),
        ("2958465", SERIALS, date(9999, 12, 31)),
        ("2958466", SERIALS, None),
        ("4 March 2024", NAMED, date(2024, 3, 4)),
        ("Mar 4, 2024", NAMED, date(2024, 3, 4)),
        ("04-Mar-2024", NAMED, date(2024, 3, 4)),
        ("31 Feb 2024", NAMED, None),
        ("4 März 2024", NAMED, None),
        ("02-Mar-04", NAMED, None),
        ("4 Mar 04", NAMED, None),
        ("02-Mar-04", SHORT_NAMED, date(2004, 3, 2)),
        ("02-Mar-99", SHORT_NAMED, date(1999, 3, 2)),
        ("31-Feb-04", SHORT_NAMED, None),
    ],
)
def test_a_column_says_how_it_writes_dates_and_others_are_not_read(connection, text, how, expected) -> None:
    assert read(connection, text, FieldType.DATE, Cast(date=how)) == expected


def test_texts_beside_serials_never_stop_the_reading(connection) -> None:
    """A condition that may be evaluated in another order must not reach a cast that fails."""
    texts = (
        "select case when range % 2 = 0 then 'text ' || range else range::varchar end as t from range(20000)"
    )
    found = connection.execute(
        f"select count({typed('t', FieldType.DATE, Cast(date=SERIALS))}) from ({texts})"
    ).fetchall()

    assert found == [(20000 // 2 - 30,)]


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("true", BooleanCast(), True),
        ("YES", BooleanCast(), True),
        ("1", BooleanCast(), True),
        ("n", BooleanCast(), False),
        ("t", BooleanCast(), None),
        ("on", BooleanCast(), None),
        ("2", BooleanCast(), None),
        ("", BooleanCast(), None),
        ("Ja", BooleanCast(true="ja", false="nein"), True),
        ("yes", BooleanCast(true="ja", false="nein"), None),
    ],
)
def test_yes_and_no_are_the_words_that_are_listed(connection, text, how, expected) -> None:
    assert read(connection, text, FieldType.BOOLEAN, Cast(boolean=how)) is expected


def test_text_is_carried_over_as_it_is(connection) -> None:
    for text in ("007", " x ", "=1+1", "e\u0301", "😀", "NULL", "line\nbreak"):
        assert read(connection, text, FieldType.TEXT) == text
