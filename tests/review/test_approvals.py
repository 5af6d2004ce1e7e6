"""A field map is approved exactly as it was shown."""

from typing import Any

from aformity_pipelines.domain.mapping import FieldMapping, ValueMap, digest_of_mapping
from aformity_pipelines.review.approvals import (
    approvals,
    cited_in_vain,
    mapping_digests,
    value_map_digests,
    value_maps_of,
)
from tests.builders.decisions import entry
from tests.mapping.small_migration import Small

READ: dict[str, Any] = {
    "source": "crm",
    "fields": {"id": {"from": "No"}, "role": {"from": "Role", "values": "roles"}},
}


def small(values: list[tuple[str, str]], log: tuple[Any, ...] = (), read: dict[str, Any] = READ) -> Any:
    from dataclasses import replace

    migration = Small(reads=[read], crm=(("No", "Role"), []), values={"roles": values}).migration
    return replace(migration, log=log)


def approved(migration: Any, *names: str, number: int = 1, **more: Any) -> Any:
    digests = mapping_digests(migration, "person")
    maps = {v.name for name, v in value_maps_of(migration, "person").items() if name in names}
    shown = {name: digest for name, digest in value_map_digests(migration, "person").items() if name in maps}
    covers = {"entity": "person", "fields": {name: digests[name] for name in names}, "value_maps": shown}
    return entry("mapping_approved", number, covers=covers, **more)


def words(migration: Any) -> dict[str, str]:
    return {each.name: each.words for each in approvals(migration, "person")}


ROLES = [("Rep", "member")]


def test_only_the_fields_that_were_shown_are_approved() -> None:
    log = (approved(small(ROLES), "crm/main/role"),)

    assert words(small(ROLES, log)) == {"crm/main/id": "not approved", "crm/main/role": "approved"}


def test_one_more_line_in_the_value_map_makes_the_approval_stale() -> None:
    log = (approved(small(ROLES), "crm/main/role"),)

    assert words(small([*ROLES, ("Boss", "admin")], log))["crm/main/role"] == "approval is stale"


def test_going_back_to_what_was_approved_needs_no_new_approval() -> None:
    log = (approved(small(ROLES), "crm/main/role"), approved(small([]), "crm/main/role", number=2))

    assert words(small(ROLES, log))["crm/main/role"] == "approved"


def test_a_superseded_approval_approves_nothing() -> None:
    log = (
        approved(small(ROLES), "crm/main/role"),
        approved(
            small(ROLES), "crm/main/id", number=2, supersedes="D-001", supersedes_because="It was a slip."
        ),
    )

    assert words(small(ROLES, log)) == {"crm/main/id": "approved", "crm/main/role": "not approved"}


def test_the_words_for_the_customer_are_not_part_of_what_was_approved() -> None:
    one = FieldMapping.model_validate({"from": "Role", "says": "The role."})
    other = FieldMapping.model_validate({"from": "Role", "says": "What they may do.", "suggested": True})

    assert digest_of_mapping(one) == digest_of_mapping(other)


def test_rule_cast_columns_and_values_are_part_of_what_was_approved() -> None:
    forms: list[dict[str, Any]] = [
        {"from": "Role"},
        {"from": "role"},
        {"from": "Role", "rule": "trim"},
        {"from": "Role", "rule": ["trim", "lower"]},
        {"from": "Role", "rule": ["lower", "trim"]},
        {"from": "Role", "cast": {"boolean": {"true": "ja"}}},
        {"constant": "Role"},
    ]
    digests = {digest_of_mapping(FieldMapping.model_validate(form)) for form in forms}
    mapped = FieldMapping.model_validate({"from": "Role", "values": "roles"})

    assert len(digests | {digest_of_mapping(mapped)}) == len(forms) + 1


def test_a_changed_value_map_may_be_approved_by_itself() -> None:
    grown = [*ROLES, ("Boss", "admin")]
    covers = {"entity": "person", "value_maps": value_map_digests(small(grown), "person")}
    log = (approved(small(ROLES), "crm/main/role"), entry("mapping_approved", 2, covers=covers))

    (of_id, of_role) = approvals(small(grown, log), "person")

    assert (of_id.words, of_role.words) == ("not approved", "approved")
    assert (of_role.decision, of_role.value_map) == ("D-001", "D-002")


def test_an_approved_value_map_approves_no_field_that_uses_it() -> None:
    covers = {"entity": "person", "value_maps": value_map_digests(small(ROLES), "person")}

    assert set(words(small(ROLES, (entry("mapping_approved", 1, covers=covers),))).values()) == {
        "not approved"
    }


def test_a_value_map_line_that_cites_a_decision_which_does_not_stand_is_named() -> None:
    from dataclasses import replace

    migration = small(ROLES)
    cited = ValueMap.model_validate(
        {"name": "roles", "entries": [{"source": "Rep", "target": "member", "decision": "D-007"}]}
    )

    assert cited_in_vain(replace(migration, value_maps={"roles": cited}), "person") == (
        "values/roles.csv line for 'Rep', which cites D-007",
    )
