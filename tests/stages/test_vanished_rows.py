"""Rows that a later delivery no longer holds: carried along, asked about, kept or left out; never gone in silence."""

import copy
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import mapped, raw_file, validated
from aformity_pipelines.stages.deliveries_listed import NoSuchDelivery, deliveries_shown, go_back_to
from aformity_pipelines.stages.outputs import CARRIED, DeliveryWaits, folder_of, read_record
from aformity_pipelines.stages.redelivered import comparison_of
from aformity_pipelines.stages.routing import settle_command
from aformity_pipelines.stages.sources import open_raw
from tests.builders.two_sources import DEFS, PEOPLE, SLUG, a_run, copied, decide, deliver, project

pytestmark = pytest.mark.slow

RULE = "people.row.delivered"
WITHOUT_P2 = PEOPLE.replace("p2,Émile 😀,,008\n", "")


def with_policy(policy: str, **source: Any) -> dict[str, Any]:
    defs = copy.deepcopy(DEFS)
    defs["attributes"]["sources"]["people"] |= {"vanished": policy} | source
    return defs


def read(workspace: Workspace) -> None:
    """Read what was delivered and judge it; nothing is mapped."""
    for source in ("companies", "people"):
        raw_file.run_raw_file(a_run(workspace), source)
        validated.run_validated(a_run(workspace), source)


def rows(workspace: Workspace) -> list[tuple[str, str, str | None]]:
    """Return (key, row id, mail) of every row of people as the stages see them."""
    run = a_run(workspace)
    raw = open_raw(run, "people")
    return run.connection.execute(
        f"select row_key, row_id, {raw.exact('Mail')} from {raw.relation} r order by 1"
    ).fetchall()


def standing(workspace: Workspace) -> tuple[str, int, int]:
    """Return where the rule about vanished rows stands, how many break it, and how many of them are accepted."""
    record = read_record(a_run(workspace), "validated", "people")
    assert record is not None
    assert record.verdict is not None
    (rule,) = (each for each in record.verdict.rules if each.rule == RULE)
    return rule.standing.value, rule.failing, rule.accepted


def set_aside(workspace: Workspace) -> dict[str, str]:
    mapped.run_mapped(a_run(workspace), "contact")
    table = folder_of(a_run(workspace), "mapped", "contact") / "table.parquet"
    found = duckdb.execute(f"select external_id, set_aside from '{table}' where source = 'people'").fetchall()
    return {key: why for key, why in found if why}


@pytest.fixture(scope="module")
def _asked_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = project(tmp_path_factory.mktemp("vanished") / "project")
    read(workspace)
    deliver(workspace, {"people_2.csv": WITHOUT_P2})
    read(workspace)
    return workspace


@pytest.fixture
def asked(_asked_once: Workspace, tmp_path: Path) -> Workspace:
    return copied(_asked_once, tmp_path / "project")


def test_a_row_that_vanished_keeps_its_id_and_cells_and_is_held(asked: Workspace) -> None:
    carried = [each for each in rows(asked) if each[0] == "people:p2"]

    first = deliveries_shown(a_run(asked), ("people",))[0].sha256
    assert carried == [("people:p2", f"people@{first[:8]}#0000003", "")]
    assert standing(asked) == ("held", 1, 0)


def test_a_row_that_vanished_is_settled_in_the_workbook_and_a_missing_column_in_the_mapping(
    asked: Workspace,
) -> None:
    run = a_run(asked)

    assert settle_command(run, "people.row.delivered", has_rows=True) == f"aformity review export {SLUG}"
    assert settle_command(run, "people.email.delivered", has_rows=False) == f"aformity check {SLUG}"


def test_accepting_the_risk_keeps_the_row(asked: Workspace) -> None:
    decide(
        asked,
        kind="risk_accepted",
        evidence=["mail"],
        covers={"subject": "people", "rule": RULE, "rows": "all"},
    )
    read(asked)

    assert standing(asked) == ("decided", 1, 1)
    assert set_aside(asked) == {}


def test_excluding_the_row_from_its_entity_settles_the_question(asked: Workspace) -> None:
    entry = decide(asked, kind="rows_excluded", covers={"subject": "contact", "rule": RULE, "rows": "all"})
    read(asked)

    assert standing(asked) == ("decided", 1, 1)
    assert set_aside(asked) == {"p2": entry.id}


def test_accepting_one_vanished_row_does_not_cover_the_next(asked: Workspace) -> None:
    decide(
        asked,
        kind="risk_accepted",
        evidence=["mail"],
        covers={"subject": "people", "rule": RULE, "rows": "all"},
    )
    deliver(asked, {"people_3.csv": WITHOUT_P2.replace("p4,Lou Fay,lou@bolt.example,010\n", "")})
    read(asked)

    assert standing(asked) == ("held", 2, 1)


def test_a_row_that_is_back_is_simply_the_new_row(asked: Workspace) -> None:
    deliver(asked, {"people_3.csv": PEOPLE.replace("p2,Émile 😀,", "p2,Émile,emile@bolt.example")})
    read(asked)

    (back,) = (each for each in rows(asked) if each[0] == "people:p2")
    assert back[2] == "emile@bolt.example"
    assert standing(asked) == ("passed", 0, 0)
    assert not (folder_of(a_run(asked), "raw_file", "people") / CARRIED).exists()


def test_a_row_that_was_left_out_because_it_vanished_is_asked_about_again_once_it_is_back(
    asked: Workspace,
) -> None:
    decide(asked, kind="rows_excluded", covers={"subject": "contact", "rule": RULE, "rows": "all"})
    deliver(asked, {"people_3.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})
    read(asked)

    assert set_aside(asked) == {}
    verdict = read_record(a_run(asked), "mapped", "contact").verdict  # type: ignore[union-attr]
    assert verdict is not None
    (rule,) = (each for each in verdict.rules if each.rule == "contact.decisions.current")
    assert (rule.failing, rule.standing) == (1, "held")


def test_with_keep_the_row_goes_on_and_is_listed(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project", defs=with_policy("keep"))
    read(workspace)
    deliver(workspace, {"people_2.csv": WITHOUT_P2})
    read(workspace)

    assert standing(workspace) == ("reported", 1, 0)
    assert set_aside(workspace) == {}


def test_with_exclude_the_row_becomes_no_record_and_nobody_is_asked(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project", defs=with_policy("exclude"))
    read(workspace)
    deliver(workspace, {"people_2.csv": WITHOUT_P2})
    read(workspace)

    assert standing(workspace) == ("passed", 0, 0)
    assert set_aside(workspace) == {"p2": "vanished"}


def test_carried_rows_are_found_again_after_the_build_was_deleted(asked: Workspace) -> None:
    deliver(asked, {"people_3.csv": WITHOUT_P2.replace("p4,Lou Fay,lou@bolt.example,010\n", "")})
    read(asked)
    before, carried = rows(asked), folder_of(a_run(asked), "raw_file", "people") / CARRIED
    content = carried.read_bytes()
    shutil.rmtree(folder_of(a_run(asked), "raw_file", "people"))
    read(asked)

    assert rows(asked) == before
    assert [each[0] for each in before] == [f"people:p{number}" for number in range(1, 6)]
    assert carried.read_bytes() == content


def test_a_column_that_moved_is_still_the_column_of_a_carried_row(asked: Workspace) -> None:
    deliver(asked, {"people_3.csv": "Mail,Company,Name,No\nx@a.example,007,Xu,p7\n"})
    read(asked)

    found = {key: mail for key, _, mail in rows(asked)}
    assert (found["people:p1"], found["people:p7"]) == ("jo@acme.example", "x@a.example")


def test_a_row_without_a_key_that_got_one_has_not_vanished(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project", files={"companies.csv": "ID,Name,Status,Parent,Desk\n", "people.csv": PEOPLE + ",Ada Roe,ada@a.example,007\n,Bo Yi,bo@a.example,007\n"})  # fmt: skip
    raw_file.run_raw_file(a_run(workspace), "people")
    deliver(workspace, {"people_2.csv": PEOPLE + "p9,Ada Roe,ada@a.example,007\n"})
    record, _ = raw_file.run_raw_file(a_run(workspace), "people")

    assert record.delivery is not None
    assert record.delivery.carried_rows == 1  # Bo is gone, Ada is p9 now
    assert {mail for _, _, mail in rows(workspace)} >= {"bo@a.example", "ada@a.example"}


def test_a_source_without_a_key_is_replaced_whole(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project", defs=with_policy("ask", key=[]))
    read(workspace)
    deliver(workspace, {"people_2.csv": WITHOUT_P2})
    read(workspace)

    assert len(rows(workspace)) == 4


def test_the_same_bytes_under_another_name_are_no_delivery(asked: Workspace) -> None:
    deliver(asked, {"people_9_copy.csv": PEOPLE})
    read(asked)

    assert [each.file for each in deliveries_shown(a_run(asked), ("people",))] == [
        "people.csv",
        "people_2.csv",
    ]
    assert standing(asked) == ("held", 1, 0)


def test_going_back_is_one_more_line_of_the_register_and_makes_the_older_file_count(asked: Workspace) -> None:
    run = a_run(asked)
    went = go_back_to(run, "people", "people.csv")
    read(asked)

    assert (went.received_on, went.received_by) == (date(2026, 11, 20), "test")
    shown = deliveries_shown(a_run(asked), ("people",))
    assert [(each.file, each.is_again, each.state) for each in shown] == [
        ("people.csv", False, "before"),
        ("people_2.csv", False, "before"),
        ("people.csv", True, "counts"),
    ]
    assert standing(asked) == ("passed", 0, 0)
    register = (run.workspace.deliveries(SLUG) / "deliveries.jsonl").read_text()
    assert sum('"people"' in line for line in register.splitlines()) == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("people_2.csv", "latest delivery already"),
        ("nobody.csv", "no delivery 'nobody.csv'"),
        ("9", "no delivery"),
    ],
)
def test_going_back_names_one_older_delivery(asked: Workspace, name: str, says: str) -> None:
    with pytest.raises(NoSuchDelivery, match=says):
        go_back_to(a_run(asked), "people", name)


def test_a_column_that_is_needed_and_likely_renamed_is_asked_about(asked: Workspace) -> None:
    renamed = WITHOUT_P2.replace("No,Name,Mail,Company", "No,Name,Mail,Firma")
    deliver(asked, {"people_3.csv": renamed})

    with pytest.raises(DeliveryWaits, match="`Company` is missing, `Firma` is new and likely the same"):
        raw_file.run_raw_file(a_run(asked), "people")


def test_an_answered_rename_lets_the_file_in_under_the_old_name_and_so_every_later_one(
    asked: Workspace,
) -> None:
    renamed = WITHOUT_P2.replace("No,Name,Mail,Company", "No,Name,Mail,Firma")
    deliver(asked, {"people_3.csv": renamed})
    with pytest.raises(DeliveryWaits):
        raw_file.run_raw_file(a_run(asked), "people")

    entry = decide(asked, kind="intake_answered", source="people", accept_proposal=True)
    record, _ = raw_file.run_raw_file(a_run(asked), "people")
    deliver(asked, {"people_4.csv": renamed + "p8,Uma,uma@a.example,007\n"})
    later, _ = raw_file.run_raw_file(a_run(asked), "people")

    assert entry.model_dump()["format"] == {"renamed": {"Company": "Firma"}}
    assert [each.delivery and each.delivery.headers for each in (record, later)] == [
        ("No", "Name", "Mail", "Company")
    ] * 2
    found = comparison_of(a_run(asked), "people")
    assert found is not None
    assert (found.added, found.changed, bool(found.columns)) == (1, 0, False)


def test_the_question_goes_away_once_nothing_needs_the_old_name(asked: Workspace) -> None:
    deliver(asked, {"people_3.csv": WITHOUT_P2.replace("No,Name,Mail,Company", "No,Name,Mail,Firma")})
    with pytest.raises(DeliveryWaits):
        raw_file.run_raw_file(a_run(asked), "people")

    mapping = asked.customer(SLUG) / "mapping" / "contact.yaml"
    mapping.write_text(
        mapping.read_text().replace("- Company", "- Firma").replace("from: Company", "from: Firma")
    )
    record, _ = raw_file.run_raw_file(a_run(asked), "people")

    assert record.delivery is not None
    assert record.delivery.headers[-1] == "Firma"


def test_a_column_that_nobody_reads_may_change_its_name(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project")
    with_extra = "\n".join(f"{line},x{n}" for n, line in enumerate(PEOPLE.splitlines())).replace(
        ",x0", ",Note"
    )
    deliver(workspace, {"people.csv": with_extra + "\n"})
    raw_file.run_raw_file(a_run(workspace), "people")
    deliver(workspace, {"people_2.csv": with_extra.replace(",Note", ",Remark") + "\n"})
    raw_file.run_raw_file(a_run(workspace), "people")

    found = comparison_of(a_run(workspace), "people")
    assert found is not None
    assert [(each.before, each.now) for each in found.columns.renamed] == [("Note", "Remark")]


def test_a_delivery_that_waited_unanswered_never_counted(asked: Workspace) -> None:
    unanswered = (
        "No,Name,Mail,Firma\np1,Jo Ruiz,jo@acme.example,007\np8,New,n@a.example,010\np9,Two,t@a.example,011\n"
    )
    deliver(asked, {"people_3.csv": unanswered})
    with pytest.raises(DeliveryWaits):
        raw_file.run_raw_file(a_run(asked), "people")
    deliver(asked, {"people_4.csv": PEOPLE.replace("Max", "Maxi")})
    raw_file.run_raw_file(a_run(asked), "people")

    found = comparison_of(a_run(asked), "people")
    assert found is not None
    assert found.before_file == "people_2.csv"
    assert {key for key, _, _ in rows(asked)} == {f"people:p{number}" for number in range(1, 6)}
