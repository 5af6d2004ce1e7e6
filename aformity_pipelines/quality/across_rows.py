"""Which rules look across rows, and by which columns: their findings are about more rows than the one that is named.

Great Expectations is not imported here; the names are those that suites use.
"""

from dataclasses import dataclass

from aformity_pipelines.quality.derivation import Expectation, all_waves

_ONE_COLUMN = frozenset(
    {
        "expect_column_values_to_be_unique",
        "expect_column_values_to_be_unique_in_table",
        "expect_column_values_to_name_one_row",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SameValue:
    """A rule that no two rows share the values of some columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A rule that a link, followed from row to row by the key, never leads back."""

    link: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A rule that a column names a row of another entity, or of the same."""

    column: str
    entity: str
    field: str


AcrossRows = SameValue | Circle | Points


def looks_across(expectation: Expectation) -> AcrossRows | None:
    """Return how a rule looks across rows, or None where it judges each row for itself."""
    kwargs = expectation["kwargs"]
    match expectation["type"]:
        case type_ if type_ in _ONE_COLUMN:
            return SameValue(columns=(kwargs["column"], *kwargs.get("with_columns", ())))
        case "expect_compound_columns_to_be_unique":
            return SameValue(columns=tuple(kwargs["column_list"]))
        case "expect_column_links_to_be_acyclic":
            return Circle(link=kwargs["column"], key=kwargs["key_column"])
        case "expect_column_values_to_be_in_table":
            entity = kwargs["ref_table"].removesuffix(all_waves(""))
            return Points(column=kwargs["column"], entity=entity, field=kwargs["ref_column"])
    return None
