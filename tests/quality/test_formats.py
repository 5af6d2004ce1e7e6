import duckdb
import pytest

from aformity_pipelines.domain.destination import Format
from aformity_pipelines.quality.formats import PATTERNS


def matches(shape, value):
    return duckdb.execute("SELECT regexp_matches(?, ?)", [value, PATTERNS[shape]]).fetchall()[0][0]


@pytest.mark.parametrize(
    "value", ["jo@example.com", "o'neil+x@mail.example.co.uk", "jörg@müller.de", "a@b.xn--p1ai"]
)
def test_usual_e_mail_addresses_are_valid(value):
    assert matches(Format.EMAIL, value)


@pytest.mark.parametrize(
    "value",
    [
        "", "jo", "jo@", "@example.com", "jo@example", "jo@@example.com", "jo @example.com", "jo@example.com ",
        "jo@example.com\n", "x\njo@example.com", "jo.@example.com", "jo..a@example.com", "jo@-x.com", "a@b.c",
        "jo@example.com;al@example.com", "Jo <jo@example.com>", "jo@example..com", "jo\u00a0@example.com",
    ],
)  # fmt: skip
def test_other_text_is_no_e_mail_address(value):
    assert not matches(Format.EMAIL, value)


@pytest.mark.parametrize("value", ["+49 (0)30 901820", "030/901820", "555-123-4567 ext. 12", "+15551234567"])
def test_usual_phone_numbers_are_valid(value):
    assert matches(Format.PHONE, value)


@pytest.mark.parametrize("value", ["", "12345", "call me", "+1234567890123456", "555-123-4567\n", "1.5E+10"])
def test_other_text_is_no_phone_number(value):
    assert not matches(Format.PHONE, value)


def test_a_country_code_is_one_that_iso_assigned():
    assert all(matches(Format.COUNTRY_CODE, code) for code in ("DE", "US", "GB", "ZW"))
    assert not any(matches(Format.COUNTRY_CODE, code) for code in ("UK", "XX", "de", "DEU", "DE\n", ""))
