"""Running models and printing them."""

import re

import pytest

from aformity_pipelines.transform.project import load_project
from aformity_pipelines.transform.run_models import ModelError, compiled_sql, run_model

ENTITIES = ("account", "user", "contact", "subscription", "activity")


@pytest.fixture
def busy(company):
    company.rows(
        "account",
        {"row_id": "a1", "external_id": "A", "name": "Acme"},
        {"row_id": "a2", "external_id": "B", "name": "Acme Inc"},
        {"row_id": "a3", "external_id": "C", "parent_account": "B"},
    )
    company.rows("contact", {"row_id": "c1", "external_id": "1", "account": "B"})
    company.rows("activity", {"row_id": "t1", "external_id": "T", "account": "B", "contact": "1"})
    return company.merge("account", "a1", "a2")


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_printed_statement_gives_what_the_models_give(busy, entity) -> None:
    built = busy.select(entity, "row_ids")
    statement = compiled_sql(busy.project, entity, busy.sources)

    assert sorted(busy.connection.execute(statement).fetchall(), key=str) == sorted(
        busy.connection.execute(f'SELECT * FROM "{entity}"').fetchall(), key=str
    )
    assert len(built) == busy.connection.execute(f"SELECT count(*) FROM ({statement})").fetchone()[0]


def test_all_models_run_one_after_the_other_and_again_on_one_connection(busy) -> None:
    first = {entity: busy.select(entity, "row_ids") for entity in ENTITIES}

    assert {entity: busy.select(entity, "row_ids") for entity in reversed(ENTITIES)} == first


def test_a_second_run_sees_rows_that_came_since(busy) -> None:
    busy.select("account", "row_ids")
    busy.rows("account", {"row_id": "a9", "external_id": "Z"})

    assert (["a9"],) in busy.select("account", "row_ids")


def test_models_leave_nothing_outside_the_temporary_catalog(busy) -> None:
    busy.select("account", "row_ids")
    made = busy.connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_catalog <> 'temp' AND table_schema NOT IN ('mapped', 'review')"
    ).fetchall()

    assert made == []


def test_an_intermediate_model_that_several_others_read_is_computed_once(busy) -> None:
    busy.select("account", "row_ids")
    kinds = dict(
        busy.connection.execute(
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_catalog='temp'"
        ).fetchall()
    )

    assert kinds["int_account__merged"] != "VIEW"
    assert kinds["int_account__match_key"] == "VIEW"


def test_a_missing_source_is_named(busy) -> None:
    with pytest.raises(ValueError, match=r"'subscription' also reads mapped\.subscription, review\.merges"):
        run_model(
            busy.connection, busy.project, "subscription", sources={("mapped", "account"): "mapped.account"}
        )


def test_a_relation_with_the_name_of_a_model_is_refused_before_it_is_shadowed(busy) -> None:
    with pytest.raises(ValueError, match="'account' has the name of a model"):
        run_model(
            busy.connection,
            busy.project,
            "account",
            sources=busy.sources | {("mapped", "account"): "account"},
        )


def test_a_source_may_be_any_relation_that_duckdb_can_read(busy, tmp_path) -> None:
    path = tmp_path / "it's.parquet"
    busy.connection.execute(f"COPY mapped.activity TO '{str(path).replace(chr(39), chr(39) * 2)}'")
    relation = "read_parquet('" + str(path).replace("'", "''") + "')"
    run_model(
        busy.connection, busy.project, "activity", sources=busy.sources | {("mapped", "activity"): relation}
    )

    assert busy.connection.execute('SELECT account FROM "activity"').fetchall() == [("A",)]


def test_a_model_that_duckdb_refuses_is_named_with_its_file(busy, tmp_path) -> None:
    (tmp_path / "models/marts").mkdir(parents=True)
    (tmp_path / "models/marts/odd.sql").write_text("SELECT nothing AS row_ids")

    with pytest.raises(ModelError, match=r"models/marts/odd\.sql: model 'odd' does not run: .*nothing"):
        run_model(busy.connection, load_project(tmp_path), "odd", sources={})


def test_the_printed_statement_names_each_step_once_before_it_is_read(project, sources) -> None:
    statement = compiled_sql(project, "activity", sources)
    steps = re.findall(r'^(?:WITH )?"(\w+)" AS \($', statement, re.MULTILINE)

    assert steps == [*(model.name for model in project.ancestors("activity")), "activity"]
    assert "{{" not in statement
