"""Tokens: readable, typed by hand, one for each value of a customer, and nothing without its key."""

import pytest

from aformity_pipelines.domain.tokens import SIGNS, NoToken, Token, token_of, typed

KEY, OTHER_KEY = b"\x01" * 32, b"\x02" * 32


def test_a_token_is_the_fields_name_and_ten_signs_without_lookalikes() -> None:
    field, _, signs = str(token_of(KEY, "contact.email", "jo@acme.example")).rpartition("-")

    assert field == "email"
    assert len(signs) == 10
    assert set(signs) <= set(SIGNS)
    assert not set(SIGNS) & set("ilou")


def test_one_value_has_one_token_within_a_customer_and_another_elsewhere() -> None:
    token = token_of(KEY, "contact.email", "jo@acme.example")

    assert token == token_of(KEY, "contact.email", "jo@acme.example")
    assert token != token_of(OTHER_KEY, "contact.email", "jo@acme.example")
    assert token != token_of(KEY, "contact.email", "Jo@acme.example")


def test_fields_of_two_entities_do_not_share_tokens() -> None:
    assert token_of(KEY, "user.email", "jo@acme.example") != token_of(KEY, "contact.email", "jo@acme.example")


def test_where_the_field_ends_and_the_value_begins_is_never_in_doubt() -> None:
    assert token_of(KEY, "a.b", "c.d").signs != token_of(KEY, "a.bc", ".d").signs


def test_a_token_is_read_in_any_case_and_with_lookalikes_typed_for_the_signs() -> None:
    assert typed(" EMAIL-0OliI23456 ") == Token(field="email", signs="0011123456")


@pytest.mark.parametrize(
    "text", ["email", "email-123456789", "email-12345678901", "email-u123456789", "e mail-1234567890", ""]
)
def test_what_cannot_be_a_token_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NoToken, match="email-7f3ah0c2kq"):
        typed(text)


def test_the_digests_that_begin_like_a_token_are_those_of_its_fifty_bits() -> None:
    first, last = Token(field="email", signs="0000000001").beginning()

    assert int(last, 16) - int(first, 16) == 3, "52 bits in hex, 50 in the token"
    assert int(first, 16) == 4
