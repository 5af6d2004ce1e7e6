"""A row lost, copied or routed twice, at any stage: the run fails and nothing is published (promise P1)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import export, mapped, packing, raw_file, transformed
from aformity_pipelines.stages.outputs import FINDINGS, TABLE, StageMissing, folder_of
from aformity_pipelines.stages.whole import run_wave
from tests.builders.once import made_once
from tests.builders.product import export_all, load
from tests.builders.two_sources import (
    COMPANIES,
    a_run,
    copied,
    deliver,
    fates,
    project,
    published,
    run_all,
    workspace_in,
)

pytestmark = pytest.mark.slow

FIRST, LAST = "(select min(row_id) from t)", "(select max(row_id) from t)"
FLAT_MUTATIONS = {
    "one row deleted": f"select * from t where row_id <> {LAST}",
    "one row copied": f"select * from t union all select * from t where row_id = {FIRST}",
    "one row in another's place": f"select * replace (case when row_id = {LAST} then {FIRST} else row_id end as row_id)"
    " from t",
    "one row that nobody delivered": f"select * from t union all select * replace ('companies@none#9' as row_id) from t"
    f" where row_id = {FIRST}",
}
"""What goes wrong with a table of rows."""

FIRST_RECORD, LAST_RECORD = "(select min(row_ids[1]) from t)", "(select max(row_ids[1]) from t)"
RECORD_MUTATIONS = {
    "one record deleted": f"select * from t where row_ids[1] <> {LAST_RECORD}",
    "one record copied": f"select * from t union all select * from t where row_ids[1] = {FIRST_RECORD}",
    "one row into two records": "select * replace (case when row_ids[1] ="
    f" {FIRST_RECORD} then list_append(row_ids, {LAST_RECORD}) else row_ids end as row_ids) from t",
    "one row twice in a record": f"select * replace (case when row_ids[1] = {FIRST_RECORD}"
    " then list_append(row_ids, row_ids[1]) else row_ids end as row_ids) from t",
    "a merged part forgotten": "select * replace (row_ids[1:1] as row_ids) from t",
}
"""What goes wrong with a table of records."""


def rewrite(path: Path, mutation: str) -> str:
    """Replace a Parquet file by what the SELECT `mutation` makes of it (as `t`); return its new SHA-256."""
    connection = duckdb.connect()
    connection.execute(f"create table t as from read_parquet('{path}')")
    before = connection.execute("from t").fetchall()
    connection.execute(f"create table mutated as {mutation}")
    assert connection.execute("from mutated").fetchall() != before, "the mutation changes nothing"
    path.chmod(0o600)
    connection.execute(f"copy mutated to '{path}' (format parquet)")
    return sha256_of(path)


def later_stages(workspace: Workspace) -> None:
    """Everything behind raw_file, each stage called alone, as a run of the downstream assets would."""
    for entity in ("account", "contact"):
        mapped.run_mapped(a_run(workspace), entity)
    for entity in ("account", "contact"):
        transformed.run_transformed(a_run(workspace), entity)
    export.run_export(a_run(workspace))


def assert_refused(
    workspace: Workspace, act: Callable[[], object], refusal: type[Exception], words: str
) -> None:
    before = published(workspace)
    assert before[1] is not None
    with pytest.raises(refusal, match=words):
        act()
    assert published(workspace) == before


def test_without_a_mutation_the_new_version_is_published(before_export: Workspace) -> None:
    versions, current = published(before_export)

    later_stages(before_export)

    now, pointed_to = published(before_export)
    assert len(now) == len(versions) + 1
    assert pointed_to != current


# Between stages: somebody edits a file that a later stage reads.


@pytest.mark.parametrize("mutation", FLAT_MUTATIONS)
@pytest.mark.parametrize("source", ["companies", "people"])
def test_a_raw_table_edited_after_it_was_read(before_export: Workspace, source: str, mutation: str) -> None:
    rewrite(
        folder_of(a_run(before_export), "raw_file", source) / TABLE,
        FLAT_MUTATIONS[mutation].replace("companies@none", f"{source}@none"),
    )

    assert_refused(
        before_export, lambda: later_stages(before_export), StageMissing, "not the one that was judged"
    )


@pytest.mark.parametrize("mutation", FLAT_MUTATIONS)
@pytest.mark.parametrize("entity", ["account", "contact"])
def test_a_mapped_table_edited_after_its_gate(before_export: Workspace, entity: str, mutation: str) -> None:
    run = a_run(before_export)
    rewrite(folder_of(run, "mapped", entity) / TABLE, FLAT_MUTATIONS[mutation])

    assert_refused(
        before_export,
        lambda: transformed.run_transformed(run, entity),
        StageMissing,
        "not the one that was judged",
    )
    assert_refused(before_export, lambda: export.run_export(run), StageMissing, "not the one|not up to date")


@pytest.mark.parametrize(
    ("entity", "mutation"),
    [(e, m) for e in ("account", "contact") for m in RECORD_MUTATIONS if e == "account" or "merged" not in m],
)
def test_a_transformed_table_edited_after_its_gate(
    before_export: Workspace, entity: str, mutation: str
) -> None:
    run = a_run(before_export)
    rewrite(folder_of(run, "transformed", entity) / TABLE, RECORD_MUTATIONS[mutation])

    assert_refused(before_export, lambda: export.run_export(run), StageMissing, "not the one|not up to date")


@pytest.mark.parametrize("stage", ["mapped", "transformed"])
def test_a_table_that_is_gone(before_export: Workspace, stage: str) -> None:
    run = a_run(before_export)
    (folder_of(run, stage, "account") / TABLE).unlink()

    assert_refused(before_export, lambda: export.run_export(run), StageMissing, "not the one|not up to date")


@pytest.mark.parametrize(("stage", "name"), [("mapped", "contact"), ("validated", "people")])
def test_a_finding_that_is_removed_frees_no_row(before_export: Workspace, stage: str, name: str) -> None:
    """Kim's address holds the row back; without the finding it would be exported."""
    run = a_run(before_export)
    findings = folder_of(run, stage, name) / FINDINGS
    findings.unlink() if stage == "validated" else rewrite(findings, "select * from t where not held")

    assert_refused(before_export, lambda: export.run_export(run), StageMissing, "not the one|not up to date")


def test_a_whole_run_makes_an_edited_table_again(before_export: Workspace) -> None:
    rewrite(folder_of(a_run(before_export), "mapped", "contact") / TABLE, FLAT_MUTATIONS["one row deleted"])

    outcomes = run_all(before_export)

    assert outcomes["mapped/contact"].was_made
    assert len(fates(before_export)) == 16


# Inside a stage: what produces the table is wrong.


def forget(workspace: Workspace, stage: str, name: str) -> None:
    (folder_of(a_run(workspace), stage, name) / "stage.json").unlink()


def mutate_table(
    monkeypatch: pytest.MonkeyPatch, module: Any, mutation: str, writer: str = "write_parquet"
) -> None:
    """Let a stage's writer change the table that it has just written."""
    write = getattr(module, writer)

    def wrong(connection: object, select: str, path: Path) -> str:
        written: str = write(connection, select, path)
        return rewrite(path, mutation) if path.name == TABLE else written

    monkeypatch.setattr(module, writer, wrong)


@pytest.mark.parametrize("mutation", FLAT_MUTATIONS)
def test_a_reader_that_loses_copies_or_invents_a_record(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    read = raw_file.read_delivery

    def wrong(*args: Any, **kwargs: Any) -> Any:
        table = read(*args, **kwargs)
        rewrite(table.parquet, FLAT_MUTATIONS[mutation])
        return table

    monkeypatch.setattr(raw_file, "read_delivery", wrong)
    forget(before_export, "raw_file", "people")

    assert_refused(
        before_export, lambda: run_all(before_export), ConservationBreach, "raw_file people|delivered twice"
    )


@pytest.mark.parametrize("mutation", FLAT_MUTATIONS)
def test_a_mapping_that_loses_copies_or_invents_a_row(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    mutate_table(monkeypatch, mapped, FLAT_MUTATIONS[mutation])
    forget(before_export, "mapped", "contact")

    assert_refused(before_export, lambda: run_all(before_export), ConservationBreach, "mapped contact")


@pytest.mark.parametrize("mutation", RECORD_MUTATIONS)
def test_a_transformation_that_loses_copies_or_routes_a_row_twice(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    mutate_table(monkeypatch, transformed, RECORD_MUTATIONS[mutation])
    forget(before_export, "transformed", "account")

    assert_refused(before_export, lambda: run_all(before_export), ConservationBreach, "transformed account")


@pytest.mark.parametrize(
    "change",
    [
        "WHERE external_id <> '007'",
        "UNION ALL SELECT * FROM linked WHERE external_id = '007'",
        "INNER JOIN (VALUES (1), (2)) AS twice(n) ON true",
    ],
)
def test_an_sql_model_that_filters_or_multiplies(before_export: Workspace, change: str) -> None:
    model = before_export.transforms / "models" / "marts" / "contact.sql"
    sql = model.read_text(encoding="utf-8")
    body = sql[sql.index("SELECT") :].replace("merged.row_ids,", "merged.row_ids,", 1).strip()
    extra = change.replace("external_id", "linked.external_id")
    model.write_text(
        f"WITH linked AS (\n{body}\n)\n\nSELECT linked.* FROM linked {extra}\n".replace("'007'", "'p1'")
    )

    assert_refused(before_export, lambda: run_all(before_export), ConservationBreach, "transformed contact")


LEDGER_MUTATIONS = {
    "a row without a fate": "delete from ledger where row_id = (select max(row_id) from ledger)",
    "a row with two fates": "insert into ledger select entity, row_id, source, wave, 'deferred', 'wave', 'wave_2', null,"
    " null, null, null from ledger where entity = 'account' and fate = 'exported' limit 1",
    "a fate copied": "insert into ledger select * from ledger where entity = 'contact' limit 1",
    "a fate for a row that nobody delivered": "insert into ledger select * replace ('people@none#1' as row_id) from ledger"
    " where entity = 'contact' limit 1",
    "one row's fate given to another": "update ledger set row_id = (select min(row_id) from ledger where entity = 'contact')"
    " where entity = 'contact' and row_id = (select max(row_id) from ledger where entity = 'contact')",
    "an exported row called deferred": "update ledger set fate = 'deferred' where row_id = (select min(row_id) from ledger"
    " where fate = 'exported')",
    "a merged row called excluded": "update ledger set fate = 'excluded' where fate = 'merged'",
    "a held row called exported": "update ledger set fate = 'exported', reason = 'ready' where fate = 'unresolved'",
}


@pytest.mark.parametrize("mutation", LEDGER_MUTATIONS)
def test_fates_that_are_missing_doubled_or_wrong(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    create = export.create_ledger

    def wrong(connection: duckdb.DuckDBPyConnection, *args: Any, **kwargs: Any) -> None:
        create(connection, *args, **kwargs)
        connection.execute(LEDGER_MUTATIONS[mutation])

    monkeypatch.setattr(export, "create_ledger", wrong)

    assert_refused(
        before_export,
        lambda: export.run_export(a_run(before_export)),
        ConservationBreach,
        "^(fates of|export) ",
    )


EXPORT_MUTATIONS = {name: sql for name, sql in RECORD_MUTATIONS.items() if "forgotten" not in name}


@pytest.mark.parametrize("mutation", EXPORT_MUTATIONS)
def test_export_records_that_are_lost_copied_or_hold_a_row_twice(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    create = export.create_export_table

    def wrong(connection: duckdb.DuckDBPyConnection, *args: Any) -> str:
        table = create(connection, *args)
        connection.execute(f"create or replace temp table t as from {table}")
        connection.execute(f"create or replace temp table {table} as {EXPORT_MUTATIONS[mutation]}")
        return table

    monkeypatch.setattr(export, "create_export_table", wrong)

    assert_refused(
        before_export, lambda: export.run_export(a_run(before_export)), ConservationBreach, "export account"
    )


@pytest.mark.parametrize("mutation", EXPORT_MUTATIONS)
def test_a_written_parquet_file_that_lacks_or_repeats_a_row(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    write = packing.write_parquet

    def wrong(connection: object, table: str, entity: object, path: Path) -> None:
        write(connection, table, entity, path)  # type: ignore[arg-type]
        rewrite(path, EXPORT_MUTATIONS[mutation])

    monkeypatch.setattr(packing, "write_parquet", wrong)

    assert_refused(
        before_export,
        lambda: export.run_export(a_run(before_export)),
        ConservationBreach,
        "file 01_account.parquet",
    )


@pytest.mark.parametrize(
    "mutate",
    [lambda lines: lines[:-1], lambda lines: [*lines, lines[-1]], lambda lines: [*lines[:-1], lines[1]]],
    ids=["a record deleted", "a record copied", "a record in another's place"],
)
def test_a_written_csv_file_that_lacks_or_repeats_a_record(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutate: Callable[[list[bytes]], list[bytes]]
) -> None:
    write = packing.write_csv

    def wrong(connection: object, table: str, entity: object, path: Path) -> None:
        write(connection, table, entity, path)  # type: ignore[arg-type]
        path.write_bytes(b"".join(mutate(path.read_bytes().splitlines(keepends=True))))

    monkeypatch.setattr(packing, "write_csv", wrong)

    assert_refused(
        before_export,
        lambda: export.run_export(a_run(before_export)),
        ConservationBreach,
        "file 01_account.csv",
    )


@pytest.mark.parametrize("mutation", ["where fate <> 'merged'", "union all select * from ledger limit 99"])
def test_a_written_ledger_that_lacks_or_repeats_a_row(
    before_export: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    said = packing._ledger
    wrong = mutation.replace("from ledger", "from (select * from told)")
    monkeypatch.setattr(
        packing, "_ledger", lambda run, raw: f"with told as ({said(run, raw)}) select * from told {wrong}"
    )

    assert_refused(
        before_export,
        lambda: export.run_export(a_run(before_export)),
        ConservationBreach,
        "file ledger.parquet",
    )


# On top of what is live: an update lost, doubled, sent for nothing, or a record created again.


@pytest.fixture(scope="session")
def _changed_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Loaded, then delivered again with one account changed and one new; every stage up to `transformed` has run."""
    return workspace_in(made_once(tmp_path_factory, "changed", _change))


def _change(folder: Path) -> None:
    workspace = project(folder)
    export_all(workspace)
    load(workspace)
    fresh = COMPANIES.replace("Acme,live", "Acme Inc,live") + "012,Eel,live,007,\n"
    deliver(workspace, {"companies.csv": fresh})
    for _ in run_wave(a_run(workspace), until="transformed"):
        pass


@pytest.fixture
def changed(_changed_once: Workspace, tmp_path: Path) -> Workspace:
    return copied(_changed_once, tmp_path / "project")


LIVE_MUTATIONS = {
    "an update lost": ("create_update_table", "select * from t where row_ids[1] <> " + FIRST_RECORD),
    "an update doubled": ("create_update_table", "select * from t union all select * from t"),
    "an update sent for an unchanged record": (
        "create_update_table",
        "select * from t union all select * from compared_account where external_id = '011'",
    ),
    "an update that says what is there": (
        "create_update_table",
        "select * replace (case external_id when '007' then 'Acme' else name end as name) from t",
    ),
    "a record created that is live": (
        "create_export_table",
        "select * from t union all select * from compared_account where external_id = '011'",
    ),
    "a new record sent as an update": (
        "create_update_table",
        "select * from t union all select * from export_account",
    ),
}


@pytest.mark.parametrize("mutation", LIVE_MUTATIONS)
def test_what_leaves_is_held_against_what_is_live(
    changed: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    name, sql = LIVE_MUTATIONS[mutation]
    create = getattr(export, name)

    def wrong(connection: duckdb.DuckDBPyConnection, entity: str, *args: Any) -> str:
        table: str = create(connection, entity, *args)
        if entity == "account":
            connection.execute(f"create or replace temp table t as from {table}")
            connection.execute(f"create or replace temp table {table} as {sql}")
        return table

    monkeypatch.setattr(export, name, wrong)

    assert_refused(changed, lambda: export.run_export(a_run(changed)), ConservationBreach, "export account")


@pytest.mark.parametrize(
    ("what", "where"),
    [
        ("a change overlooked", "external_id <> '007'"),
        ("every change overlooked", "false"),
    ],
)
def test_a_change_that_nobody_noticed_stops_the_export(
    changed: Workspace, monkeypatch: pytest.MonkeyPatch, what: str, where: str
) -> None:
    create = export.create_changed

    def wrong(connection: duckdb.DuckDBPyConnection, entity: str, *args: Any, **kwargs: Any) -> None:
        create(connection, entity, *args, **kwargs)
        if entity == "account":
            connection.execute(f"delete from changed_account where not ({where})")

    monkeypatch.setattr(export, "create_changed", wrong)

    assert_refused(
        changed, lambda: export.run_export(a_run(changed)), ConservationBreach, "changed and not updated"
    )


@pytest.mark.parametrize(
    ("mutation", "words"),
    [
        (
            "update records set reason = 'ready', fate = 'exported' where record_key = '011' and entity = 'account'",
            "created though",
        ),
        ("update records set reason = 'live' where record_key = '007' and entity = 'account'", "not updated"),
    ],
)
def test_fates_that_mistake_what_is_live(
    changed: Workspace, monkeypatch: pytest.MonkeyPatch, mutation: str, words: str
) -> None:
    settle = export.settle_updates

    def wrong(connection: duckdb.DuckDBPyConnection, *args: Any) -> None:
        settle(connection, *args)
        connection.execute(mutation)

    monkeypatch.setattr(export, "settle_updates", wrong)

    assert_refused(changed, lambda: export.run_export(a_run(changed)), ConservationBreach, words)


def test_without_a_mutation_the_changes_are_published(changed: Workspace) -> None:
    export.run_export(a_run(changed))

    assert len(published(changed)[0]) == 2
