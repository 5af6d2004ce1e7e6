"""Format hints as a customer reads them, and as they are written into an answer."""

import pytest
import yaml

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.format_words import as_yaml, in_words


@pytest.mark.parametrize(
    ("hints", "words"),
    [
        ({}, ""),
        ({"header_row": 3}, "row 3 names the columns"),
        ({"header_row": 0}, "no row names the columns"),
        ({"header_row": 1, "header_rows": 2}, "row 1 names the columns, the names take 2 rows"),
        ({"delimiter": ";", "encoding": "cp1252"}, "letters as in cp1252, a semicolon between values"),
        ({"delimiter": "~"}, "~ between values"),
        ({"quote": ""}, "quotes are plain text"),
        ({"sheet": "Users", "table": 2}, "sheet Users, table 2 of the file"),
        ({"short_records": "fill"}, "values that are missing at the end of a row are blank"),
        ({"widths": [3, 9]}, "columns of 3, 9 characters"),
        ({"records": "data.rows", "paths": {"city": "a.city"}}, "one record for each data.rows, columns city from a.city"),
    ],
)  # fmt: skip
def test_hints_are_said_in_words(hints: dict[str, object], words: str) -> None:
    assert in_words(FormatHints.model_validate(hints)) == words


@pytest.mark.parametrize(
    "hints",
    [
        {},
        {"header_row": 0, "header_rows": 2, "last_row": 90},
        {"delimiter": "\t", "quote": '"', "escape": "\\"},
        {"sheet": 'the "old" one', "widths": [1, 2], "paths": {"a: b": "c.d"}},
    ],
)
def test_hints_written_as_yaml_are_read_as_the_same_hints(hints: dict[str, object]) -> None:
    given = FormatHints.model_validate(hints)

    assert FormatHints.model_validate(yaml.safe_load(as_yaml(given))) == given
