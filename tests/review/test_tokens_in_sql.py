"""Tokens worked out in SQL are the ones that Python makes, and a value is found by its token alone."""

import duckdb
import pytest

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.tokens import Token, token_of
from aformity_pipelines.review.tokens import create_token_macros, has_token, token_sql

KEY = bytes(range(32))
VALUES = ("jo@acme.example", "", "Émile 😀", 'it\'s "quoted"\n', "x" * 500, "\x1f", "0")


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect(config={"threads": 1})
    create_token_macros(found, KEY)
    return found


@pytest.mark.parametrize("value", VALUES)
def test_sql_and_python_make_one_token(connection: duckdb.DuckDBPyConnection, value: str) -> None:
    rows = connection.execute(f"select {token_sql('contact.email', '?::varchar')}", [value]).fetchall()

    assert rows == [(str(token_of(KEY, "contact.email", value)),)]


def test_of_nothing_there_is_no_token(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute(f"select {token_sql('contact.email', 'null')}").fetchall() == [(None,)]


def test_a_value_has_its_own_token_and_no_others(connection: duckdb.DuckDBPyConnection) -> None:
    listed = ", ".join(f"({literal(value)})" for value in VALUES)
    token = token_of(KEY, "contact.email", VALUES[2])
    condition = has_token("contact.email", "value", token)

    found = connection.execute(f"select value from (values {listed}) t(value) where {condition}").fetchall()

    assert found == [(VALUES[2],)]


def test_a_token_that_differs_in_its_last_sign_is_another_one(connection: duckdb.DuckDBPyConnection) -> None:
    token = token_of(KEY, "contact.email", "jo@acme.example")
    last = "1" if token.signs[-1] == "0" else "0"
    near = Token(field="email", signs=token.signs[:-1] + last)
    condition = has_token("contact.email", "'jo@acme.example'", near)

    assert connection.execute(f"select {condition}").fetchall() == [(False,)]
