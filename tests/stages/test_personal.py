"""What is personal follows from the destination, the links, the mapping and the customer's policy."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.stages.personal import Personal, personal
from tests.builders.two_sources import ACCOUNT, CONTACT, DEFS, SLUG, project

USER = {
    "entity": "user",
    "reads": [
        {
            "source": "people",
            "fields": {
                "email": {"from": "Mail"},
                "full_name": {"from": "Name"},
                "role": {"constant": "member"},
                "account": {"from": "Company"},
                "is_active": {"constant": "true"},
            },
        }
    ],
}


def found(
    folder: Path,
    *,
    shows: Any = False,
    mappings: tuple[dict[str, Any], ...] = (ACCOUNT, CONTACT),
    keys: dict[str, str] | None = None,
) -> Personal:
    defs = deepcopy(DEFS)
    defs["attributes"]["policies"]["show_personal_values"] = shows
    for source, key in (keys or {}).items():
        defs["attributes"]["sources"][source]["key"] = key
    workspace = project(folder / "project", defs=defs, mappings=mappings)
    return personal(load_migration(workspace.root, SLUG))


def contact_with(**fields: Any) -> dict[str, Any]:
    mapping = deepcopy(CONTACT)
    mapping["reads"][0]["fields"] |= fields
    return mapping


def test_a_field_is_personal_where_the_destination_says_so(tmp_path: Path) -> None:
    it = found(tmp_path)

    assert it.hides("contact", "email")
    assert it.hides("contact", "full_name")
    assert not it.hides("contact", "external_id")
    assert not it.hides("account", "name")


def test_a_link_to_a_record_whose_key_is_personal_is_so_and_shares_its_token(tmp_path: Path) -> None:
    it = found(tmp_path, mappings=(ACCOUNT, CONTACT, USER))

    assert it.hides("account", "owner")
    assert it.subject("account", "owner") == "user.email"
    assert not it.hides("contact", "account")


def test_a_field_made_of_a_personal_column_is_personal_too(tmp_path: Path) -> None:
    it = found(
        tmp_path, mappings=(ACCOUNT, contact_with(job_title={"from": ["Mail", "No"], "rule": {"join": "/"}}))
    )

    assert it.hides("contact", "job_title")


def test_of_a_closed_list_made_of_a_personal_column_only_the_delivered_text_is(tmp_path: Path) -> None:
    flag = {"from": "Mail", "cast": {"boolean": {"true": ["billing@acme.example"], "false": ["x"]}}}
    it = found(tmp_path, mappings=(ACCOUNT, contact_with(is_billing_contact=flag)))

    assert it.hides_delivered("contact", "is_billing_contact")
    assert not it.hides("contact", "is_billing_contact")


def test_a_column_that_is_looked_up_for_a_personal_field_is_personal(tmp_path: Path) -> None:
    looked_up = {"from": "Company", "rule": {"lookup": {"source": "companies", "key": "ID", "take": "Name"}}}
    it = found(tmp_path, mappings=(ACCOUNT, contact_with(full_name=looked_up)))

    assert it.hides_column("companies", "Name")
    assert it.hides("account", "name")


def test_a_column_that_no_field_reads_is_personal_until_somebody_says_what_it_is(tmp_path: Path) -> None:
    it = found(tmp_path)

    assert it.hides_column("people", "Hobby")
    assert it.hides_column("people", "Mail")
    assert not it.hides_column("people", "No")


def test_the_keys_of_rows_are_personal_where_they_are_made_of_such_columns(tmp_path: Path) -> None:
    assert found(tmp_path).keyed == frozenset()
    assert found(tmp_path / "other", keys={"people": "Mail"}).keyed == {"people"}


def test_a_list_shows_its_fields_and_keeps_the_rest(tmp_path: Path) -> None:
    it = found(tmp_path, shows=["contact.email"], mappings=(ACCOUNT, CONTACT, USER))

    assert not it.hides("contact", "email")
    assert it.hides("contact", "full_name")
    assert it.hides("user", "email"), "the same column, and another field that nobody allowed"


def test_yes_shows_everything(tmp_path: Path) -> None:
    it = found(tmp_path, shows=True)

    assert (it.fields, it.delivered, it.keyed) == (frozenset(), frozenset(), frozenset())
    assert not it.hides_column("people", "Hobby")


def test_an_empty_list_shows_as_little_as_no(tmp_path: Path) -> None:
    assert found(tmp_path, shows=[]) == found(tmp_path / "other", shows=False)
