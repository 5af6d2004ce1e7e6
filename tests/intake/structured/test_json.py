"""JSON reads to exact text; one bad record costs that record alone."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aformity_pipelines.intake.job import Limits
from aformity_pipelines.intake.reading import WarningKind
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, QuestionKind
from aformity_pipelines.intake.structured.json_text import JsonScanner, text_of


def test_numbers_keep_the_characters_they_are_written_with(see) -> None:
    seen = see(b'[{"a": 1.10}, {"a": 1E5}, {"a": 1234567890123456789}, {"a": -0}, {"a": 0.1e-3}]')
    assert seen.cells == (("1.10",), ("1E5",), ("1234567890123456789",), ("-0",), ("0.1e-3",))


def test_null_and_absent_have_no_value_but_empty_text_has(see) -> None:
    seen = see(b'[{"a": null, "b": true}, {"a": ""}, {"a": " x ", "b": false}]')
    assert seen.headers == ("a", "b")
    assert seen.rows == ((1, None, "true"), (2, "", None), (3, " x ", "false"))


def test_a_column_may_first_appear_in_a_late_record(see) -> None:
    records = [{"a": "x"}] * 30_000 + [{"b": "late"}]
    seen = see(json.dumps(records).encode())
    assert seen.headers == ("a", "b")
    assert seen.rows[-1] == (30_001, None, "late")
    assert seen.table.rows == 30_001


def test_nested_objects_become_dotted_columns(see) -> None:
    seen = see(
        b'[{"name": "A", "address": {"city": "K", "geo": {"lat": 1.50}}}, {"name": "B", "address": null}]'
    )
    assert seen.headers == ("name", "address.city", "address.geo.lat")
    assert seen.cells == (("A", "K", "1.50"), ("B", None, None))


def test_lists_in_records_are_a_question_whose_proposal_reads_the_same(see) -> None:
    content = b'[{"id": 1, "tags": ["a", 1.0], "o": {"x": 2}}, {"id": 2}]'
    seen = see(content)
    assert seen.cells == (("1", '["a",1.0]', "2"), ("2", None, None))
    (question,) = seen.reading.questions
    assert question.kind is QuestionKind.PATHS
    again = see(content, paths=question.proposal.paths)
    assert (again.headers, again.rows, again.reading.questions) == (seen.headers, seen.rows, ())


def test_told_paths_are_the_only_columns_and_the_rest_is_warned_of(see) -> None:
    seen = see(
        b'[{"id": 1, "phones": [{"n": "07"}, {"n": "08"}], "x": 1}]',
        paths={"second": "phones.1.n", "key": "id"},
    )
    assert (seen.headers, seen.cells) == (("second", "key"), (("08", "1"),))
    (warning,) = seen.table.warnings
    assert (warning.kind, warning.count) == (WarningKind.FIELD_NOT_READ, 1)
    assert "'x'" in warning.example


def test_the_only_list_of_objects_in_a_document_is_the_records(see) -> None:
    seen = see(b'{"page": 1, "data": {"rows": [{"a": 1}, {"a": 2}]}}')
    assert seen.rows == ((1, "1"), (2, "2"))
    assert seen.reading.questions == ()
    assert "'page'" in seen.table.warnings[0].example


def test_of_several_lists_the_longest_is_the_guess_and_a_person_is_asked(see) -> None:
    content = b'{"users": [{"a": 1}], "orders": [{"b": 1}, {"b": 2}]}'
    seen = see(content)
    (question,) = seen.reading.questions
    assert (question.kind, question.proposal.records) == (QuestionKind.RECORDS, "orders")
    assert seen.headers == ("b",)
    told = see(content, records="users")
    assert (told.headers, told.reading.questions) == (("a",), ())


def test_a_wrong_path_of_records_names_the_right_ones(see) -> None:
    with pytest.raises(NotUnderstood, match=r"'people'.*'users'"):
        see(b'{"users": [{"a": 1}]}', records="people")


def test_one_object_is_one_record(see) -> None:
    assert see(b'{"id": 7, "name": "A"}').rows == ((1, "7", "A"),)


def test_objects_one_after_another_are_records(see) -> None:
    seen = see(b'{\n "a": 1\n}\n{\n "a": 2\n} {"a": 3}')
    assert seen.rows == ((1, "1"), (2, "2"), (3, "3"))


def test_a_bad_line_is_set_apart_with_its_number_reason_and_bytes(see) -> None:
    lines = [
        '{"a": "Käthe Müller, Köln"}'.encode(),
        b'{"a": 2,}',
        b"",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b"7",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b'{"a": 3} x',
        b'{"a": "end"}',
    ]
    seen = see(b"\r\n".join(lines))
    assert seen.table.dialect.format == "jsonl"
    assert seen.rows == ((1, "Käthe Müller, Köln"), (10, "end"))
    assert [row for row, _, _ in seen.rejects] == [2, 4, 5, 6, 7, 8, 9]
    assert [raw for _, _, raw in seen.rejects] == [lines[row - 1] for row, _, _ in seen.rejects]
    reasons = " | ".join(str(reason) for _, reason, _ in seen.rejects)
    for part in ("twice", "NaN", "no object", "no UTF-8", "half of a character", "more text"):
        assert part in reasons
    assert [(s.kind, s.count, s.row) for s in seen.table.skipped] == [("blank", 1, 3)]


def test_a_byte_that_is_no_utf8_costs_its_record_and_never_turns_the_file_into_a_code_page(see) -> None:
    content = b'{"a": "K\xf6ln"}\n{"a": "Berlin"}\n{"a": "\xc3\x9f"}\n'
    seen = see(content)
    assert seen.rows == ((2, "Berlin"), (3, "ß"))
    assert [(row, raw) for row, _, raw in seen.rejects] == [(1, b'{"a": "K\xf6ln"}')]
    assert (seen.table.dialect.encoding, seen.reading.questions) == ("utf-8", ())
    assert see(content, encoding="cp1252").table.rows == 3


def test_no_reason_for_a_rejected_record_quotes_a_name_or_a_value(see) -> None:
    lines = ['{"Secret": 1, "Secret": 2}', '{"a": 1} Secret', '{"Secret.b": 1, "Secret": {"b": 2}}', "Secret"]
    seen = see(("\n".join(lines) + '\n{"ok": 1}' * 5).encode())
    assert len(seen.rejects) == len(lines)
    assert "Secret" not in " ".join(str(reason) for _, reason, _ in seen.rejects)


@pytest.mark.parametrize("content", ['[\n  {"a": 1},\n  ', '{"b": [\n', '[{"a": 1},\n\n"x'])
def test_a_list_that_ends_where_a_value_should_be_is_cut_off(see, content: str) -> None:
    with pytest.raises(DeliveryRefused, match="cut off in line"):
        see(content.encode())


BROKEN_RECORDS = [
    b'{"a": 2,, "b": 1}',
    b'{"a": x}',
    b"{'a': 2}",
    b'{"a": "2}',
    b'{"a": "un\x01seen"}',
    b'{"a": [1, 2}',
    b'{"a": 2 "b": 3}',
]


@pytest.mark.parametrize("broken", BROKEN_RECORDS)
def test_a_broken_element_on_its_own_line_costs_that_element_alone(see, broken: bytes) -> None:
    seen = see(b'[\n  {"a": 1},\n  ' + broken + b',\n  {"a": 3},\n  {"a": 4}\n]')
    assert seen.rows == ((1, "1"), (3, "3"), (4, "4"))
    assert [(row, raw) for row, _, raw in seen.rejects] == [(2, broken)]


def test_a_broken_last_element_and_one_without_its_comma_cost_themselves_alone(see) -> None:
    seen = see(b'[\n{"a": 1},\n{"a": \n{"a": 3},\n{"a": x}\n]')
    assert seen.rows == ((1, "1"), (3, "3"))
    assert [row for row, _, _ in seen.rejects] == [2, 4]


def test_a_broken_element_amid_one_line_is_found_by_its_bracket(see) -> None:
    seen = see(b'[{"a":1},{"a":[2,],"b":"}]"},{"a":3}]')
    assert (seen.rows, len(seen.rejects)) == (((1, "1"), (3, "3")), 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'[{"a": 1}, {"a"', "cut off"),
        (b'[{"a": 1}', "cut off"),
        (b'{"rows": [{"a": 1}], "n": tru}', "line 1"),
        (b'[{"a": 1}] {"b": 2}', "more text follows"),
        (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000, "deep"),
    ],
)
def test_text_that_no_record_can_be_set_apart_from_is_refused(see, content: bytes, says: str) -> None:
    with pytest.raises(DeliveryRefused, match=says):
        see(content)


def test_a_record_nested_too_deep_is_set_apart(see) -> None:
    deep = b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    seen = see(b"[" + deep + b', {"a": 1}]')
    assert (seen.rows, len(seen.rejects)) == (((2, "1"),), 1)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"[1, 2]", b'["a"]'])
def test_a_file_without_a_record_is_not_a_table(see, content: bytes) -> None:
    with pytest.raises(NotUnderstood):
        see(content, "in.json")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_reads_alike(see, encoding: str) -> None:
    assert see('[{"naïve": "Köln 🎈"}]'.encode(encoding)).rows == ((1, "Köln 🎈"),)


def test_two_values_for_one_column_are_set_apart(see) -> None:
    seen = see(b'[{"a.b": 1}, {"a.b": 1, "a": {"b": 2}}]')
    assert (seen.rows, [row for row, _, _ in seen.rejects]) == (((1, "1"),), [2])


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(rows=2), "2 rows"),
        (Limits(columns=1), "1 columns"),
        (Limits(cells=3), "cells"),
        (Limits(cell_bytes=3), "of a cell is 3"),
    ],
)
def test_a_limit_that_is_passed_is_named(see, limits: Limits, says: str) -> None:
    with pytest.raises(DeliveryRefused, match=says):
        see(b'[{"a": "long", "b": 1}, {"a": 1}, {"a": 2}]', limits=limits)


def test_values_at_the_border_of_a_block_are_whole(see) -> None:
    records = [{"id": number, "text": "é" * (number % 97)} for number in range(6_000)]
    seen = see(json.dumps(records, ensure_ascii=False).encode())
    assert seen.cells == tuple((str(r["id"]), r["text"]) for r in records)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_a_value_read_and_shown_as_text_is_the_same_value(value: object) -> None:
    text = json.dumps(value)
    parsed = JsonScanner().value_at(text, 0)
    assert (parsed.fault, json.loads(text_of(parsed.value))) == (None, value)
