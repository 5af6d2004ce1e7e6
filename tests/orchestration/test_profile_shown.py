"""The profile of a raw table in Dagster: counts and names only, within the limit of an event."""

import pytest

from aformity_pipelines.domain.profile import (
    ColumnSummary,
    Key,
    StoredProfile,
    TableSummary,
    UnusualKind,
    ValueType,
)
from aformity_pipelines.orchestration.packed import LIMIT, joined, size_of
from aformity_pipelines.orchestration.profile_shown import FIRST_DELIVERY, SAME, of_profile


def stored(*headers: str, before: tuple[str, ...] | None = None) -> StoredProfile:
    columns = tuple(
        ColumnSummary(
            number=number,
            header=header,
            filled=9,
            distinct=9,
            type=ValueType.CODE,
            following=8,
            unusual_rows={UnusualKind.PLACEHOLDER: 1},
        )
        for number, header in enumerate(headers, start=1)
    )
    key = Key(columns=(1,), headers=(headers[0],))
    return StoredProfile(
        delivery="ab", before=before, table=TableSummary(rows=10, columns=columns, keys=(key,))
    )


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (None, FIRST_DELIVERY),
        (("id", "role"), SAME),
        (("id", "fax"), "Column `role` is new. Column `fax` is gone."),
    ],
)
def test_it_says_which_columns_changed(before: tuple[str, ...] | None, says: str) -> None:
    shown = of_profile(stored("id", "role", before=before))

    assert shown["columns_since_last_delivery"].value == says


def test_each_column_is_one_row_of_counts() -> None:
    shown = of_profile(stored("id", "role"))

    first = shown["columns"].value.records[0].data
    assert (first["column"], first["type"], first["filled"], first["unusual"]) == (
        "id",
        "code",
        9,
        "placeholder: 1",
    )
    assert shown["likely_key"].value == "id"


def test_thousands_of_columns_stay_within_the_limit_and_say_so() -> None:
    shown = of_profile(stored(*(f"column {number}" for number in range(16_000))))

    assert size_of(joined({}, shown)) <= LIMIT
    assert shown["columns_not_listed"].value > 15_000
