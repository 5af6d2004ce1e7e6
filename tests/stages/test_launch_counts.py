"""Every number of a handoff comes from the export's tables, and is asked of them again before it is rendered."""

import json
import re
from pathlib import Path

import duckdb
import jsonschema
import pytest

from aformity_pipelines.config.schemas import FOLDER as SCHEMAS
from aformity_pipelines.domain.launch.numbers import numbers
from aformity_pipelines.domain.launch.statements import Choice, Count, Meeting, Table
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.handoff.proof import Unproved, unproved
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.launch.proved import found_counts, require_proved_counts
from aformity_pipelines.stages.published import current_version
from tests.builders.two_sources import SLUG, a_run, copied

FINDING = Meeting(
    table=Table.FINDINGS,
    on={"entity": "subject", "row_id": "row_id"},
    where={"rule": ("a.b",)},
    absent=("accepted_by",),
)


@pytest.fixture(scope="module")
def once(_published_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published project that no test of this module changes."""
    return copied(_published_once, tmp_path_factory.mktemp("counted") / "project")


@pytest.fixture(scope="module")
def record(once: Workspace) -> LaunchRecord:
    return launch_record(a_run(once))


def exported(workspace: Workspace) -> Path:
    folder = current_version(workspace.published(SLUG, "wave_1"))
    assert folder is not None
    return folder


def test_every_query_yields_its_number_when_a_person_pastes_it_beside_the_export(
    record: LaunchRecord, once: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(exported(once))

    found = {count.name: duckdb.execute(count.query).fetchall()[0][0] for count in record.counts}

    assert found == {count.name: count.value for count in record.counts}
    assert {"count.held", "count.merged.account.D-001", "count.records.account"} <= set(found)
    assert {name.split(".")[1] for name in found} >= {
        "rows",
        "all",
        "open",
        "holds",
        "deferred",
        "excluded",
        "moment",
    }


def test_every_number_of_a_real_record_is_proved_and_has_its_count(record: LaunchRecord) -> None:
    named = {count.name for count in record.counts}

    assert unproved(record) == ()
    assert [number for number in numbers(record) if number.value and number.count not in named] == []
    assert {line.gate for line in record.rules} == {"intake", "mapped", "transformed", "export"}


def test_a_count_that_the_export_does_not_yield_stops_the_handoff_whichever_it_is(
    record: LaunchRecord, once: Workspace
) -> None:
    run = a_run(once)
    wrong = tuple(count.model_copy(update={"value": count.value + 1}) for count in record.counts)

    with pytest.raises(Unproved) as refused:
        require_proved_counts(
            run.connection,
            exported(once),
            run.migration,
            record.model_copy(update={"counts": wrong}),
        )

    named = [re.match(r"([^:]+): the record says", problem) for problem in refused.value.problems]
    assert [found and found[1] for found in named] == [count.name for count in record.counts]


def test_an_export_whose_ledger_lost_a_row_stops_the_handoff(published_once: Workspace) -> None:
    ledger = exported(published_once) / "ledger.parquet"
    duckdb.execute(f"copy (from '{ledger}' offset 1) to '{ledger}.less' (format parquet)")
    Path(f"{ledger}.less").replace(ledger)

    with pytest.raises((Unproved, ValueError), match=r"ledger\.parquet is not the file that was published"):
        launch_record(a_run(published_once))


def test_a_wave_that_the_config_does_not_have_stops_the_handoff(
    record: LaunchRecord, once: Workspace
) -> None:
    run = a_run(once)
    first = record.deferred[0].model_copy(update={"evidence": ("waves.wave_9",)})

    with pytest.raises(Unproved, match=r"deferred\[0\]: waves\.wave_9 is not in defs\.yaml"):
        require_proved_counts(
            run.connection,
            exported(once),
            run.migration,
            record.model_copy(update={"deferred": (first,)}),
        )


def test_a_notice_that_is_no_note_of_the_manifest_stops_the_handoff(
    record: LaunchRecord, once: Workspace
) -> None:
    run = a_run(once)
    notice = record.glance[0].model_copy(update={"says": "9 rows are lost.", "evidence": ("manifest",)})

    with pytest.raises(Unproved, match=r"notices\[0\]: '9 rows are lost\.' is no note of the manifest"):
        require_proved_counts(
            run.connection,
            exported(once),
            run.migration,
            record.model_copy(update={"notices": (notice,)}),
        )


def test_two_builds_give_the_same_bytes_and_the_shipped_schema_describes_them(
    record: LaunchRecord, once: Workspace
) -> None:
    first, second = (each.model_dump_json(indent=1) for each in (record, launch_record(a_run(once))))
    schema = json.loads((SCHEMAS / "launch_record.schema.json").read_text(encoding="utf-8"))

    assert first == second
    jsonschema.Draft202012Validator(schema).validate(json.loads(first))
    assert LaunchRecord.model_validate_json(first).model_dump_json(indent=1) == first


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Four ledger lines, two findings, in the files of an export."""
    duckdb.execute(
        "copy (select * from (values ('a', 'r1', 's', 'r1', 'unresolved', 'b r9'), ('a', 'r2', 's', 'r2', 'exported', null),"
        " ('c', 'r1/x', 's', 'r1', 'unresolved', 'b r9'), ('a', 'r3', 't', 'r3', 'unresolved', 'bb r9'))"
        f" t(entity, row_id, source, source_row, fate, because)) to '{tmp_path}/ledger.parquet'"
    )
    duckdb.execute(
        "copy (select * from (values ('a', 'r1', 'a.b', null), ('a', 'r2', 'a.b', null), ('a', 'r3', 'a.b', 'D-001'))"
        f" t(subject, row_id, rule, accepted_by)) to '{tmp_path}/findings.parquet'"
    )
    for name in ("merges", "blanked"):
        duckdb.execute(f"copy (select 'a' as entity) to '{tmp_path}/{name}.parquet'")
    duckdb.execute(f"copy (from range(7)) to '{tmp_path}/01_a.parquet'")
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"table": "ledger"}, 4),
        ({"table": "ledger", "where": {"fate": ("unresolved", "merged")}}, 3),
        ({"table": "ledger", "where": {"fate": ()}}, 0),
        ({"table": "ledger", "absent": ("because",)}, 1),
        ({"table": "ledger", "first_word": {"because": "b"}}, 2),
        ({"table": "ledger", "distinct": ("source_row",)}, 3),
        ({"table": "ledger", "any_of": (Choice(meets=FINDING),)}, 2),
        ({"table": "ledger", "where": {"fate": ("unresolved",)}, "any_of": (Choice(meets=FINDING),)}, 1),
        ({"table": "ledger", "any_of": (Choice(meets=FINDING), Choice(where={"source": ("t",)}))}, 3),
        ({"table": "findings", "where": {"accepted_by": ("D-001",)}, "distinct": ("row_id",)}, 1),
        ({"table": "merges", "where": {"entity": ("it's",)}}, 0),
        ({"table": "file", "file": "01_a.parquet"}, 7),
    ],
)
def test_a_count_is_the_same_asked_alone_and_asked_with_all_others(
    tables: Path, asked: dict[str, object], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = Count.model_validate({"name": "count.it", "value": 0, **asked})
    others = (
        Count(name="count.other", value=0, table=Table.LEDGER, where={"fate": ("exported",)}),
        Count(
            name="count.third",
            value=0,
            table=Table.LEDGER,
            distinct=("entity",),
            where={"fate": ("exported",)},
        ),
    )
    monkeypatch.chdir(tables)

    assert duckdb.execute(count.query).fetchall() == [(number,)]
    assert found_counts(duckdb.connect(), tables, (count, *others)) == {
        "count.it": number, "count.other": 1, "count.third": 1,
    }  # fmt: skip


def test_a_query_that_is_not_what_the_count_says_is_refused() -> None:
    with pytest.raises(ValueError, match="its query is not the one"):
        Count(name="count.it", value=1, table=Table.LEDGER, query="select 1")


def test_a_file_is_named_exactly_where_a_file_is_counted() -> None:
    for table, file in ((Table.FILE, ""), (Table.LEDGER, "01_a.parquet")):
        with pytest.raises(ValueError, match="a file is named exactly where"):
            Count(name="count.it", value=1, table=table, file=file)
