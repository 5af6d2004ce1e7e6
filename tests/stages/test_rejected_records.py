"""Records that could not be read: one fate each, from the delivery to the export, and only what can be decided about them."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.stages import export, raw_file
from aformity_pipelines.stages.deciding import DraftRefused
from aformity_pipelines.stages.outputs import REJECTS, StageMissing, folder_of, read_record
from aformity_pipelines.stages.published import current_version
from tests.builders.rejecting import (
    BROKEN,
    RULE,
    SHORT,
    UNCLOSED,
    let_ragged_records_be_rejected,
    rewrite,
    row,
    run_with_rejects,
)
from tests.builders.two_sources import (
    COMPANIES,
    SLUG,
    a_run,
    copied,
    decide,
    deliver,
    fates,
    run_all,
)

pytestmark = pytest.mark.slow

UNREADABLE = ("unresolved", "unreadable", RULE)


@pytest.fixture(autouse=True)
def _rejecting(monkeypatch: pytest.MonkeyPatch) -> None:
    let_ragged_records_be_rejected(monkeypatch)


@pytest.fixture(scope="module")
def _run_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return run_with_rejects(tmp_path_factory.mktemp("rejected") / "project")


@pytest.fixture
def ran(_run_once: Workspace, tmp_path: Path) -> Workspace:
    return copied(_run_once, tmp_path / "project")


def rule_of(workspace: Workspace, wave: str = "wave_1") -> RuleRecord:
    record = read_record(a_run(workspace, wave), "validated", "companies")
    assert record is not None
    assert record.verdict is not None
    return next(rule for rule in record.verdict.rules if rule.rule == RULE)


def exclude(workspace: Workspace, subject: str, rows: Any = "all") -> str:
    covers = {"subject": subject, "rule": RULE, "rows": rows}
    return decide(workspace, kind="rows_excluded", covers=covers).id


# Fates


def test_every_rejected_record_has_one_fate_for_each_entity_and_part_that_reads_it(ran: Workspace) -> None:
    found = fates(ran)

    assert {name: fate for name, fate in found.items() if fate[1] == "unreadable"} == {
        "account companies#7": UNREADABLE,
        "account companies#8": UNREADABLE,
        "contact companies#7/desk": UNREADABLE,
        "contact companies#8/desk": UNREADABLE,
    }
    assert len(found) == 7 + 7 + 5


def test_records_rows_and_files_add_up(ran: Workspace) -> None:
    record = read_record(a_run(ran), "raw_file", "companies")
    folder = current_version(ran.published(SLUG, "wave_1"))
    assert record is not None
    assert record.delivery is not None
    assert folder is not None
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())

    assert (record.rows_in, record.rows_out, record.delivery.rejected) == (7, 5, 2)
    assert record.delivery.rejected_because == {SHORT: 1, UNCLOSED: 1}
    assert manifest.rejected == {"companies": 2}
    assert sum(manifest.fates["account"].values()) == 7
    assert (rule_of(ran).checked, rule_of(ran).failing, rule_of(ran).standing) == (7, 2, "held")


def test_a_rejected_record_is_in_no_export_file(ran: Workspace) -> None:
    folder = current_version(ran.published(SLUG, "wave_1"))
    assert folder is not None

    for name in ("01_account.parquet", "02_contact.parquet"):
        rows = duckdb.execute(f"select unnest(row_ids) from read_parquet('{folder / name}')").fetchall()
        assert rows
        assert not {row(ran, 7), row(ran, 8)} & {each[0].partition("/")[0] for each in rows}


def test_in_a_later_wave_it_is_still_open_and_counted_once(ran: Workspace) -> None:
    run_all(ran, "wave_2")

    assert fates(ran, "wave_2")["account companies#7"] == UNREADABLE
    assert len(fates(ran, "wave_2")) == len(fates(ran, "wave_1"))


def test_it_is_open_too_while_the_gate_of_its_entity_is_closed(ran: Workspace) -> None:
    nameless = "\n".join(
        ",".join([line.split(",")[0], "?", *line.split(",")[2:]]) for line in COMPANIES.splitlines()
    )
    deliver(ran, {"companies_2.csv": nameless.replace("ID,?", "ID,Town") + "\n" + BROKEN})

    outcomes = run_all(ran)
    (ledger,) = (ran.of_customer(SLUG) / "build").rglob("kept_back/ledger.parquet")
    rows = duckdb.execute(
        f"select fate, reason, count(*) from read_parquet('{ledger}') where entity = 'account' group by all order by 2"
    ).fetchall()

    assert "companies.Name.delivered" in outcomes["validated/companies"].closed
    assert rows == [("unresolved", "gate", 5), ("unresolved", "unreadable", 2)]


def test_the_raw_text_stays_beside_the_raw_table_and_is_replaced_with_the_delivery(ran: Workspace) -> None:
    rejects = folder_of(a_run(ran), "raw_file", "companies") / REJECTS
    assert duckdb.execute(f"select row, raw from read_parquet('{rejects}')").fetchall()[0] == (
        7,
        "broken,Jo Secret",
    )

    deliver(ran, {"companies_2.csv": COMPANIES})
    run_all(ran)

    assert not rejects.exists()
    assert len(fates(ran)) == 5 + 5 + 5
    assert rule_of(ran).standing == "passed"


# Decisions


def test_an_excluded_record_is_settled_for_the_entity_that_the_decision_names(ran: Workspace) -> None:
    decision = exclude(ran, "account")
    run_all(ran)

    assert fates(ran)["account companies#7"] == ("excluded", "decision", decision)
    assert fates(ran)["contact companies#7/desk"] == UNREADABLE
    assert rule_of(ran).standing == "held"


def test_a_record_that_every_entity_excludes_is_no_work_any_more(ran: Workspace) -> None:
    decisions = {exclude(ran, "account"), exclude(ran, "contact")}
    run_all(ran)

    assert {fate[1] for fate in fates(ran).values()} & {"unreadable"} == set()
    assert (rule_of(ran).standing, rule_of(ran).accepted) == ("decided", 2)
    assert set(rule_of(ran).decisions) <= decisions


def test_one_record_can_be_excluded_by_its_row_id_without_naming_fields_or_a_rule(ran: Workspace) -> None:
    decide(ran, kind="rows_excluded", covers={"subject": "account", "rows": [row(ran, 8)]})
    run_all(ran)

    assert fates(ran)["account companies#8"][0] == "excluded"
    assert fates(ran)["account companies#7"] == UNREADABLE


def test_a_follow_up_gives_it_an_owner_and_a_date_and_leaves_it_open(ran: Workspace) -> None:
    covers = {"subject": "companies", "rule": RULE, "rows": "all"}
    decision = decide(ran, kind="follow_up_opened", owner="sam", due="2026-12-24", covers=covers)
    run_all(ran)

    assert (rule_of(ran).followed, rule_of(ran).decisions) == (2, (decision.id,))
    assert fates(ran)["account companies#7"] == UNREADABLE


def test_a_new_delivery_makes_the_decision_stale_for_its_record(ran: Workspace) -> None:
    exclude(ran, "account")
    deliver(ran, {"companies_2.csv": COMPANIES + "broken,again\n"})

    run_all(ran)

    assert fates(ran)["account companies#7"] == UNREADABLE
    record = read_record(a_run(ran), "mapped", "account")
    assert record is not None
    assert record.verdict is not None
    assert {stale for rule in record.verdict.rules for stale in rule.stale} == {"D-001"}


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({"kind": "risk_accepted", "evidence": "A mail."}, "nothing to accept; exclude it"),
        ({"kind": "rows_deferred", "until_wave": "wave_2"}, "nothing to bring with a later wave"),
        ({"kind": "value_corrected", "field": "name", "value": "X"}, "nothing to correct"),
        ({"kind": "follow_up_opened", "owner": "sam", "due": "2026-12-24"}, "name `companies` as `subject`"),
    ],
)
def test_what_cannot_be_decided_about_it_is_refused_with_what_to_do(
    ran: Workspace, draft: dict[str, Any], words: str
) -> None:
    covers = {"subject": "account", "rule": RULE, "rows": "all"}

    with pytest.raises(DraftRefused, match=words):
        decide(ran, covers=covers, **draft)


def test_a_risk_is_not_accepted_for_the_source_either(ran: Workspace) -> None:
    covers = {"subject": "companies", "rule": RULE, "rows": "all"}

    with pytest.raises(DraftRefused, match="could not be read, so there is nothing to accept"):
        decide(ran, kind="risk_accepted", evidence="A mail.", covers=covers)


def test_it_cannot_be_merged(ran: Workspace) -> None:
    covers = {"subject": "account", "fields": "name", "rows": ["companies:007", row(ran, 7)]}

    with pytest.raises(DraftRefused, match="nothing to merge"):
        decide(ran, kind="merge_approved", survivor="companies:007", covers=covers)


def test_a_decision_about_another_rule_does_not_cover_it(ran: Workspace) -> None:
    covers = {"subject": "account", "rule": "account.name.required", "rows": [row(ran, 7)]}

    with pytest.raises(DraftRefused, match=f"name the rule `{RULE}`"):
        decide(ran, kind="rows_excluded", covers=covers)


def test_the_rule_covers_no_record_that_could_be_read(ran: Workspace) -> None:
    with pytest.raises(DraftRefused, match="could be read; name the rule that it breaks"):
        exclude(ran, "account", ["companies:007"])


# Conservation


def test_rejects_edited_after_they_were_read_are_not_exported(ran: Workspace) -> None:
    rejects = folder_of(a_run(ran), "raw_file", "companies") / REJECTS
    rewrite(rejects, "where row = 7")

    with pytest.raises(StageMissing, match=r"not up to date|not the one that was judged"):
        export.run_export(a_run(ran))


READER_FAULTS = {
    "a rejected record lost": "where row = 7",
    "a rejected record twice": "union all select * from t where row = 7",
    "a rejected record in a row that was read": "select * replace (2 as row) from t",
    "a rejected record under the id of one that was read": "select * replace (replace(row_id, '07', '02') as row_id) from t",
}


@pytest.mark.parametrize("fault", READER_FAULTS)
def test_a_reader_that_loses_or_doubles_a_rejected_record(
    ran: Workspace, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def mutate(table: RawTable) -> None:
        rewrite(table.rejects, READER_FAULTS[fault])

    monkeypatch.undo()
    let_ragged_records_be_rejected(monkeypatch, mutate)
    (folder_of(a_run(ran), "raw_file", "companies") / "stage.json").unlink()

    with pytest.raises(ConservationBreach, match="raw_file companies"):
        raw_file.run_raw_file(a_run(ran), "companies")


LEDGER_FAULTS = {
    "lost": "delete from ledger where reason = 'unreadable' and entity = 'account'",
    "routed twice": "insert into ledger select * replace ('excluded' as fate) from ledger where reason = 'unreadable'",
    "called exported": "update ledger set fate = 'exported', reason = 'ready' where reason = 'unreadable'",
    "given to a row that nobody delivered": "update ledger set row_id = 'companies@none#1' where reason = 'unreadable'",
}


@pytest.mark.parametrize("fault", LEDGER_FAULTS)
def test_a_rejected_record_that_the_ledger_loses_or_routes_wrong_publishes_nothing(
    ran: Workspace, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    create, before = export.create_ledger, current_version(ran.published(SLUG, "wave_1"))
    (folder_of(a_run(ran), "export", "package") / "stage.json").unlink()

    def wrong(connection: duckdb.DuckDBPyConnection, *args: Any, **kwargs: Any) -> None:
        create(connection, *args, **kwargs)
        connection.execute(LEDGER_FAULTS[fault])

    monkeypatch.setattr(export, "create_ledger", wrong)

    with pytest.raises(ConservationBreach, match=r"^(fates of|export) "):
        export.run_export(a_run(ran))
    assert current_version(ran.published(SLUG, "wave_1")) == before
