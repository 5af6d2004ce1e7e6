"""Each step of a rule: literal before and after."""

from typing import Any

import pytest

from aformity_pipelines.mapping.compile import compile_entity
from tests.mapping.small_migration import one_field

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        ("trim", f" \t x y{NBSP}\n", "x y"),
        ("trim", "   ", None),
        ("trim", None, None),
        ("collapse_spaces", "a  b\t\nc", "a b c"),
        ("lower", "ÄÖ x", "äö x"),
        ("upper", "straße é", "STRAẞE É"),
        ("title", "ANNA maria VOGT", "Anna Maria Vogt"),
        ("title", "a  b", "A  B"),
        ({"split": {"on": " ", "take": 1}}, "Jo Ruiz", "Jo"),
        ({"split": {"on": " ", "take": 2}}, "Jo Ruiz", "Ruiz"),
        ({"split": {"on": " ", "take": 3}}, "Jo Ruiz", None),
        ({"split": {"on": ".", "take": 2}}, "a.b", "b"),
        ({"prefix": "it's-"}, "7", "it's-7"),
        ({"prefix": "x"}, None, None),
        ({"suffix": "%s"}, "7", "7%s"),
        ({"pad_left": "6:0"}, "1234", "001234"),
        ({"pad_left": "6:0"}, "12345678", "12345678"),
        ({"pad_left": "6:0"}, None, None),
        ("keep_digits", "+49 (30) 90-18", "+49309018"),
        ("keep_digits", "ext. 12+3", "123"),
        ("keep_digits", "n/a", None),
        ({"blank_when": ["-", "it's"]}, "it's", None),
        ({"blank_when": "-"}, "--", "--"),
        ({"blank_when": "-"}, None, None),
        ({"sql": "substr(\"Cell\", 2, 2)"}, "abcd", "bc"),
        ({"sql": "\"Cell\" || ''''"}, "x", "x'"),
        ({"sql": "''"}, "x", None),
    ],
)  # fmt: skip
def test_a_step_makes_of_a_text(step: Any, before: str | None, after: str | None) -> None:
    small = one_field("name", {"from": "Cell", "rule": step}, {"Cell": before})

    assert small.rows("name") == [(after,)]


@pytest.mark.parametrize(
    ("step", "cells", "after"),
    [
        ({"join": ", "}, ("Berlin", "Mitte"), "Berlin, Mitte"),
        ({"join": ", "}, ("Berlin", None), "Berlin"),
        ({"join": ", "}, ("", ""), None),
        ({"join": "'"}, ("a", "b"), "a'b"),
        ("first", (None, "second"), "second"),
        ("first", ("", "second"), "second"),
        ("first", ("NULL", "second"), "second"),
        ("first", (None, None), None),
    ],
)
def test_several_columns_become_one_text(step: Any, cells: tuple[str | None, ...], after: str | None) -> None:
    mapping = {"from": ["A", "B"], "rule": step}
    small = one_field("name", mapping, dict(zip("AB", cells, strict=True)))

    assert small.rows("name") == [(after,)]


def test_steps_run_in_the_order_they_are_written() -> None:
    rule = ["trim", {"prefix": " "}, "upper", {"pad_left": "5:-"}]

    assert one_field("name", {"from": "Cell", "rule": rule}, {"Cell": " x "}).rows("name") == [("--- X",)]


def test_a_header_is_only_ever_a_name() -> None:
    """Headers are data: quotes, SQL and the name of another column do no harm."""
    for header in ('"; drop table raw_crm; --', "row_id", "c0001", "", "a'b"):
        small = one_field("name", {"from": header, "rule": "trim"}, {header: "kept"})
        assert small.rows("name") == [("kept",)]


def test_a_header_that_was_not_delivered_is_named() -> None:
    small = one_field("name", {"from": "Gone"}, {"There": "x"})

    with pytest.raises(KeyError, match="Gone"):
        compile_entity(small.migration, "person", small.raw)
