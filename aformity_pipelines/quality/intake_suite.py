"""Derives a source's intake rules from its key and from the columns that its mappings name."""

from collections.abc import Iterator

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.quality.derivation import Expectation, derived

NO_MOMENT = ""
"""Before mapping nobody knows which product moment a column touches."""


def derive_intake_suite(
    source: str, key: tuple[str, ...], headers_read: frozenset[str], headers_known: frozenset[str]
) -> tuple[Expectation, ...]:
    """Return the rules for one delivered table, in its own headers.

    `headers_read` are the headers that mappings read, `headers_known` all that are mapped, archived
    or excluded.  Rule ids: `<source>.rows.present`, `<source>.<header>.delivered`,
    `<source>.<header>.required` (key columns), `<source>.key.unique`, `<source>.columns.known`.
    """
    return (
        _rule(
            source,
            "rows.present",
            "expect_table_row_count_to_be_between",
            {"min_value": 1},
            "The delivery must hold at least one row.",
        ),
        *_columns(source, key, headers_read, headers_known),
        *_key(source, key),
    )


def _columns(
    source: str, key: tuple[str, ...], headers_read: frozenset[str], headers_known: frozenset[str]
) -> Iterator[Expectation]:
    for header in sorted(headers_read | set(key)):
        yield _rule(
            source,
            f"{header}.delivered",
            "expect_column_to_exist",
            {"column": header},
            f"The delivery must have the column “{header}”.",
            fields=(header,),
        )
    known = sorted(headers_known | headers_read | set(key))
    yield _rule(
        source,
        "columns.known",
        "expect_table_columns_to_be_known",
        {"column_set": known},
        "Every column of the delivery must be mapped, archived or excluded.",
    )


def _key(source: str, key: tuple[str, ...]) -> Iterator[Expectation]:
    for header in key:
        yield _rule(
            source,
            f"{header}.required",
            "expect_column_values_to_not_be_blank",
            {"column": header},
            f"Every row needs a value in the column “{header}”, which names it.",
            policy=Policy.HOLD,
            fields=(header,),
        )
    if key:
        named = " and ".join(f"“{header}”" for header in key)
        yield _rule(
            source,
            "key.unique",
            "expect_column_values_to_name_one_row",
            {"column": key[0], "with_columns": list(key[1:])},
            f"No two rows may have the same {named}.",
            policy=Policy.HOLD,
            fields=key,
        )


def _rule(
    source: str,
    name: str,
    type_: str,
    kwargs: dict[str, object],
    says: str,
    *,
    policy: Policy = Policy.BLOCK,
    fields: tuple[str, ...] = (),
) -> Expectation:
    return derived(
        type_, kwargs, rule=f"{source}.{name}", policy=policy, says=says, moment=NO_MOMENT, fields=fields
    )
