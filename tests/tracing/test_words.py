"""How values and dates are said."""

from datetime import date
from decimal import Decimal

import pytest

from aformity_pipelines.tracing.words import as_text, day, listed, quoted, the_field


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (True, "true"),
        (Decimal("1250.0000"), "1250.00"),
        (Decimal("0.1250"), "0.125"),
        (date(2004, 3, 2), "2004-03-02"),
        ("007", "007"),
    ],
)
def test_a_value_is_spelled_as_the_import_file_spells_it(value, text):
    assert as_text(value) == text


def test_an_invisible_character_is_shown_and_a_visible_one_left_alone():
    assert quoted("a\tb\u202ec\x1b[31m") == '"a\\tb\\u202ec\\x1b[31m"'
    assert quoted("Café Müller 🥂") == '"Café Müller 🥂"'
    assert quoted(None) == "nothing"


def test_a_long_value_is_cut_in_the_sentence_and_says_so():
    assert quoted("x" * 130) == f'"{"x" * 120}" and more'


def test_dates_and_lists_are_said_in_words():
    assert day(date(2026, 11, 2)) == "2 November 2026"
    assert listed(("a", "b", "c")) == "a, b and c"
    assert listed(("a", "b"), "or") == "a or b"


@pytest.mark.parametrize(
    ("name", "words"), [("postal_code", "The postal code"), ("is_active", '"Is active"')]
)
def test_a_field_that_is_a_yes_or_no_is_quoted_at_the_start_of_a_sentence(name, words):
    assert the_field(name) == words
