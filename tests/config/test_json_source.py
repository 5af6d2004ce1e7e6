"""Answers that a program writes are read as strictly as those that a person writes, and say where they are wrong."""

import json
from typing import Any

import pytest

from aformity_pipelines.config.documents import read_document
from aformity_pipelines.config.json_source import parse_json
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.config.yaml_nodes import at, plain
from aformity_pipelines.domain.drafts import DraftFile

DRAFT = {
    "kind": "rows_excluded",
    "by": "ina",
    "how_known": "A call.",
    "says": "Émile 😀 leaves.",
    "why": "She said so.",
    "covers": {"subject": "contact", "rows": ["people:p2"], "rule": None},
    "until_wave": None,
}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_draft_reads_as_the_program_meant_it_and_null_is_not_said(ascii_only: bool) -> None:
    text = json.dumps({"decide": [DRAFT]}, ensure_ascii=ascii_only)

    (draft,) = read_document(text, "answers.json", DraftFile, is_json=True).value.decide

    assert (draft.says, draft.until_wave, draft.covers and draft.covers.rule) == (
        "Émile 😀 leaves.",
        None,
        None,
    )


def test_the_yaml_reader_would_take_null_for_a_text() -> None:
    text = json.dumps({"decide": [DRAFT]})

    with pytest.raises(ConfigInvalid):
        read_document(text, "answers.json", DraftFile)


def test_a_value_of_the_wrong_kind_is_named_by_line() -> None:
    text = json.dumps({"decide": [{**DRAFT, "kind": "rows_forgotten"}]}, indent=1)

    with pytest.raises(ConfigInvalid, match=r"answers.json:4: .*rows_forgotten|answers.json:4: "):
        read_document(text, "answers.json", DraftFile, is_json=True)


@pytest.mark.parametrize(
    "value",
    [{}, {"a": []}, {"a": ["x", "1.5e3", ""]}, {"a": {"b": {"c": 'say "no"\n\t\\'}}}, {"ключ": "é"}],
)
def test_what_json_writes_comes_back(value: Any) -> None:
    assert plain(parse_json(json.dumps(value, indent=2), "f.json")) == value


def test_places_count_lines_and_columns_from_one() -> None:
    node = parse_json('{\n  "a": [1,\n  "x"]\n}', "f.json")

    assert (at(node, ("a",)), at(node, ("a", 1))) == ((2, 3), (3, 3))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,}', "f.json:1: nothing stands between `,` and `}`"),
        ('{"a": 1\n "b": 2}', "f.json:2: `,` is missing here"),
        ('{"a": 1,\n "a": 2}', "f.json:2: key 'a' is already set on line 1"),
        ('["x", null]', "f.json:1: a list holds null"),
        ('{"a": "\\ud800"}', "f.json:1: this text holds an escape that is no character"),
        ('{"a": "line\nbreak"}', "f.json:1: this is not JSON"),
        ('{"a": 01}', "f.json:1: `,` is missing here"),
        ("{a: 1}", "f.json:1: this is not JSON"),
        ("{} {}", "f.json:1: something follows the end of the document"),
        ("", "f.json:1: a value is missing here"),
        ("null", "f.json:1: the document is null"),
        ("[" * 50, "f.json:1: values are nested more than 40 levels deep"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        parse_json(text, "f.json")

    assert said in str(refused.value)
