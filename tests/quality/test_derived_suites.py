import subprocess
import sys

import duckdb
import pytest

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.quality.suites import derive_entity_suite
from tests.quality.crm import crm, judge

ACCOUNT = frozenset({"account_id", "parent_id", "seats", "since", "status"})
CONTACT = frozenset({"contact_id", "account_id", "email"})


def derived(entity, gate, fields):
    return {one["meta"]["rule"]: one for one in derive_entity_suite(crm(), entity, gate, fields)}


def test_the_mapped_gate_judges_what_each_value_is_by_itself():
    assert list(derived("account", Gate.MAPPED, ACCOUNT)) == [
        "account.rows.present",
        "account.account_id.required",
        "account.seats.required",
        "account.seats.type",
        "account.since.type",
        "account.status.allowed",
    ]
    assert list(derived("contact", Gate.MAPPED, CONTACT)) == [
        "contact.rows.present",
        "contact.contact_id.required",
        "contact.account_id.required",
        "contact.email.required",
        "contact.email.format",
        "contact.email.length",
    ]


def test_the_transformed_gate_judges_rows_against_other_rows():
    assert list(derived("account", Gate.TRANSFORMED, ACCOUNT)) == [
        "account.rows.present",
        "account.account_id.unique",
        "account.parent_id.relationship",
        "account.parent_id.acyclic",
    ]


def test_the_export_gate_blocks_on_keys_and_links_and_accepts_an_empty_wave():
    rules = derived("contact", Gate.EXPORT, CONTACT)
    assert list(rules) == [
        "contact.contact_id.required",
        "contact.contact_id.unique",
        "contact.account_id.relationship",
    ]
    assert {one["meta"]["policy"] for one in rules.values()} == {"block"}
    assert all(one["meta"]["may_check_nothing"] for one in rules.values())


def test_an_optional_field_that_nobody_mapped_has_no_rules():
    rules = derived("account", Gate.MAPPED, frozenset({"account_id"}))
    assert not [rule for rule in rules if rule.startswith(("account.since", "account.status"))]
    assert "account.parent_id.relationship" not in derived(
        "account", Gate.TRANSFORMED, frozenset({"account_id"})
    )


def test_a_required_field_that_nobody_mapped_is_still_required():
    rules = derived("account", Gate.MAPPED, frozenset({"account_id"}))
    assert rules["account.seats.required"]["kwargs"] == {"column": "seats"}
    assert "account.seats.type" not in rules


def test_policies_and_severities_come_from_the_destination():
    rules = derived("account", Gate.MAPPED, ACCOUNT)
    assert (rules["account.seats.type"]["meta"]["policy"], rules["account.seats.type"]["severity"]) == (
        "report",
        "warning",
    )
    assert (rules["account.since.type"]["meta"]["policy"], rules["account.since.type"]["severity"]) == (
        "hold",
        "critical",
    )
    assert rules["account.rows.present"]["meta"]["policy"] == "block"
    link = derived("contact", Gate.TRANSFORMED, CONTACT)["contact.account_id.relationship"]
    assert link["meta"]["policy"] == "block"


@pytest.mark.parametrize(
    ("entity", "gate", "rule", "says"),
    [
        ("contact", Gate.MAPPED, "contact.email.required", "Every contact needs an e-mail address."),
        ("contact", Gate.MAPPED, "contact.email.format", "Every contact needs a valid e-mail address."),
        (
            "contact",
            Gate.MAPPED,
            "contact.email.length",
            "The e-mail address of every contact must fit into 12 characters.",
        ),
        ("account", Gate.MAPPED, "account.since.type", "The since of every account must be a date."),
        (
            "account",
            Gate.MAPPED,
            "account.status.allowed",
            "The status of every account must be one of: active, it's over.",
        ),
        (
            "contact",
            Gate.TRANSFORMED,
            "contact.contact_id.unique",
            "No two contacts may have the same contact ID.",
        ),
        (
            "contact",
            Gate.TRANSFORMED,
            "contact.account_id.relationship",
            "The account ID of every contact must name an account that exists.",
        ),
    ],
)
def test_each_rule_says_what_it_asks_in_the_customers_words(entity, gate, rule, says):
    assert derived(entity, gate, ACCOUNT | CONTACT)[rule]["meta"]["says"] == says


def test_entity_rules_are_not_for_the_intake_gate():
    with pytest.raises(ValueError, match="derive_intake_suite"):
        derive_entity_suite(crm(), "account", Gate.INTAKE, ACCOUNT)


def test_suites_are_derived_without_importing_great_expectations():
    code = "import sys, aformity_pipelines.quality.suites; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_a_required_text_of_spaces_only_is_missing():
    required = derived("contact", Gate.MAPPED, CONTACT)["contact.contact_id.required"]
    connection = duckdb.connect()
    connection.execute(
        "create table mapped as select * from (values ('r1', 'C-1'), ('r2', '  '), ('r3', null)) t(row_id, contact_id)"
    )

    assert judge(connection, "mapped", required, subject="contact").rows == {
        "contact.contact_id.required": {"r2", "r3"}
    }
