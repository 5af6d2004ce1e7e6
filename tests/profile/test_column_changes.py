"""What differs between the columns of two deliveries."""

import pytest

from aformity_pipelines.domain.profile import ColumnChanges, Renamed
from aformity_pipelines.profile.changes import column_changes


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("id name", "id name", ColumnChanges()),
        ("id fax", "id fax phone", ColumnChanges(added=("phone",))),
        ("id fax", "id", ColumnChanges(removed=("fax",))),
        ("id Phone", "id PHONE", ColumnChanges(respelled=(Renamed(before="Phone", now="PHONE"),))),
        (
            "id Phone mail",
            "id Phone_No mail",
            ColumnChanges(renamed=(Renamed(before="Phone", now="Phone_No"),)),
        ),
        ("id fax mail", "id role mail", ColumnChanges(added=("role",), removed=("fax",))),
        ("a b c d", "b c d a", ColumnChanges(moved=("a",))),
        ("a a b", "a b", ColumnChanges(removed=("a",))),
        ("a b", "new a b", ColumnChanges(added=("new",))),
    ],
)
def test_a_change_is_named(before: str, now: str, expected: ColumnChanges) -> None:
    assert column_changes(before.split(), now.split()) == expected


def test_no_change_is_false_and_says_nothing() -> None:
    same = column_changes(["a"], ["a"])

    assert (bool(same), same.sentences()) == (False, ())


def test_a_renamed_column_behind_a_new_one_is_still_recognised() -> None:
    changes = column_changes(["id", "Phone", "mail"], ["id", "region", "mail", "extra"])

    assert (changes.added, changes.removed, changes.renamed) == (("region", "extra"), ("Phone",), ())


def test_changes_are_told_in_sentences() -> None:
    changes = column_changes(["id", "Fax", "E-mail", "a", "b"], ["id", "E-Mail", "a", "Role", "Plan", "b"])

    assert changes.sentences() == (
        "Columns `Role`, `Plan` are new.",
        "Column `Fax` is gone.",
        "Column `E-mail` is spelled `E-Mail` now.",
    )
