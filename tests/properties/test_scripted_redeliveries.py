"""Files that come again, edited by script: every comparison, decision, fate and changed value, held against plain Python."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.decision_states import decision_states
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.redelivered import comparison_of
from tests.builders.once import made_once
from tests.builders.two_sources import SLUG, a_run, copied, workspace_in
from tests.properties import redelivery_by_hand as by_hand
from tests.properties.importing import product_after
from tests.properties.redelivery_by_hand import KEY, Delivered, Ending, Name
from tests.properties.scripted_redeliveries import (
    DECISIONS,
    FIRST,
    MERGED_INTO,
    Script,
    decided,
    export,
    script,
    with_policy,
)
from tests.properties.waves_world import Ledger

pytestmark = pytest.mark.slow
SCRIPTS = tuple(script(seed) for seed in range(24))


def test_there_are_enough_edits_of_every_kind() -> None:
    edits = [edit for each in SCRIPTS for edit in each.edits]

    assert len(edits) >= 120
    assert len({edit.split(" ", 1)[1].rsplit(" ", 1)[0] for edit in edits}) >= 9
    assert {each.form for each in SCRIPTS} == {each.form for each in SCRIPTS[:8]}


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Workspace]:
    return {
        is_loaded: workspace_in(
            made_once(
                tmp_path_factory,
                f"decided_{is_loaded}",
                lambda folder, is_loaded=is_loaded: decided(folder, is_loaded=is_loaded),  # type: ignore[misc] # bound now
            )
        )
        for is_loaded in (False, True)
    }


@dataclasses.dataclass(frozen=True)
class Found:
    """What the product made of a script."""

    delivered: Delivered
    workspace: Workspace
    folder: Path

    @property
    def endings(self) -> dict[Name, tuple[Ending, str | None]]:
        """Return where each row ended, named as by hand: of rows with one key, today's first, in their order."""
        today = {
            (source, number)
            for source, rows in self.delivered.now.items()
            for number in range(2, len(rows) + 2)
        }
        seen: Counter[tuple[str, str]] = Counter()
        found = {}
        rows = Ledger(self.folder).rows
        for row in sorted(rows, key=lambda row: ((row["source"], row["row"]) not in today, row["row"])):
            key = row["row_key"].removeprefix(f"{row['source']}:")
            name = (row["source"], "" if key.startswith("~") else key)
            seen[name] += 1
            found[*name, seen[name]] = ((row["fate"], row["reason"], row["because"]), row["change"])
        return found


def run_script(bases: dict[bool, Workspace], told: Script, folder: Path) -> Found:
    workspace = copied(bases[told.is_loaded], folder)
    with_policy(workspace, told.vanished)
    told.deliver(workspace)
    export(workspace)
    run = a_run(workspace)
    record = read_record(run, "export", "package")
    assert record is not None
    package = package_folder(run, record)
    assert package is not None
    return Found(delivered=of(told), workspace=workspace, folder=package)


def of(told: Script) -> Delivered:
    """Return a script as what is worked out by hand takes it."""
    now = {source: rows[::-1] if told.form == "reordered" else rows for source, rows in told.rows.items()}
    live = live_of_first() if told.is_loaded else {}
    return Delivered(then=FIRST, now=now, vanished=told.vanished, decisions=DECISIONS, live=live)


def live_of_first() -> dict[Name, dict[str, str]]:
    """Return the rows that the first export brought into the product, by hand as well."""
    first = Delivered(then=FIRST, now=FIRST, vanished="ask", decisions=DECISIONS)
    found: dict[Name, dict[str, str]] = {}
    for name, (_, change) in by_hand.endings(first).items():
        if change:
            (row,) = [each for each in FIRST[name[0]] if each[KEY[name[0]]] == name[1]]
            is_firm = name[0] == "companies"
            found[name] = by_hand.account_of(first, name, row) if is_firm else by_hand.contact_of(first, row)
            if name[1] in MERGED_INTO:
                found[name] = {**found[name], "external_id": MERGED_INTO[name[1]]}
    return found


def differing(found: Found) -> list[tuple[Name, Any, Any]]:
    """Return the rows whose fate or change is another one than by hand: name, by hand, found."""
    wanted, got = by_hand.endings(found.delivered), found.endings
    return [
        (name, wanted.get(name), got.get(name))
        for name in sorted(wanted.keys() | got.keys())
        if not _same(wanted.get(name), got.get(name))
    ]


def _same(wanted: tuple[Ending, str | None] | None, got: tuple[Ending, str | None] | None) -> bool:
    if wanted is None or got is None:
        return False
    (fate, reason, because), change = wanted
    return (fate, reason, change) == (*got[0][:2], got[1]) and because in (None, got[0][2])


@pytest.mark.parametrize("told", SCRIPTS, ids=str)
def test_a_scripted_redelivery_ends_as_worked_out_by_hand(
    bases: dict[bool, Workspace], told: Script, tmp_path: Path
) -> None:
    found = run_script(bases, told, tmp_path / "project")

    assert differing(found) == [], told.edits
    for source in KEY:
        compared = comparison_of(a_run(found.workspace), source)
        wanted = by_hand.compared(FIRST[source], found.delivered.now[source], KEY[source])
        assert compared is not None
        assert compared.model_dump(include=set(wanted)) == wanted
    assert changes_in(found.folder) == by_hand.updated(found.delivered)
    product_after(found.workspace.published(SLUG, "wave_1").parent, found.folder)
    states = {
        each.decision: (each.fit.value, each.covered) for each in decision_states(a_run(found.workspace))
    }
    for decision in DECISIONS:
        _, covered = by_hand.fit(found.delivered, decision, set())
        fit, said = states[decision.id]
        assert said == covered, decision
        assert (fit == "no_longer_matches") == (covered < len(decision.keys)), decision


def changes_in(folder: Path) -> set[tuple[str, ...]]:
    """Return every value that a version says it changes."""
    source = "case entity when 'account' then 'companies' else 'people' end"
    with duckdb.connect(config={"threads": 1}) as connection:
        return set(
            connection.execute(
                f"select {source}, record_key, field, before, after from read_parquet('{folder}/updates.parquet')"
            ).fetchall()
        )


def by_row_number(delivered: Delivered) -> Delivered:
    """Take the n-th row of a file for the n-th row of the file before."""
    then = {
        source: [
            {**row, KEY[source]: now[KEY[source]]}
            for row, now in zip(rows, delivered.now[source], strict=False)
        ]
        for source, rows in delivered.then.items()
    }
    return dataclasses.replace(delivered, then=then)


def without_vanished_rows(delivered: Delivered) -> Delivered:
    """Know only of the rows that the latest file holds."""
    keys = {source: {row[KEY[source]] for row in rows} for source, rows in delivered.now.items()}
    then = {
        source: [row for row in rows if row[KEY[source]] in keys[source]]
        for source, rows in delivered.then.items()
    }
    decisions = [each for each in DECISIONS if {*each.keys} <= keys[each.source]]
    return dataclasses.replace(delivered, then=then, decisions=decisions)


def as_if_nothing_were_live(delivered: Delivered) -> Delivered:
    return dataclasses.replace(delivered, live={})


def with_decisions_about_whatever_stands_there(delivered: Delivered) -> Delivered:
    """Let each decision hold for the row, whatever it says now."""
    return dataclasses.replace(
        delivered, decisions=[dataclasses.replace(each, headers=()) for each in DECISIONS]
    )


@pytest.mark.parametrize(
    "naive", [without_vanished_rows, as_if_nothing_were_live, with_decisions_about_whatever_stands_there]
)
def test_the_scripts_tell_a_naive_product_from_ours(naive: Callable[[Delivered], Delivered]) -> None:
    told_apart = [told for told in SCRIPTS if by_hand.endings(naive(of(told))) != by_hand.endings(of(told))]

    assert len(told_apart) >= len(SCRIPTS) // 4


def test_the_scripts_tell_a_comparison_by_row_number_from_ours() -> None:
    told_apart = [
        told
        for told in SCRIPTS
        for naive in [by_row_number(of(told))]
        if any(
            by_hand.compared(naive.then[source], naive.now[source], KEY[source])
            != by_hand.compared(FIRST[source], naive.now[source], KEY[source])
            for source in KEY
        )
    ]

    assert len(told_apart) > len(SCRIPTS) // 2
