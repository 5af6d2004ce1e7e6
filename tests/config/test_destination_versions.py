"""Versions of a destination side by side, what customers override in theirs, and what is locked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aformity_pipelines.config.destinations import in_order, load_destination, versions
from aformity_pipelines.config.load import check, load_migration
from aformity_pipelines.config.pin import with_pin
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.destination import Check, Policy
from aformity_pipelines.domain.destination_changes import destination_changes
from aformity_pipelines.domain.locks import is_within

SHOP = "expectations/shop/destination.yaml"
OLDER = "expectations/shop/versions/1/destination.yaml"
DEFS = "customers/acme/defs.yaml"
COUNTRY = "customers/acme/values/country.csv"
Write = Callable[..., Path]

LOCKS = """\
locks:
  - {parts: [contact.*.required, moments], unlock: Product owner, says: Every customer is promised this.}
"""


@pytest.fixture
def two_versions(project: Write, texts: dict[str, str]) -> Callable[..., Path]:
    """Return a function that writes the project with version 2 of the shop as the newest; acme pins version 1."""

    def write(changes: dict[str, str] | None = None) -> Path:
        newer = texts[SHOP].replace('version: "1"', 'version: "2"')
        newer = newer.replace(
            "      born:", "      tier: {moment: login, says: What they pay., required: true}\n      born:"
        )
        return project({OLDER: texts[SHOP], SHOP: newer, **(changes or {})})

    return write


def with_attributes(texts: dict[str, str], more: str, *, role: str = "lead") -> dict[str, str]:
    return {DEFS: texts[DEFS].replace("role: lead", f"role: {role}") + more}


def says(root: Path) -> list[str]:
    return [problem.headline() for problem in check(root, "acme")]


def test_the_pin_chooses_the_version(two_versions: Write, texts: dict[str, str]) -> None:
    root = two_versions()
    other = texts[DEFS].replace('version: "1"', 'version: "2"')
    (root / "customers/bolt/mapping").mkdir(parents=True)
    (root / "customers/bolt/defs.yaml").write_text(other, encoding="utf-8")

    assert "tier" not in load_migration(root, "acme").destination.entities["contact"].fields
    assert [problem.says for problem in check(root, "bolt")] == ["no mapping reads source 'people'"]
    assert versions(root, "shop") == ("1", "2")
    assert load_destination(root, "shop").version == "2"
    assert load_destination(root, "shop", "1").version == "1"


def test_a_customer_of_an_older_version_has_the_newer_fields_for_shared_models(two_versions: Write) -> None:
    migration = load_migration(two_versions(), "acme")

    assert list(migration.fields_elsewhere("contact")) == ["tier"]


def test_a_pin_that_exists_nowhere_names_those_that_do(two_versions: Write, texts: dict[str, str]) -> None:
    root = two_versions({DEFS: texts[DEFS].replace('version: "1"', 'version: "3"')})

    assert says(root) == [
        f"{DEFS}:4: there is no version '3' of shop; there is '1', '2'; the newest is \"2\""
    ]


def test_a_version_that_could_leave_its_folder_is_no_version(project: Write, texts: dict[str, str]) -> None:
    root = project({DEFS: texts[DEFS].replace('version: "1"', 'version: "../1"')})

    (problem,) = says(root)
    assert problem.startswith(f"{DEFS}:4: ")


def test_an_older_version_in_the_wrong_folder_is_named(two_versions: Write, texts: dict[str, str]) -> None:
    root = two_versions({"expectations/shop/versions/0/destination.yaml": texts[SHOP]})

    assert (
        "expectations/shop/versions/0/destination.yaml:2: this is version '1', in the folder of '0';"
        in str([problem.headline() for problem in check(root)])
    )


def test_a_version_that_lies_twice_is_named(project: Write, texts: dict[str, str]) -> None:
    root = project({OLDER: texts[SHOP]})

    assert [problem.says for problem in check(root)] == [
        "version '1' lies in versions/ and is the newest, too"
    ]


def test_versions_are_counted_and_not_spelled() -> None:
    assert sorted(["10", "2", "2.1", "2-beta", "1"], key=in_order) == ["1", "2", "2-beta", "2.1", "10"]


OVERRIDES = """\
  overrides:
    contact.country: {why: They trade in Finland., allowed: {add: [{value: FI}], remove: SE}, policies: {allowed: report}}
    account.name: {why: Their names are short., max_length: 40}
    moments.login: {why: They call it so., label: The first day}
"""


def test_an_override_is_what_the_customer_sees(project: Write, texts: dict[str, str]) -> None:
    root = project(
        {**with_attributes(texts, OVERRIDES), COUNTRY: "source,target,decision,note\nNorge,NO,,\n"}
    )
    migration = load_migration(root, "acme")

    country = migration.destination.entities["contact"].fields["country"]
    assert [each.value for each in country.allowed] == ["NO", "FI"]
    assert country.policy(Check.ALLOWED) is Policy.REPORT
    assert migration.destination.entities["account"].fields["name"].max_length == 40
    assert migration.destination.moments["login"].label == "The first day"
    assert [(each.part, each.change, each.why) for each in migration.overridden] == [
        ("moments.login.label", "changed", "They call it so."),
        ("contact.country.allowed.SE", "removed", "They trade in Finland."),
        ("contact.country.policies.allowed", "changed", "They trade in Finland."),
        ("contact.country.allowed.FI", "added", "They trade in Finland."),
        ("account.name.max_length", "added", "Their names are short."),
        ("account.name.policies.length", "added", "Their names are short."),
    ]


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        (
            "contact.bron: {why: Because., required: true}",
            "overrides names 'contact.bron', which is no `entity.field` and no `moments.<moment>`;"
            " did you mean 'contact.born' or 'contact.country'?",
        ),
        (
            "contact.country: {why: Because.}",
            "the override of contact.country changes nothing; say what is otherwise, or remove it",
        ),
        (
            "contact.email: {why: Because., required: false}",
            "contact.email names a record, so it is always required; remove it",
        ),
        (
            "contact.born: {why: Because., policies: {allowed: report}}",
            "contact.born is not checked for `allowed`; known are 'type'",
        ),
        (
            "contact.country: {why: Because., allowed: {remove: XX}}",
            "'XX' is not a value of contact.country; known are 'NO', 'SE'",
        ),
        (
            "contact.country: {why: Because., allowed: {add: [{value: 'NO'}]}}",
            "'NO' is a value of contact.country already; remove it here",
        ),
        (
            "contact.country: {why: Because., allowed: {remove: ['NO', SE]}}",
            "no value of contact.country would be left; leave one, or add one",
        ),
        (
            "contact.born: {why: Because., allowed: {add: [{value: now}]}}",
            "contact.born has no list of allowed values; remove `allowed`",
        ),
        (
            "moments.login: {why: Because., required: true}",
            "moments.login is a product moment, and has no `required`; a moment has `says` and `label`",
        ),
        (
            "contact.born: {why: Because., label: Birthday}",
            "contact.born has no `label`; use `says`",
        ),
    ],
)
def test_an_override_that_can_mean_nothing_is_named(
    project: Write, texts: dict[str, str], override: str, problem: str
) -> None:
    root = project(with_attributes(texts, f"  overrides:\n    {override}\n"))

    (found,) = says(root)
    assert found.partition(": ")[2] == problem


LOCKED = """\
  overrides:
    contact.born: {why: We need it., required: true}
    moments.login: {why: They call it so., says: They get in.}
    contact.country: {why: They trade there., policies: {allowed: report}}
"""
OPENED = "  unlocked: [{part: contact.born.required, by: priya, on: '2026-11-01', why: Agreed.}]\n"


def test_an_override_of_a_locked_part_is_refused_with_who_may_unlock_it(
    project: Write, texts: dict[str, str]
) -> None:
    root = project({SHOP: texts[SHOP] + LOCKS, **with_attributes(texts, LOCKED, role="Product owner")})

    assert says(root) == [
        f"{DEFS}:19: contact.born.required is locked: Every customer is promised this.;"
        " Priya Raman (Product owner) may open it, as an entry of `unlocked`; or remove this",
        f"{DEFS}:20: moments.login.says is locked: Every customer is promised this.;"
        " Priya Raman (Product owner) may open it, as an entry of `unlocked`; or remove this",
    ]


@pytest.mark.parametrize(
    ("part", "override"),
    [
        ("contact.email.required", "policies: {required: report}"),
        ("contact.country.allowed", "policies: {allowed: report}"),
        ("contact.born.policies.required", "required: true"),
    ],
)
def test_a_locked_demand_is_not_changed_by_another_spelling(
    project: Write, texts: dict[str, str], part: str, override: str
) -> None:
    entity, field, _ = part.split(".", 2)
    lock = f"locks:\n  - {{parts: [{part}], unlock: Product owner, says: Everybody is promised this.}}\n"
    own = f"  overrides:\n    {entity}.{field}: {{why: They asked., {override}}}\n"
    root = project({SHOP: texts[SHOP] + lock, **with_attributes(texts, own)})

    assert any(f"{part} is locked: Everybody is promised this." in each for each in says(root))


def test_the_role_is_named_where_nobody_has_it(project: Write, texts: dict[str, str]) -> None:
    root = project({SHOP: texts[SHOP] + LOCKS, **with_attributes(texts, LOCKED)})

    assert "whoever is 'Product owner', nobody of `people`, may open it" in says(root)[0]


def test_a_part_that_was_opened_can_be_overridden(project: Write, texts: dict[str, str]) -> None:
    own = LOCKED.replace("    moments.login: {why: They call it so., says: They get in.}\n", "") + OPENED
    root = project({SHOP: texts[SHOP] + LOCKS, **with_attributes(texts, own, role="Product owner")})

    # What is required now lacks nothing: the mapping fills it.
    assert says(root) == []
    assert load_migration(root, "acme").destination.entities["contact"].fields["born"].required


def test_who_may_not_open_a_lock_opens_nothing(project: Write, texts: dict[str, str]) -> None:
    root = project({SHOP: texts[SHOP] + LOCKS, **with_attributes(texts, LOCKED + OPENED)})

    found = says(root)
    assert len(found) == 3
    assert "'priya' may not open contact.born.required: that takes the role 'Product owner'" in found[2]


def test_opening_what_is_not_locked_is_named(project: Write, texts: dict[str, str]) -> None:
    own = OPENED.replace("contact.born.required", "contact.born.says")
    root = project({SHOP: texts[SHOP] + LOCKS, **with_attributes(texts, own)})

    (found,) = says(root)
    assert "unlocked names 'contact.born.says', which no lock of shop holds" in found


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("account.name.required", "account", True),
        ("account.name.required", "account.*.required", True),
        ("account.name.required", "account.*.unique", False),
        ("account", "account.name", False),
        ("moments.billing.says", "moments", True),
        ("accounts.name", "account", False),
    ],
)
def test_a_part_lies_within_what_is_locked(part: str, whole: str, expected: bool) -> None:
    assert is_within(part, whole) is expected


@pytest.mark.parametrize(
    ("written", "then"),
    [
        ('{name: shop, version: "1"}', '{name: shop, version: "2.0"}'),
        ("{version: '1', name: shop}", "{version: '2.0', name: shop}"),
        (
            '\n    name: shop\n    version: "1"   # agreed in May',
            '\n    name: shop\n    version: "2.0"   # agreed in May',
        ),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_only_the_pin_is_replaced(
    texts: dict[str, str], written: str, then: str, ends: str, mark: bytes
) -> None:
    around = texts[DEFS].replace("customer: Acme", 'customer: "Äcme 😀 version: 1"').replace("\n", ends)
    old, new = ('{name: shop, version: "1"}', written.replace("\n", ends))
    before = mark + around.replace(old, new).encode()

    after = with_pin(before, DEFS, "2.0")

    assert after == mark + around.replace(old, then.replace("\n", ends)).encode()


def test_a_pin_in_another_form_is_refused(texts: dict[str, str]) -> None:
    folded = texts[DEFS].replace('{name: shop, version: "1"}', "\n    name: shop\n    version: >-\n      1")

    with pytest.raises(ConfigInvalid, match="cannot be replaced"):
        with_pin(folded.encode(), DEFS, "2")


def test_what_a_version_changes_is_said_part_by_part(two_versions: Write, texts: dict[str, str]) -> None:
    root = two_versions(
        {
            OLDER: texts[SHOP].replace(
                "allowed: [{value: NO, aliases: [Norway]}, {value: SE}]", "max_length: 2"
            )
        }
    )

    changes = destination_changes(load_destination(root, "shop", "1"), load_destination(root, "shop"))

    assert [(each.part, each.change.value, each.before, each.after) for each in changes] == [
        ("contact.country.max_length", "removed", "2", ""),
        ("contact.country.policies.length", "removed", "hold", ""),
        ("contact.country.allowed.NO", "added", "", "NO, also Norway"),
        ("contact.country.allowed.SE", "added", "", "SE"),
        ("contact.country.policies.allowed", "added", "", "hold"),
        ("contact.tier", "added", "", "What they pay."),
    ]
