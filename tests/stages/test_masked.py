"""The tables that a launch record is made from never held what the policy keeps out, and no other can be asked."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.launch.guarded import Unmasked
from aformity_pipelines.stages.launch.masked import Masked, open_masked
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.published_order import exported_files
from tests.builders.two_sources import ACCOUNT, CONTACT, DEFS, SLUG, a_run, as_yaml, project, run_all

MAILS = ("jo@acme.example", "kim(at)dell", "lou@bolt.example", "max@cask.example")
NAMES = ("Jo Ruiz", "Kim Ode", "Lou Fay", "Max Orr", "Front desk Acme")


def masked(workspace: Workspace) -> Masked:
    run = a_run(workspace)
    folder = current_version(workspace.published(SLUG, "wave_1"))
    assert folder is not None
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    return open_masked(run, folder, exported_files(folder, manifest))


def everything(tables: Masked) -> str:
    """Return every cell of every table that a section may read."""
    names = [*tables.tables.values(), *tables.stages.values()]
    return "\n".join(str(tables.query(f"select * from {name}")) for name in names)


def test_no_table_that_a_section_may_read_holds_a_personal_value(published_once: Workspace) -> None:
    said = everything(masked(published_once))

    assert [value for value in (*MAILS, *NAMES) if value in said] == []
    assert "email-" in said
    assert "Bolt GmbH" in said, "what is not personal stands as it is"


def test_the_launch_record_names_people_by_tokens_and_is_searched_by_them(published_once: Workspace) -> None:
    said = launch_record(a_run(published_once)).model_dump_json()

    assert [value for value in (*MAILS, *NAMES) if value in said] == []


def test_an_allowed_field_is_shown_in_the_same_tables(published_once: Workspace) -> None:
    _allow(published_once, ["contact.email"])

    said = everything(masked(published_once))

    assert "jo@acme.example" in said
    assert "Jo Ruiz" not in said


def test_one_value_has_one_token_in_every_table(published_once: Workspace) -> None:
    tables = masked(published_once)
    mapped, exported = tables.stages["mapped", "contact"], tables.stages["export", "contact"]

    pairs = tables.query(
        f"select m.full_name, e.full_name from {mapped} m join {exported} e on e.row_ids[1] = m.row_id"
    )

    assert pairs
    assert all(one == other for one, other in pairs)
    assert len({one for one, _ in pairs}) == len(pairs)


def test_whether_a_field_is_blank_is_known_without_its_token(published_once: Workspace) -> None:
    tables = masked(published_once)

    found = tables.query(f"select email is null, email__blank from {tables.stages['mapped', 'contact']}")

    assert all(one == other for one, other in found)
    assert {one for one, _ in found} == {True, False}


@pytest.mark.slow
def test_the_key_of_a_row_is_a_token_where_it_names_a_person(tmp_path: Path) -> None:
    defs: dict[str, Any] = deepcopy(DEFS)
    defs["attributes"]["sources"]["people"]["key"] = "Mail"
    workspace = project(tmp_path / "project", defs=defs)
    run_all(workspace)

    keys = dict(masked(workspace).query("select row, row_key from {ledger} where source = 'people'"))

    assert keys[2].startswith("people:key-")
    assert "jo@acme" not in keys[2]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from {raw}",
        "select (select max(email) from {raw}) from {{ledger}}",
        "with ledger as (select * from {raw}) select * from ledger",
        "select * from mapped_contact",
        "select * from glob('*')",
        "select * from query('select 1')",
        "copy (select 1) to 'x'",
        "create or replace temp table answer_x as select * from {raw}",
        "insert into answer_x select email from {raw}",
    ],
)
def test_a_section_is_refused_any_other_table(published_once: Workspace, sql: str) -> None:
    tables = masked(published_once)
    raw = parquet(folder_of(tables.run, "mapped", "contact") / TABLE)

    with pytest.raises(Unmasked):
        tables.query(sql.format(raw=raw))


def test_a_section_may_make_working_tables_of_what_it_may_read(published_once: Workspace) -> None:
    tables = masked(published_once)

    tables.query("create or replace temp table answer_rows as select row_id from {ledger}")

    assert tables.query("select count(*) > 0 from answer_rows") == [(True,)]


def test_a_query_that_may_only_count_returns_numbers_and_row_ids_and_no_text(
    published_once: Workspace,
) -> None:
    tables = masked(published_once)
    raw = parquet(folder_of(tables.run, "mapped", "contact") / TABLE)

    assert tables.counted(f"select source, list(row_id), count(distinct email) from {raw} group by 1")
    with pytest.raises(Unmasked, match="only count"):
        tables.counted(f"select list(email) from {raw}")


def test_a_shown_text_is_itself_or_the_token_that_the_tables_hold(published_once: Workspace) -> None:
    tables = masked(published_once)
    mapped = tables.stages["mapped", "contact"]

    assert tables.shown("contact", "external_id", "p1") == "p1"
    assert tables.query(
        f"select row_id from {mapped} where full_name = {literal(tables.shown('contact', 'full_name', 'Jo Ruiz'))}"
    )


@pytest.mark.slow
def test_examples_of_personal_values_are_shapes_and_say_so(tmp_path: Path) -> None:
    mapping: dict[str, Any] = deepcopy(CONTACT)
    mapping["reads"][0]["fields"]["full_name"]["rule"] = ["upper"]
    workspace = project(tmp_path / "project", mappings=(ACCOUNT, mapping))
    run_all(workspace)

    (example, *_) = masked(workspace).examples("contact")["people/main/full_name"]

    assert example.is_shape
    assert (example.before, example.after) == ("Xx Xxxx", "XX XXXX")


def _allow(workspace: Workspace, fields: list[str]) -> None:
    defs = deepcopy(DEFS)
    defs["attributes"]["policies"]["show_personal_values"] = fields
    (workspace.customer(SLUG) / "defs.yaml").write_text(as_yaml(defs), encoding="utf-8")
