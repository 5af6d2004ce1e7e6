"""YAML keeps texts as they are, and refuses what surprises."""

import pytest

from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.config.yaml_source import at, parse, plain


def problems_in(text: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        parse(text, "f.yaml")
    return [problem.headline() for problem in caught.value.problems]


def test_every_scalar_stays_the_text_in_the_file() -> None:
    text = "a: NO\nb: 01234\nc: 12:30:45\nd: 1_000\ne: 1.10\nf: 2026-11-03\ng: ~\nh: 'x'\ni: [on, 0x1F]\n"

    assert plain(parse(text, "f.yaml")) == {
        "a": "NO",
        "b": "01234",
        "c": "12:30:45",
        "d": "1_000",
        "e": "1.10",
        "f": "2026-11-03",
        "g": "~",
        "h": "x",
        "i": ["on", "0x1F"],
    }


def test_a_quoted_blank_is_a_text() -> None:
    assert plain(parse('a: ""\n', "f.yaml")) == {"a": ""}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: key 'a' is already set on line 1; keep one"),
        ("a: &x 1\n", "f.yaml:1: `&x` is an anchor; remove it, and write each value out in full"),
        ("a: !!int '1'\n", "f.yaml:1: `!!int` is a tag; remove it; the schema knows the types"),
        ("a: !new 1\n", "f.yaml:1: `!new` is a tag; remove it; the schema knows the types"),
        ("<<: {a: 1}\n", "f.yaml:1: `<<` merges another mapping; write the keys out in full"),
        ("a: 1\n---\nb: 1\n", "f.yaml:2: a second document starts here; keep one document per file"),
        ("a:\n", 'f.yaml:1: `a` has no value; write "" for a blank text, or remove it'),
        ("- \n- a\n", 'f.yaml:1: there is no value here; write "" for a blank text, or remove it'),
        ("? [a, b]\n: c\n", "f.yaml:1: a key is a list or a mapping; write one text as the key"),
        ("", "f.yaml: the file is empty; write its keys, or delete it"),
        ("a: x\x07y\n", "f.yaml:1: there is a control character (U+0007) here; remove it"),
        ("[" * 60, "f.yaml:1: values are nested more than 40 levels deep; write them flatter"),
    ],
)
def test_what_surprises_a_reader_is_refused(text: str, message: str) -> None:
    assert problems_in(text) == [message]


def test_an_alias_is_refused_with_its_anchor() -> None:
    assert problems_in("a: &x [1, 2]\nb: *x\n") == [
        "f.yaml:1: `&x` is an anchor; remove it, and write each value out in full",
        "f.yaml:2: `*x` is an alias; write the value out in full",
    ]


def test_a_syntax_error_names_its_line() -> None:
    (message,) = problems_in("a: [1, 2\nb: 3\n")

    assert message.startswith("f.yaml:2: this is not YAML: ")


def test_a_location_finds_the_key_or_item_that_it_names() -> None:
    node = parse("a:\n  b: x\n  c: [p,\n      q]\n", "f.yaml")

    assert at(node, ("a", "b")) == (2, 3)
    assert at(node, ("a", "c", 1)) == (4, 7)


def test_a_location_that_is_not_there_falls_to_its_nearest_ancestor() -> None:
    node = parse("top: 1\na:\n  b: {c: x}\n", "f.yaml")

    assert at(node, ("a", "b", "missing", 3)) == (3, 3)
    assert at(node, ("gone",)) == (1, 1)


def test_an_index_is_passed_over_where_one_item_stands_without_its_list() -> None:
    node = parse("rule: {lookup: {source: x}}\n", "f.yaml")

    assert at(node, ("rule", 0, "lookup", "source")) == (1, 17)
