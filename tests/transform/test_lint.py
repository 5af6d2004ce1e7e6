"""The lint sees every fault that is planted, at its line, and nothing in the shipped models."""

import pytest
from sqlglot import parse_one

from aformity_pipelines.transform.lint import lint
from aformity_pipelines.transform.project import load_project

SCHEMA = """
sources: [{name: mapped, tables: [{name: account}]}]
models:
  - {name: model, description: Planted.}
  - {name: keys, description: Keys., config: {meta: {rows: lookup}}}
"""


@pytest.fixture
def lint_of(tmp_path):
    def found(sql: str, name: str = "model") -> tuple[str, ...]:
        folder = tmp_path / "models/marts"
        folder.mkdir(parents=True)
        (folder / "schema.yml").write_text(SCHEMA)
        for file in ("model", "keys"):
            (folder / f"{file}.sql").write_text("SELECT 1 AS row_ids")
        (folder / f"{name}.sql").write_text(sql)
        return lint(load_project(tmp_path))

    return found


def test_the_shipped_models_are_clean(project) -> None:
    assert lint(project) == ()


def test_every_shipped_model_survives_the_way_to_databricks(project) -> None:
    for model in project.models:
        sql = model.resolved(lambda name: f'"{name}"', lambda source: f'{source[0]}."{source[1]}"')
        there = parse_one(sql, read="duckdb").sql("databricks", comments=False)

        assert parse_one(there, read="databricks").sql("databricks", comments=False) == there


def test_every_shipped_model_says_what_its_rows_are(project) -> None:
    assert [model.name for model in project.models if len(model.description) < 20] == []


CLEAN = "SELECT row_ids, count(*) AS n\nFROM {{ source('mapped', 'account') }}\nGROUP BY row_ids"
FROM = "FROM {{ source('mapped', 'account') }}"


@pytest.mark.parametrize(
    ("sql", "line", "words"),
    [
        (f"SELECT name\n{FROM}", 1, "selects no row_ids at its top level"),
        (
            f"WITH a AS (SELECT row_ids {FROM})\nSELECT 1 AS n FROM a",
            1,
            "selects no row_ids at its top level",
        ),
        (f"SELECT row_ids,\n  *\n{FROM}", 2, "* hides which columns"),
        (f"SELECT row_ids,\n  a.*\n{FROM} AS a", 2, "* hides which columns"),
        (f"SELECT row_ids,\n  * EXCLUDE (name)\n{FROM}", 2, "* hides which columns"),
        (f"SELECT row_ids,\n  * REPLACE (1 AS name)\n{FROM}", 2, "* hides which columns"),
        (f"WITH a AS (\n  SELECT * {FROM}\n)\nSELECT row_ids FROM a", 2, "* hides which columns"),
        (f"SELECT row_ids,\n  COLUMNS('x.*') AS x\n{FROM}", 2, "COLUMNS(...)"),
        (f"SELECT row_ids {FROM}\nQUALIFY row_number() OVER (PARTITION BY a) = 1", 2, "QUALIFY"),
        (f"SELECT row_ids, sum(a) AS a {FROM} GROUP BY ALL", 1, "GROUP BY / ORDER BY ALL"),
        (f"SELECT row_ids {FROM} ORDER BY ALL", 1, "GROUP BY / ORDER BY ALL"),
        (f"SELECT row_ids {FROM}\nPIVOT (sum(b) FOR a IN ('x'))", 2, "PIVOT and UNPIVOT"),
        (f"SELECT DISTINCT ON (a) row_ids {FROM}", 1, "DISTINCT ON"),
        (f"SELECT row_ids {FROM} UNION ALL BY NAME SELECT row_ids {FROM}", 1, "BY NAME"),
        (f"SELECT a.row_ids {FROM} AS a ASOF JOIN {{{{ ref('keys') }}}} AS b ON a.x >= b.x", 1, "ASOF"),
        (f"SELECT row_ids,\n  list(a ORDER BY b) AS c {FROM}", 2, "the order of a list"),
        (f"SELECT row_ids,\n  string_agg(a, ',' ORDER BY b) AS c {FROM}", 2, "the order of a list"),
        (f"SELECT row_ids,\n  date_diff('month', a, b) AS c {FROM}", 2, "date_diff"),
        (f"SELECT row_ids,\n  substr(a, 0, 3) AS c {FROM}", 2, "substr from 0"),
        (f"SELECT row_ids,\n  regexp_replace(a, 'x', 'y') AS c {FROM}", 2, "regexp_replace without 'g'"),
        (f"SELECT row_ids,\n  len(row_ids) AS c {FROM}", 2, "use array_length()"),
        (f"SELECT row_ids,\n  strip_accents(a) AS c {FROM}", 2, "no known meaning on other engines"),
        (f"SELECT row_ids,\n  [x FOR x IN row_ids] AS c {FROM}", 2, "list comprehensions"),
        (f"SELECT row_ids,\n  current_date AS c {FROM}", 2, "two runs over the same rows would differ"),
        (f"SELECT row_ids,\n  random() AS c {FROM}", 2, "two runs over the same rows would differ"),
        (
            f"SELECT row_ids,\n  any_value(a) AS c {FROM} GROUP BY row_ids",
            2,
            "two runs over the same rows would differ",
        ),
        (f"SELECT row_ids {FROM}\nLIMIT 5", 2, "two runs over the same rows would differ"),
        (f"SELECT row_ids {FROM} USING SAMPLE 5", 1, "two runs over the same rows would differ"),
        (f"SELECT row_ids,\n  a + 1\n{FROM}", 2, "column without a name: a + 1"),
        (f"SELECT row_ids, a, b AS a {FROM}", 1, "selects 'a' 2 times"),
        ("SELECT row_ids\nFROM other.table_of_mine", 2, "reads other.table_of_mine directly"),
        ("SELECT row_ids\nFROM 'file.csv'", 2, "directly; use ref() or source()"),
        ("SELECT row_ids FROM read_csv('file.csv')", 1, "directly; use ref() or source()"),
        (f"SELECT row_ids {FROM};\nSELECT 1", 1, "a model is one SELECT"),
        ("DROP TABLE x", 1, "a model is one SELECT"),
        (f"SELECT row_ids\n{FROM}\nWHERE (", 3, "not readable as SQL"),
    ],
)
def test_a_planted_fault_is_found_at_its_line(lint_of, sql, line, words) -> None:
    found = [message for message in lint_of(sql) if words in message]

    assert found
    assert found[0].startswith(f"models/marts/model.sql:{line}: ")


def test_plain_sql_is_clean(lint_of) -> None:
    assert lint_of(CLEAN) == ()


def test_length_of_a_text_and_dates_counted_in_days_are_clean(lint_of) -> None:
    assert lint_of(f"SELECT row_ids, length(a) AS b, date_diff('day', c, d) AS e {FROM}") == ()


def test_a_lookup_needs_no_row_ids(lint_of) -> None:
    assert lint_of(f"SELECT a AS old_key {FROM}", name="keys") == ()


def test_a_model_without_a_description_is_found(lint_of) -> None:
    assert lint_of(CLEAN, name="stray") == (
        "models/marts/stray.sql:1: model 'stray' has no description; add one to the schema.yml beside it",
    )
