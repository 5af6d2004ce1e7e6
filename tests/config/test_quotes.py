"""In defs.yaml, what other readers would not take for text needs quotes."""

import pytest

from aformity_pipelines.config.documents import Defs, Written, read_document
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.destination import Destination


def defs_with(texts: dict[str, str], old: str, new: str) -> Written[Defs]:
    defs = texts["customers/acme/defs.yaml"]
    assert old in defs
    return read_document(defs.replace(old, new), "defs.yaml", Defs, quotes_matter=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "key: Mail",
            "key: NO",
            '`key` wants text, and YAML reads NO without quotes as false; quote it: "NO"',
        ),
        (
            "key: Mail",
            "key: [a, 012]",
            '`key` wants text, and YAML reads 012 without quotes as 10; quote it: "012"',
        ),
        (
            "key: Mail",
            "blanks: [~]",
            '`blanks` wants text, and YAML reads ~ without quotes as nothing; quote it: "~"',
        ),
        (
            "Acme",
            "1_000",
            '`customer` wants text, and YAML reads 1_000 without quotes as 1000; quote it: "1_000"',
        ),
        (
            "Acme",
            "12:30:45",
            '`customer` wants text, and YAML reads 12:30:45 without quotes as 45045; quote it: "12:30:45"',
        ),
        ('"1"', "1.10", '`version` wants text, and YAML reads 1.10 without quotes as 1.1; quote it: "1.10"'),
        (
            '"2026-12-01"',
            "2026-12-01",
            "`launches_on` wants text, and YAML reads 2026-12-01 without quotes as the timestamp 2026-12-01; "
            'quote it: "2026-12-01"',
        ),
        (
            "key: Mail",
            "columns: {on: x}",
            '`columns` wants text, and YAML reads on without quotes as true; quote it: "on"',
        ),
        ("due_days: 10", "due_days: 010", "`due_days` is written 010, which YAML reads as 8; write 8"),
        (
            "lookup_only: true",
            "lookup_only: 1",
            "`lookup_only` is written 1, which YAML reads as 1; write true or false",
        ),
    ],
)
def test_a_text_that_yaml_would_type_must_be_quoted(
    texts: dict[str, str], old: str, new: str, message: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        defs_with(texts, old, new)

    assert [f"{each.says}; {each.do}" for each in caught.value.problems] == [message]


def test_quoted_texts_numbers_and_truth_values_are_fine(texts: dict[str, str]) -> None:
    written = defs_with(
        texts, "key: Mail", 'key: "NO", blanks: ["~", "012"], lookup_only: no'
    ).value.attributes

    assert written.sources["people"].key == ("NO",)
    assert written.sources["people"].blanks == ("~", "012")
    assert written.sources["people"].lookup_only is False
    assert written.owners["default"].due_days == 10


def test_elsewhere_a_country_needs_no_quotes(texts: dict[str, str]) -> None:
    destination = read_document(
        texts["expectations/shop/destination.yaml"], "destination.yaml", Destination
    ).value

    assert destination.entities["contact"].fields["country"].allowed[0].value == "NO"
