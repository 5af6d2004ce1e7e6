"""What the files of a customer say of each other: each kind of problem once, at its key."""

import pytest

from aformity_pipelines.config.headers import headers_known, headers_read
from aformity_pipelines.config.load import check, load_migration

DEFS = "customers/acme/defs.yaml"
CONTACT = "customers/acme/mapping/contact.yaml"
COUNTRY = "customers/acme/values/country.csv"
FIRMS = '    firms: {file: "firms*.csv", says: Every company., lookup_only: true}\n'
ONE_EXPRESSION = "write one expression over the source's columns"


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            CONTACT,
            "entity: contact",
            "entity: contacts",
            "1: this file maps entity 'contacts'; rename the file",
        ),
        (CONTACT, "      born:", "      borne:", "8: contact has no field 'borne'; did you mean 'born'?"),
        (
            CONTACT,
            "      email: {from: Mail, rule: [trim, lower]}\n",
            "",
            "5: people does not fill contact.email, which the destination requires; map `email:` from a column",
        ),
        (
            CONTACT,
            "source: people",
            "source: poeple",
            "3: there is no source 'poeple'; did you mean 'people'?",
        ),
        (
            CONTACT,
            "source: people",
            "source: firms",
            "3: source 'firms' is `lookup_only`, and this makes records of it; use it in a `lookup`",
        ),
        (
            DEFS,
            "lookup_only: true}",
            "lookup_only: true, vanished: keep}",
            "10: source 'firms' says what becomes of rows that vanished, and has no `key` by which one could; name the `key`",
        ),
        (
            CONTACT,
            "source: firms",
            "source: firm",
            "9: there is no source 'firm' to look up; did you mean 'firms'?",
        ),
        (
            CONTACT,
            "values: country",
            "values: land",
            "7: there is no value map values/land.csv; write it, with the header",
        ),
        (CONTACT, ", values: country", "", "1: no field uses value map 'country'; name it in a mapping"),
        (
            CONTACT,
            "from: Land",
            "from: Land, cast: {number: {}}",
            "7: `number` is a cast for other fields; contact.country is text; drop it",
        ),
        (
            CONTACT,
            "State: {fate",
            "Land: {fate",
            "11: column 'Land' of people is listed as not mapped, and a field",
        ),
        (
            DEFS,
            'version: "1"',
            'version: "2"',
            "4: there is no version '2' of shop; there is '1'; the newest is \"1\"",
        ),
        (
            DEFS,
            "lookup_only: true",
            "lookup_only: false",
            "10: no mapping reads source 'firms'; map it, or set",
        ),
        (
            DEFS,
            "contact.email:",
            "contact.emial:",
            "16: owners names 'contact.emial', which is nothing here; did you mean 'email'?",
        ),
        (
            DEFS,
            "contact.email:",
            "kontact:",
            "16: owners names 'kontact', which is nothing here; did you mean 'contact'?",
        ),
        (DEFS, "0 6 * * 1", "0 26 * * 1", "17: hour '26': 26 is not between 0 and 23; write it like"),
        (
            DEFS,
            "person: priya, due_days: 5",
            "person: pria, due_days: 5",
            "16: owners.contact.email: 'pria' is not one of `people`; did you mean 'priya'?",
        ),
        (
            DEFS,
            "waves: [wave_2]",
            "waves: wave_3",
            "17: schedule.waves: 'wave_3' is not one of `waves`; did you mean 'wave_2' or 'wave_1'?",
        ),
        (COUNTRY, "Norge,NO", "Norge,Norway", "2: 'Norway' is not a value of contact.country; write 'NO'"),
        (COUNTRY, "Norge,NO", "Norge,XX", "2: 'XX' is not a value of contact.country; known are 'NO', 'SE'"),
    ],
)
def test_each_name_resolves(project, path: str, old: str, new: str, message: str) -> None:
    root = project({path: (old, new)})

    found = [problem.headline() for problem in check(root)]

    place = COUNTRY if "no field uses" in message else path
    assert any(each.startswith(f"{place}:{message}") for each in found), found


def test_two_problems_of_one_file_are_two_problems(project) -> None:
    root = project(
        {CONTACT: ("{from: Geboren, cast: {date", "{from: Geboren, values: nope, cast: {number: {}, date")}
    )

    assert [problem.line for problem in check(root)] == [8, 8]


def test_a_column_listed_by_two_reads_is_listed_twice(project, texts) -> None:
    second = texts[CONTACT].split("reads:\n")[1].replace("source: people", "source: people\n    part: second")
    root = project({CONTACT: texts[CONTACT] + second})

    assert [problem.headline() for problem in check(root)] == [
        f"{CONTACT}:21: column 'State' of people is already listed at {CONTACT}:11; keep one"
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("Mail <> ''", "`Mail` is not in quotes; put headers in double quotes, text in single quotes"),
        (
            "'Mail' = (select 1)",
            "a subquery or table cannot be read here; use the columns of this row, or a `lookup`",
        ),
        ("'a'; drop table x", f"there is more than one statement here; {ONE_EXPRESSION}"),
        ("drop table x", f"`DROP` is a statement; {ONE_EXPRESSION}"),
        ("", f"there is no expression here; {ONE_EXPRESSION}"),
        (
            "read_text('x') = ''",
            "`read_text` depends on more than this row; use the columns of this row only",
        ),
        ("random() > 0.5", "`rand` depends on more than this row; use the columns of this row only"),
        ("count(1) > 1", "`count` looks at several rows; use the columns of this row only"),
        (
            "'a' = 'a' -- b",
            "there is a comment in the expression; say why in `why` or `says`, or in a YAML comment",
        ),
        ("$1 = 'a'", "`$1` is a parameter; write the value"),
    ],
)
def test_an_expression_is_one_value_over_this_row(project, expression: str, message: str) -> None:
    root = project({CONTACT: ('"\\"Mail\\" <> \'\'"', f'"{expression}"')})

    assert [problem.headline() for problem in check(root)] == [f"{CONTACT}:4: {message}"]


def test_a_condition_of_a_wave_is_checked_too(project) -> None:
    root = project({DEFS: ('"\\"State\\" = \'late\'"', '"State = 1"')})

    assert [(problem.line, problem.says) for problem in check(root)] == [(13, "`State` is not in quotes")]


def test_functions_casts_and_lambdas_may_stand_in_an_expression(project) -> None:
    sql = "try_cast(regexp_extract(\\\"Mail\\\", '#(.*)', 1) as date) < date '2020-01-01' or \\\"Land\\\"[1] = 'x'"
    root = project({CONTACT: ('"\\"Mail\\" <> \'\'"', f'"{sql}"')})

    assert check(root) == ()


def test_headers_that_fit_the_delivery_are_no_problem(project, headers) -> None:
    assert check(project(), headers=headers) == ()


def test_headers_are_compared_with_what_was_delivered(project, headers) -> None:
    root = project({CONTACT: ("key: Nr", "key: Zahl")})
    delivered = {
        "people": ("mail", "Land", "Geboren", "FirmNr", "State", "Fax", "Note"),
        "firms": ("Nr", "Name"),
    }

    found = [
        problem.headline() for problem in check(root, "acme", headers=lambda _, source: delivered[source])
    ]

    assert found == [
        f"{DEFS}:9: people was delivered without a column 'Mail'; did you mean 'mail'?",
        f"{CONTACT}:4: people was delivered without a column 'Mail'; did you mean 'mail'? Text goes in single quotes",
        f"{CONTACT}:6: people was delivered without a column 'Mail'; did you mean 'mail'?",
        f"{CONTACT}:9: firms was delivered without a column 'Zahl'; its columns are 'Nr', 'Name'",
        f"{CONTACT}:10: 3 columns ('mail', 'Fax', 'Note') of people would vanish: no field reads them; "
        "map each, or list it under `columns:` as archived or excluded, with a why",
    ]


def test_a_text_in_double_quotes_is_explained(project, headers) -> None:
    root = project({DEFS: ("= 'late'", '= \\"late\\"')})

    assert [problem.headline() for problem in check(root, headers=headers)] == [
        f"{DEFS}:13: people was delivered without a column 'late'; did you mean 'State'? Text goes in single quotes"
    ]


def test_a_source_without_a_delivery_is_not_compared(project) -> None:
    assert check(project(), headers=lambda _, __: None) == ()


def test_headers_read_and_known_are_told_apart(project) -> None:
    migration = load_migration(project(), "acme")

    assert headers_read(migration, "people") == {"Mail", "Land", "Geboren", "FirmNr"}
    assert headers_known(migration, "people") == {"Mail", "Land", "Geboren", "FirmNr", "State"}
    assert headers_read(migration, "firms") == {"Nr", "Name"}
