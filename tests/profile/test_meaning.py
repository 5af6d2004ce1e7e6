"""Which entity a table may hold, and which columns point to which key."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.config.destinations import load_destination
from aformity_pipelines.profile.entity import likely_entity
from aformity_pipelines.profile.links import Profiled, links
from aformity_pipelines.profile.table import profile
from aformity_pipelines.profile.words import words_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("header", ["E-Mail", "email", "Mails", "EMail", "e_mail"])
def test_spellings_of_one_word_are_one(header: str) -> None:
    assert words_of(header) == {"email"}


def test_a_table_of_people_is_taken_for_an_entity_with_its_columns(profiled) -> None:
    table = profiled(
        ContactId=["C-1", "C-2"],
        FirstName=["Jo", "Ann"],
        LastName=["Smith", "Lee"],
        Mail=["jo@acme.com", "ann@acme.com"],
        Company=["A-1", "A-2"],
        Phone=["+49 30 123456", "+49 30 654321"],
    )

    guess = likely_entity(table, load_destination(ROOT, "b2b_saas"))

    assert guess is not None
    assert guess.entity == "contact"
    assert guess.columns["Mail"] == "email"


def test_a_table_of_something_else_is_no_entity(profiled) -> None:
    table = profiled(wavelength=["2.02", "2.04"], emissivity=["0.16", "0.17"])

    assert likely_entity(table, load_destination(ROOT, "b2b_saas")) is None


def _linked(raw: Callable[..., Path], tables: dict[str, dict[str, list[str]]]) -> list[tuple[str, ...]]:
    with duckdb.connect() as connection:
        told = []
        for name, columns in tables.items():
            path = raw(*columns.values(), name=f"{name}.parquet")
            summary = profile(connection, path, tuple(columns)).summary()
            told.append(Profiled(name=name, parquet=path, summary=summary))
        return [
            (link.table, link.header, link.key_table, link.key_header) for link in links(connection, told)
        ]


def test_a_column_whose_values_another_table_has_as_key_points_there(raw) -> None:
    firms = {"no": ["A-1", "A-2", "A-3", "A-4"], "name": ["x", "x", "y", "y"]}
    people = {"firm": ["A-1", "A-1", "A-3", "A-4"], "who": ["Jo", "Jo", "Bo", "Bo"]}

    assert _linked(raw, {"firms": firms, "people": people}) == [("people", "firm", "firms", "no")]


def test_small_numbers_point_only_where_the_names_agree(raw) -> None:
    firms = {"id": ["1", "2", "3", "4"], "name": ["x", "x", "y", "y"]}
    people = {"firm_id": ["1", "1", "2", "3"], "age": ["1", "2", "2", "3"]}

    assert _linked(raw, {"firms": firms, "people": people}) == [("people", "firm_id", "firms", "id")]
