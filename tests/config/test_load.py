"""A customer's folder loads whole, or says everything that keeps it from loading."""

import pytest

from aformity_pipelines.config.destinations import load_destination
from aformity_pipelines.config.load import check, customers, load_migration
from aformity_pipelines.config.problems import ConfigInvalid

ACME = "customers/acme"


def test_a_folder_in_order_loads_as_values(project) -> None:
    migration = load_migration(project(), "acme")

    assert migration.slug == "acme"
    assert migration.entities() == ("contact",)
    assert migration.destination.version == "1"
    assert [entry.target for entry in migration.value_maps["country"].entries] == ["NO", "SE"]
    assert migration.head.seq == 0


def test_mappings_stand_in_load_order(project) -> None:
    account = "entity: account\nreads: [{source: people, part: firm, fields: {name: {from: FirmNr}}}]\n"

    migration = load_migration(project({f"{ACME}/mapping/account.yaml": account}), "acme")

    assert migration.entities() == ("account", "contact")


def test_all_problems_of_all_files_come_at_once(project) -> None:
    root = project(
        {
            f"{ACME}/defs.yaml": ("side: implementation", "side: implementatoin"),
            f"{ACME}/mapping/contact.yaml": ("from: Mail", "form: Mail"),
            f"{ACME}/values/country.csv": "source,target\n",
        }
    )

    with pytest.raises(ConfigInvalid) as caught:
        load_migration(root, "acme")

    assert [problem.headline() for problem in caught.value.problems] == [
        f"{ACME}/defs.yaml:7: `side` cannot be 'implementatoin'; did you mean 'implementation'?",
        f"{ACME}/mapping/contact.yaml:6: nothing here is called 'form'; did you mean 'from'?",
        f"{ACME}/values/country.csv:1: the header is 'source,target'; make it source,target,decision,note",
    ]


def test_a_broken_customer_costs_nobody_else_anything(project) -> None:
    root = project({"customers/broken/defs.yaml": "type: [\n"})

    assert customers(root) == ("acme", "broken")
    assert load_migration(root, "acme").slug == "acme"
    with pytest.raises(ConfigInvalid):
        load_migration(root, "broken")
    assert {problem.path for problem in check(root)} == {"customers/broken/defs.yaml"}


def test_a_folder_name_that_is_no_slug_is_a_problem_and_no_customer(project) -> None:
    root = project({"customers/Acme-2/defs.yaml": "x: y\n", "customers/.trash/defs.yaml": "x: y\n"})

    assert customers(root) == ("acme",)
    assert [problem.headline() for problem in check(root)] == [
        "customers/Acme-2: 'Acme-2' is not a name that a customer's folder can have; use small letters,"
        " digits and `_`, starting with a letter, at most 63, and no device of Windows (con, nul, ...)"
    ]


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9"])
def test_a_folder_that_windows_cannot_have_is_no_customer(project, name: str) -> None:
    root = project({f"customers/{name}/defs.yaml": "x: y\n", f"customers/{name}_ltd/defs.yaml": "x: y\n"})

    assert customers(root) == ("acme", f"{name}_ltd")
    assert [each.path for each in check(root) if "Windows" in each.do] == [f"customers/{name}"]


def test_a_wave_that_windows_cannot_have_as_a_folder_is_a_problem(project) -> None:
    root = project()
    defs = root / "customers" / "acme" / "defs.yaml"
    written = defs.read_text(encoding="utf-8")
    assert "name: wave_1" in written
    defs.write_text(written.replace("name: wave_1", "name: aux"), encoding="utf-8")

    assert any("'aux' is the name of a device in Windows" in each.headline() for each in check(root))


def test_an_unknown_customer_is_named_with_the_closest_one(project) -> None:
    with pytest.raises(
        ConfigInvalid, match=r"there is no customer 'acne' with a defs\.yaml; did you mean 'acme'\?"
    ):
        load_migration(project(), "acne")
    assert [problem.path for problem in check(project(), "acne")] == ["customers/acne"]


def test_a_slug_cannot_leave_the_customers_folder(project) -> None:
    with pytest.raises(ConfigInvalid):
        load_migration(project(), "../customers/acme")


def test_a_destination_that_nobody_uses_is_checked_too(project) -> None:
    root = project({"expectations/spare/destination.yaml": "destination: other\n"})

    paths = {problem.path for problem in check(root)}

    assert paths == {"expectations/spare/destination.yaml"}


def test_a_missing_destination_is_named_at_the_pin(project) -> None:
    root = project({f"{ACME}/defs.yaml": ("name: shop,", "name: shopp,")})

    assert [problem.headline() for problem in check(root)] == [
        f"{ACME}/defs.yaml:4: there is no destination 'shopp'; did you mean 'shop'?"
    ]


def test_names_inside_a_destination_resolve(project) -> None:
    root = project(
        {"expectations/shop/destination.yaml": ("entity: account, field", "entity: acount, field")}
    )

    with pytest.raises(ConfigInvalid) as caught:
        load_destination(root, "shop")

    (problem,) = caught.value.problems
    assert (problem.line, problem.says) == (
        15,
        "contact.account: relationship to unknown entity 'acount'",
    )


def test_a_file_that_is_not_utf_8_names_the_line(project) -> None:
    root = project()
    (root / ACME / "values/country.csv").write_bytes(b"source,target,decision,note\nNorg\xe9,NO,,\n")

    assert [problem.headline() for problem in check(root, "acme")] == [
        f"{ACME}/values/country.csv:2: byte 0xE9 is not UTF-8; save the file as UTF-8"
    ]


def test_a_mapping_called_yml_is_not_overlooked(project) -> None:
    root = project({f"{ACME}/mapping/account.yml": "entity: account\n"})

    assert [problem.headline() for problem in check(root)] == [
        f"{ACME}/mapping/account.yml: a mapping is a file <name>.yaml, and this is none; "
        "rename it to end in .yaml, or move it"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: the file is empty; start it with source,target,decision,note"),
        (
            "source;target;decision;note\n",
            "1: the header is 'source;target;decision;note'; make it source,target,decision,note",
        ),
        (
            "source,target,decision,note\na,NO,,\na,SE,,\n",
            "3: source value 'a' is already on line 2; keep one of them",
        ),
        (
            "source,target,decision,note\na,NO\n",
            "2: this line has 2 values, not 4; write each line as source,target,decision,note",
        ),
        ("source,target,decision,note\n\n", "2: this line is empty; remove it"),
        (
            "source,target,decision,note\na,,,\n",
            "2: 'a' has no target; give one, or the decision that leaves it blank on purpose",
        ),
        (
            "source,target,decision,note\na,NO,12,\n",
            "2: '12' is not a decision's id; write one such as D-001, or leave it blank",
        ),
        (
            'source,target,decision,note\n"two\nlines",NO,,\nb,"SE"x,,\n',
            "4: this is not CSV: ',' expected after '\"'; put values with commas or quotes in quotes",
        ),
    ],
)
def test_a_value_map_is_read_strictly(project, text: str, message: str) -> None:
    root = project({f"{ACME}/values/country.csv": text})

    assert [each.headline() for each in check(root)] == [f"{ACME}/values/country.csv:{message}"]
