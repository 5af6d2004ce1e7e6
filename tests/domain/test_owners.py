"""Every broken rule has exactly one owner: by field, field group, product moment, risk, entity, default."""

from datetime import date
from typing import Any

import pytest

from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.responsible import responsible
from tests.builders.who_decides import PEOPLE, migration

CAME = {"deals": date(2026, 11, 20), "staff": date(2026, 11, 25)}
GROUPS = {"money": ["contract.price"]}
CLOSEST_FIRST = (
    "contract.price",
    "group.money",
    "moment.billing",
    "risk.critical",
    "contract",
    "default",
)


def owner(owners: dict[str, str], subject: str, *fields: str, **rule: Any) -> str:
    """Return who has the work of a rule, by short name."""
    others = {"default": "sam"} | owners
    declared = {name: {"person": person, "due_days": 5} for name, person in others.items()}
    found = responsible(
        migration(owners=declared, field_groups=GROUPS), subject, fields, CAME, **rule
    ).person.name
    return next(short for short, person in PEOPLE.items() if person["name"] == found)


@pytest.mark.parametrize("rank", range(len(CLOSEST_FIRST)))
def test_the_closest_name_that_is_there_wins(rank: int) -> None:
    owners = {
        name: "tom" if place == rank else "ina" for place, name in enumerate(CLOSEST_FIRST) if place >= rank
    }

    assert owner(owners, "contract", "price", moment="billing", risk=Severity.CRITICAL) == "tom"


def test_of_two_fields_the_first_that_has_an_owner_counts() -> None:
    assert owner({"group.money": "tom", "contract": "ina"}, "contract", "note", "price") == "tom"


def test_a_rule_that_reads_every_field_is_about_the_record() -> None:
    owners = {"contract.price": "tom", "contract": "ina"}

    assert owner(owners, "contract", "note", "number", "price") == "ina"


def test_at_intake_the_group_of_the_fields_that_a_header_feeds_counts() -> None:
    assert owner({"group.money": "tom"}, "deals", "Net") == "tom"
    assert owner({"moment.billing": "tom"}, "deals", "Cents") == "tom"
    assert owner({"group.money": "tom"}, "deals", "Note") == "sam"


def test_a_sources_own_name_still_owns_its_work() -> None:
    assert owner({"deals": "ina"}, "deals", "Note") == "ina"


def test_the_days_count_from_the_last_delivery_that_feeds_the_subject() -> None:
    found = responsible(migration(), "contract", ("price",), CAME)

    assert (found.since, found.due) == (date(2026, 11, 20), date(2026, 11, 25))


def test_nothing_delivered_has_no_date() -> None:
    found = responsible(migration(), "contract", ("price",), {})

    assert (found.since, found.due, found.due_days) == (None, None, 5)
