"""Headers are read out of expressions as a person wrote them."""

import pytest

from aformity_pipelines.config.cron import cron_fault
from aformity_pipelines.config.sql import SqlRefused, check_field_condition, sql_headers


@pytest.mark.parametrize(
    ("expression", "headers"),
    [
        ('"Name" || \' \' || "Vor ""name""" || "Name"', ("Name", 'Vor "name"')),
        ('case when "a" = \'1\' then "b" end', ("a", "b")),
        ("list_transform(string_split(\"a\", ','), x -> trim(x))", ("a",)),
        ("'\"Name\"'", ()),
        ('"a"::int + cast("A" as int)', ("a", "A")),
    ],
)
def test_headers_come_once_each_in_order(expression: str, headers: tuple[str, ...]) -> None:
    assert sql_headers(expression) == headers


@pytest.mark.parametrize(
    "expression",
    [
        '"a" as b',
        "*",
        't."a"',
        '"a" in (select 1)',
        "exists (select 1)",
        "from x",
        "unnest(['a'])",
        "row_number() over ()",
        "glob('*')",
        "read_csv('x')",
        "getenv('HOME')",
        "current_date",
        "now()",
        "uuid()",
        "columns('a')",
        "copy x to 'y'",
        "attach 'x'",
        "set x = 1",
        '"a',
        '"a" =',
        "(" * 5000,
        "not " * 5000 + "true",
    ],
)
def test_anything_but_one_value_of_this_row_is_refused(expression: str) -> None:
    with pytest.raises(SqlRefused):
        sql_headers(expression)


@pytest.mark.parametrize(
    "where", ["name = 'x'", "kind <> 'a' and on_day between date '2019-01-01' and date '2019-12-31'"]
)
def test_a_condition_over_fields_needs_no_quotes(where: str) -> None:
    check_field_condition(where)


@pytest.mark.parametrize(
    "where",
    [
        "random() < 0.5",
        "uuid() > name",
        "gen_random_uuid() > name",
        "now() > on_day",
        "on_day < current_date",
        "on_day < localtimestamp",
        "current_schema() = name",
        "getenv('HOME') = name",
        "nextval('s') = 1",
        "error(name)",
        "age(on_day) > interval 1 year",
        "count(*) > 1",
        "name = $1",
        "name = 'x' -- why",
        "not " * 5000 + "true",
    ],
)
def test_a_condition_that_says_another_thing_at_the_next_look_is_refused(where: str) -> None:
    with pytest.raises(SqlRefused):
        check_field_condition(where)


@pytest.mark.parametrize(
    "line",
    [
        "0 6 * * 1",
        "*/5 0-6/2 1,15 jan mon-fri",
        "0 0 * * 7",
        "0 0 29 feb *",
        "0 0 31 2 mon",
        "0 0 30/2 */2 *",
    ],
)
def test_a_cron_line_of_five_fields_is_fine(line: str) -> None:
    assert cron_fault(line) is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("0 6 * *", "a cron line has five fields, this one has 4"),
        ("60 * * * *", "minute '60': 60 is not between 0 and 59"),
        ("* * 0 * *", "day of month '0': 0 is not between 1 and 31"),
        ("5-1 * * * *", "minute '5-1': the range ends before it starts"),
        ("*/0 * * * *", "minute '*/0': a step is between 1 and 59"),
        ("* * * mond *", "month 'mond': mond is not between 1 and 12"),
        ("0 6 31 feb *", "day of month '31': no such day ever comes in month 'feb'"),
        ("0 6 31 4,6-6 *", "day of month '31': no such day ever comes in month '4,6-6'"),
    ],
)
def test_a_cron_line_that_cannot_be_read_says_why(line: str, fault: str) -> None:
    assert cron_fault(line) == fault
