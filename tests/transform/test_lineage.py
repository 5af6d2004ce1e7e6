"""Where columns come from, read from the SQL."""

import pytest

from aformity_pipelines.transform.lineage import column_lineage, lineage_of_sql
from aformity_pipelines.transform.run_models import MAPPED_COLUMNS

COPIED = ("source", "wave")
REPOINTED = {
    ("account", "parent_account"): ("account.external_id", "account.parent_account", "account.row_id"),
    ("account", "owner"): ("account.owner", "user.email"),
    ("account", "match_key"): ("account.name",),
    ("user", "manager"): ("user.email", "user.manager", "user.row_id"),
    ("user", "account"): ("account.external_id", "user.account"),
    ("user", "match_key"): ("user.email",),
    ("contact", "account"): ("account.external_id", "contact.account"),
    ("contact", "match_key"): ("contact.email",),
    ("subscription", "account"): ("account.external_id", "subscription.account"),
    ("activity", "account"): ("account.external_id", "activity.account"),
    ("activity", "contact"): ("activity.contact", "contact.external_id"),
}
"""Columns that are more than their own field carried over."""


@pytest.fixture(scope="module")
def schema(destination):
    relations = {
        f"mapped.{name}": dict.fromkeys((*MAPPED_COLUMNS, *entity.fields), "VARCHAR")
        for name, entity in destination.entities.items()
    }
    return relations | {"review.merges": dict.fromkeys(("entity", "row_id", "survivor"), "VARCHAR")}


def shown(lineage) -> dict[str, tuple[str, ...]]:
    return {
        column: tuple(f"{origin.relation}.{origin.column}" for origin in origins)
        for column, origins in lineage.items()
    }


@pytest.mark.parametrize("entity", ["account", "user", "contact", "subscription", "activity"])
def test_every_column_of_a_mart_comes_from_its_own_field_or_from_what_is_listed(
    project, destination, schema, entity
) -> None:
    expected = {"row_ids": (f"mapped.{entity}.row_id",)}
    expected |= {c: (f"mapped.{entity}.{c}",) for c in (*COPIED, *destination.entities[entity].fields)}
    expected |= {
        column: tuple(f"mapped.{origin}" for origin in origins)
        for (mart, column), origins in REPOINTED.items()
        if mart == entity
    }

    assert shown(column_lineage(project, entity, schema)) == expected


def test_a_source_without_columns_is_named(project, schema) -> None:
    rest = {relation: columns for relation, columns in schema.items() if relation != "review.merges"}

    with pytest.raises(ValueError, match=r"lineage of 'subscription' needs the columns of review\.merges"):
        column_lineage(project, "subscription", rest)


RAW = {
    "raw_crm": {"First.Name": "VARCHAR", "Last": "VARCHAR", "Status": "VARCHAR", "Tags": "VARCHAR[]"},
    "raw.Billing": {"Amount": "VARCHAR", "Last": "VARCHAR"},
}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('SELECT r."First.Name" AS a FROM raw_crm AS r', {"a": ("raw_crm.First.Name",)}),
        ('SELECT "first.name" || LAST AS a FROM "RAW_CRM"', {"a": ("raw_crm.First.Name", "raw_crm.Last")}),
        ("SELECT 'yes' AS a FROM raw_crm", {"a": ()}),
        ("SELECT CASE WHEN status = 'A' THEN 'on' END AS a FROM raw_crm", {"a": ("raw_crm.Status",)}),
        ("SELECT last AS a FROM raw_crm WHERE status = 'A'", {"a": ("raw_crm.Last",)}),
        ("SELECT max(last) FILTER (WHERE status = 'A') AS a FROM raw_crm", {"a": ("raw_crm.Last",)}),
        ("SELECT min_by(last, status) AS a FROM raw_crm", {"a": ("raw_crm.Last",)}),
        (
            "SELECT r.last AS a, b.amount AS b FROM raw_crm AS r JOIN raw.billing AS b ON b.last = r.last",
            {"a": ("raw_crm.Last",), "b": ("raw.Billing.Amount",)},
        ),
        (
            "SELECT last AS a FROM raw_crm UNION ALL SELECT amount FROM raw.billing",
            {"a": ("raw.Billing.Amount", "raw_crm.Last")},
        ),
        (
            "SELECT (SELECT max(b.amount) FROM raw.billing AS b) AS a FROM raw_crm",
            {"a": ("raw.Billing.Amount",)},
        ),
        (
            "WITH raw_crm AS (SELECT amount AS x FROM raw.billing) SELECT x AS a FROM raw_crm",
            {"a": ("raw.Billing.Amount",)},
        ),
        ("SELECT t.tag AS a FROM raw_crm AS r CROSS JOIN UNNEST(r.tags) AS t(tag)", {"a": ("raw_crm.Tags",)}),
        ("SELECT billing.amount AS a FROM raw.billing", {"a": ("raw.Billing.Amount",)}),
    ],
)
def test_lineage_of_a_statement_over_raw_tables(sql, expected) -> None:
    assert shown(lineage_of_sql(sql, RAW)) == expected


def test_a_column_that_the_sql_does_not_place_is_shown_without_a_relation() -> None:
    sql = "SELECT amount2 AS a FROM raw_crm, raw.billing"

    assert shown(lineage_of_sql(sql, RAW)) == {"a": (".amount2",)}
