"""A token leads whoever holds the customer's key to the value, its rows and its record, and nobody else to anything."""

import re
from pathlib import Path

import pytest

from aformity_pipelines.domain.tokens import Token, token_of, typed
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import resolving
from aformity_pipelines.stages.personal import column_subject
from aformity_pipelines.stages.resolving import resolve
from tests.builders.two_sources import SLUG, a_run
from tests.stages.test_masked import everything, masked

KEY = bytes.fromhex("ab" * 32)


def test_a_token_of_a_masked_table_leads_back_to_its_value_and_row(published_once: Workspace) -> None:
    tables = masked(published_once)
    mapped = tables.stages["mapped", "contact"]
    ((token,),) = tables.query(f"select email from {mapped} where row_id like 'people@%#0000002'")

    resolved = resolve(a_run(published_once), typed(token))

    (meaning,) = resolved.meanings
    assert (meaning.value, meaning.of, meaning.row_count) == ("jo@acme.example", "contact.email", 1)
    (row,) = meaning.rows
    assert (row.file, row.row, row.record_key, row.fate) == ("people.csv", 2, "p1", "exported")


def test_every_row_of_a_value_is_counted_and_the_first_ones_listed(
    published_once: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "MOST_ROWS", 3)

    (meaning,) = resolve(a_run(published_once), token_of(KEY, "account.lifecycle_stage", "customer")).meanings

    assert (meaning.row_count, len(meaning.rows)) == (4, 3)


def test_a_text_that_no_value_was_made_of_is_found_among_what_was_delivered(
    published_once: Workspace,
) -> None:
    token = token_of(KEY, "contact.email", "kim(at)dell")

    (meaning,) = resolve(a_run(published_once), token).meanings

    assert meaning.value == "kim(at)dell"


def test_a_token_of_a_delivered_cell_is_found_by_its_header(published_once: Workspace) -> None:
    token = token_of(KEY, column_subject("people", "Mail"), "max@cask.example")

    (meaning,) = resolve(a_run(published_once), token).meanings

    assert (meaning.of, meaning.value, meaning.is_delivered) == ("people.Mail", "max@cask.example", True)


def test_a_token_that_no_value_has_says_where_was_looked(published_once: Workspace) -> None:
    resolved = resolve(a_run(published_once), Token(field="email", signs="0" * 10))

    assert resolved.meanings == ()
    assert "contact.email" in resolved.looked_in


def test_another_customers_key_resolves_nothing(published_once: Workspace) -> None:
    token = token_of(KEY, "contact.email", "jo@acme.example")
    published_once.key(SLUG).write_text("cd" * 32 + "\n", encoding="ascii")

    assert resolve(a_run(published_once), token).meanings == ()


def test_without_the_key_it_is_said_how_to_get_one(published_once: Workspace) -> None:
    published_once.key(SLUG).unlink()

    with pytest.raises(FileNotFoundError, match="digest key"):
        resolve(a_run(published_once), Token(field="email", signs="0" * 10))


def test_every_token_of_the_masked_tables_can_be_resolved(published_once: Workspace) -> None:
    said = everything(masked(published_once))
    tokens = set(re.findall(r"\b(?:email|full_name|phone|key)-[0-9a-hjkmnp-tv-z]{10}\b", said))

    assert len(tokens) > 1
    unresolved = [each for each in tokens if not resolve(a_run(published_once), typed(each)).meanings]

    assert unresolved == []


def test_resolving_writes_nothing(published_once: Workspace, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in published_once.storage.rglob("*") if path.is_file()}

    resolve(a_run(published_once), token_of(KEY, "contact.email", "jo@acme.example"))

    assert {p: p.stat().st_mtime_ns for p in published_once.storage.rglob("*") if p.is_file()} == before
