"""Canaries in two deliveries and two waves: updates, re-validations, digests and differences tell no value of a person.

What the product's importer gets, and the tables beside it, hold values by their purpose; nothing else does.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.files.workspace import Workspace
from tests.builders.product import load
from tests.handoff.canary_search import Terminal, seen
from tests.handoff.canary_waves import canary_project, deliver_again, secret, secrets

pytestmark = pytest.mark.slow

LATER = (
    "revalidate tiny --wave wave_2 --as-of 2026-11-27",
    "run tiny --wave wave_1 --as-of 2026-11-28",
    "revalidate tiny --wave wave_2 --as-of 2026-12-04 --json",
    "run tiny --wave wave_2 --as-of 2026-12-05",
    "status tiny --as-of 2026-12-05",
    "status tiny --json --as-of 2026-12-05",
    "deliveries tiny --as-of 2026-12-05",
    "deliveries tiny --source people --compare --as-of 2026-12-05",
    "diff tiny --wave wave_1 --as-of 2026-12-05",
    "diff tiny --wave wave_2 --json --as-of 2026-12-05",
    "history tiny --as-of 2026-12-05",
    "report tiny --wave wave_2 --as-of 2026-12-05",
    "site --as-of 2026-12-05",
)
"""A second file of people, and what a team does with it, but for what shows cells because somebody asks for rows."""


@dataclass(frozen=True)
class Played:
    """The customer after both waves, and where texts were found that none may see."""

    workspace: Workspace
    seen: tuple[str, ...]

    def kept(self, pattern: str) -> list[Path]:
        """Return the files of the storage that match a pattern."""
        return sorted(self.workspace.storage.glob(pattern))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    workspace = canary_project(tmp_path_factory.mktemp("canary_waves"))
    with Terminal(workspace.root) as terminal:
        printed = terminal.give("run tiny --as-of 2026-11-20")
        load(workspace)
        deliver_again(workspace)
        printed += terminal.give(*LATER)
    return Played(workspace=workspace, seen=tuple(seen(workspace.root, printed, secrets())))


def test_no_value_of_a_person_is_seen_anywhere_over_waves_and_deliveries(played: Played) -> None:
    assert played.seen == ()


def test_the_updates_beside_the_export_hold_both_values(played: Played) -> None:
    (table,) = played.kept("customers/tiny/published/wave_1/v0002-*/updates.parquet")
    changed = {(field, before, after) for field, before, after in rows_of(table, "field, before, after")}
    was, now = (f"Zq{secret(delivery, 'changes', 'Name')}Canary" for delivery in (1, 2))

    assert ("full_name", was, now) in changed


def test_a_rule_a_lead_and_a_file_were_there_to_tell_of_persons(played: Played) -> None:
    key = f"people:zq{secret(1, 'blocked', 'Key')}key@zq.example"
    retested = played.kept("customers/tiny/revalidations/wave_2/*/rows.parquet")

    assert len(retested) == 2
    assert all((key,) in rows_of(table, "key") for table in retested), "the row is known by an address"
    assert all(table.with_name("record.json").is_file() for table in retested)
    digests = played.kept("customers/tiny/digests/wave_2/*/*.md")
    assert any("people@" in each.read_text(encoding="utf-8") for each in digests), "a digest names its row"


def test_what_tells_of_both_deliveries_was_searched(played: Played) -> None:
    (path,) = played.kept("customers/tiny/build/*/raw_file/people/redelivery.json")
    compared = json.loads(path.read_text(encoding="utf-8"))

    assert (compared["added"], compared["removed"], compared["changed"]) == (1, 1, 4)
    assert played.kept("customers/tiny/published/wave_2/v*/stages.json")
    assert played.kept("dagster/**/*.db"), "Dagster keeps its events"
    for name in ("launch_record.json", "handoff.html", "handoff.xlsx"):
        assert played.kept(f"customers/tiny/handoff/wave_2/*/{name}"), name
    assert [page for page in played.kept("site/**/*.html") if "diff" in page.name], (
        "a page shows the difference"
    )


def test_the_handoff_shows_the_update_with_tokens(played: Played) -> None:
    (last, *_) = reversed(played.kept("customers/tiny/handoff/wave_1/*/launch_record.json"))
    record = json.loads(last.read_text(encoding="utf-8"))

    shown = {each["field"]: each["examples"][0] for each in record["updates"]}
    assert {"full_name", "email", "phone"} <= shown.keys()
    assert all(each["before"] != each["after"] for each in shown.values())


def rows_of(table: Path, columns: str) -> list[tuple[str, ...]]:
    return duckdb.execute(f"select {columns} from read_parquet('{table}')").fetchall()
