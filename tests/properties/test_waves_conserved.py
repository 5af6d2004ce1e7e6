"""Conservation over waves: any order of deliveries, decisions, loads, runs, re-validations and kills.

After each run every row has one fate in its wave's ledger, the product that an importer makes of the published versions
never has a record twice or a change of nothing, and what it holds is what the files say.
"""

import shutil
import tempfile
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders.two_sources import workspace_in
from tests.properties.importing import Product, damage, name_of, product_after, told
from tests.properties.killing import killed_before, renames
from tests.properties.waves_world import ENTITY, KEYS, WAVES, Row, World

STEPS = 14
sources, waves = st.sampled_from(sorted(KEYS)), st.sampled_from(WAVES)
places = st.integers(min_value=0, max_value=30)
CHANGES = {
    "companies": {
        "Name": ("Acme Group", "Bolt AG", "Cask & Co"),
        "Status": ("live", "lead", "trial", "odd"),
    },
    "people": {
        "Name": ("Jo", "Kim Ode"),
        "Mail": ("new@a.example", "bad(at)b", ""),
        "Company": ("f1", "f3", "f5", "f9"),
    },
}
ACCEPTED = ("contact.email.format", "account.lifecycle_stage.allowed", "companies.row.delivered", "people.row.delivered")  # fmt: skip


class Waves(RuleBasedStateMachine):
    """A team at work on a customer; what it must never see is asserted after every run."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="waves-"))
        self.product = Product()
        """What was really loaded, in the order in which somebody said so."""
        self.loaded: set[str] = set()
        self.decided: set[tuple[str, str]] = set()
        """(source, key) of rows that a decision changes or keeps back."""
        self.new_keys = 20
        self.decisions = 0

    def teardown(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    @initialize(vanished=st.sampled_from(["ask", "keep", "exclude"]))
    def begin(self, vanished: str) -> None:
        self.world = World.begin(self.home / "project", vanished)

    @rule(source=sources, place=places, field=places, value=places)
    def a_cell_changes(self, source: str, place: int, field: int, value: int) -> None:
        rows = deepcopy(self.world.today[source])
        header = sorted(CHANGES[source])[field % len(CHANGES[source])]
        texts = CHANGES[source][header]
        rows[place % len(rows)][header] = texts[value % len(texts)]
        self.world.deliver(source, rows)

    @rule(source=sources, place=places)
    def a_row_vanishes(self, source: str, place: int) -> None:
        rows = deepcopy(self.world.today[source])
        if len(rows) > 2:
            del rows[place % len(rows)]
            self.world.deliver(source, rows)

    @rule(source=sources, place=places)
    def a_row_comes(self, source: str, place: int) -> None:
        rows = deepcopy(self.world.today[source])
        self.new_keys += 1
        key = f"{source[0]}{self.new_keys}" if place % 3 else self._vanished_key(source)
        rows.insert(place % (len(rows) + 1), self._row(source, key))
        self.world.deliver(source, rows)

    @rule(source=sources)
    def rows_come_in_another_order(self, source: str) -> None:
        self.world.deliver(source, deepcopy(self.world.today[source])[::-1])

    @rule(source=sources, place=places, wave=st.sampled_from(WAVES[1:]))
    def a_row_is_deferred(self, source: str, place: int, wave: str) -> None:
        self._about_row(source, place, kind="rows_deferred", until_wave=wave)

    @rule(source=sources, place=places)
    def a_row_is_excluded(self, source: str, place: int) -> None:
        self._about_row(source, place, kind="rows_excluded")

    @rule(place=places)
    def a_name_is_corrected(self, place: int) -> None:
        self._about_row("companies", place, kind="value_corrected", field="name", value="Corrected")

    @rule(named=st.sampled_from(ACCEPTED))
    def findings_are_accepted(self, named: str) -> None:
        covers = {"subject": named.partition(".")[0], "rule": named, "rows": "all"}
        self._decide(kind="risk_accepted", evidence="Minutes.", covers=covers)

    @rule(one=places, other=places)
    def two_accounts_are_merged(self, one: int, other: int) -> None:
        rows = self.world.today["companies"]
        keys = [rows[place % len(rows)]["ID"] for place in (one, other)]
        covers = {"subject": "account", "fields": "name", "rows": [f"companies:{key}" for key in keys]}
        if self._decide(kind="merge_approved", survivor=f"companies:{keys[0]}", covers=covers):
            self.decided |= {("companies", key) for key in keys}

    @precondition(lambda self: self.decisions)
    @rule(place=places)
    def a_decision_is_withdrawn(self, place: int) -> None:
        wanted = f"D-{place % self.decisions + 1:03d}"
        if wanted not in self.load_ids:
            self._decide(kind="decision_withdrawn", withdraws=wanted)

    @rule(wave=waves, place=places)
    def a_version_is_loaded(self, wave: str, place: int) -> None:
        versions = sorted((self.world.published / wave).glob("v*"))
        if not versions:
            return
        version = versions[-1 - place % 2] if len(versions) > 1 else versions[0]
        if self._decide(kind="export_loaded", wave=wave, version=version.name):
            self.load_ids.add(f"D-{self.decisions:03d}")
            for name in (*told(version)["builds_on"], name_of(version)):
                if name not in self.loaded:
                    self.loaded.add(name)
                    self.product.load(self.world.published / name)

    @rule(wave=waves)
    def a_wave_runs(self, wave: str) -> None:
        self.world.run(wave)
        self._assert_all(wave)
        assert not self.world.run(wave), "the same inputs, and something is made again"

    @rule(wave=waves)
    def a_wave_is_tested_again(self, wave: str) -> None:
        before = published_bytes(self.world.published)
        self.world.revalidate(wave)
        assert published_bytes(self.world.published) == before
        assert not self.world.revalidate(wave)

    @rule(wave=waves, moment=st.integers(min_value=0, max_value=99))
    def a_run_is_killed(self, wave: str, moment: int) -> None:
        root = self.world.workspace.root
        twin = deepcopy(self.world)
        twin.workspace = workspace_in(Path(shutil.copytree(root, self.home / f"twin{self.new_keys}")))
        self.new_keys += 1
        steps = renames(lambda: twin.run(wave))
        if not steps:
            return
        assert killed_before(lambda: self.world.run(wave), 1 + moment * steps // 100, folder=root)
        assert list(damage(self.world.published)) == []

        self.world.run(wave)

        assert current_bytes(self.world, wave) == current_bytes(twin, wave)
        self._assert_all(wave)
        shutil.rmtree(twin.workspace.root)

    @invariant()
    def nothing_is_half_published(self) -> None:
        if hasattr(self, "world") and self.world.published.is_dir():
            assert list(damage(self.world.published)) == []

    @property
    def load_ids(self) -> set[str]:
        return self.__dict__.setdefault("_load_ids", set())

    def _row(self, source: str, key: str) -> Row:
        if source == "companies":
            return {"ID": key, "Name": f"Firm {key}", "Status": ("live", "lead", "trial")[self.new_keys % 3]}
        return {
            "No": key,
            "Name": f"Person {key}",
            "Mail": "",
            "Company": ("f1", "f3", "f5")[self.new_keys % 3],
        }

    def _vanished_key(self, source: str) -> str:
        here = {row[KEYS[source]] for row in self.world.today[source]}
        gone = sorted(self.world.last_seen[source].keys() - here)
        return gone[0] if gone else f"{source[0]}{self.new_keys}"

    def _about_row(self, source: str, place: int, **draft: Any) -> None:
        rows = self.world.today[source]
        key = rows[place % len(rows)][KEYS[source]]
        field = "name" if source == "companies" else "full_name"
        covers = {"subject": ENTITY[source], "fields": field, "rows": f"{source}:{key}"}
        if self._decide(covers=covers, **draft):
            self.decided.add((source, key))

    def _decide(self, **draft: Any) -> bool:
        is_recorded = self.world.decide(**draft)
        self.decisions += is_recorded
        return is_recorded

    def _assert_all(self, wave: str) -> None:
        ledger = self.world.ledger(wave)
        for source, entity in ENTITY.items():
            assert Counter(row["row_key"] for row in ledger.of(entity)) == self.world.expected(source)
            rows = [row["row_id"] for row in ledger.of(entity)]
            assert len(rows) == len(set(rows))
        for each in WAVES:
            pointer = self.world.published / each / "current"
            if pointer.is_file():
                product_after(
                    self.world.published, self.world.published / each / pointer.read_text("utf-8").strip()
                )
        before, after = product_after(self.world.published, ledger.folder)
        for row in ledger.rows:
            self._assert_row(row, name_of(ledger.folder), before, after)
        known = {(row["entity"], row["record_key"]) for row in ledger.rows if row["live_since"]}
        assert before.records.keys() - known == set(), "live records that no row of the ledger knows"

    def _assert_row(self, row: dict[str, Any], name: str, before: Product, after: Product) -> None:
        key = (row["entity"], row["record_key"])
        if row["fate"] != "exported":
            assert row["change"] is None, row
            return
        told_change = row["change"]
        assert told_change in ("created", "updated", "unchanged"), row
        assert (told_change == "created") == (after.created_by[key] == name), row
        assert (told_change == "updated") == (name in after.changed_by.get(key, ())), row
        assert (row["live_since"] is not None) == (key in before.records), row
        source, _, own = row["row_key"].partition(":")
        delivered = [r for r in self.world.today[source] if r[KEYS[source]] == own]
        if (source, own) in self.decided or len(delivered) != 1:
            return
        if any(("companies", each.get("Company")) in self.decided for each in delivered):
            return
        wanted = self.world.value_of(source, delivered[0])
        found = {field: value for field, value in after.records[key].items() if field in wanted}
        assert found == wanted, row


def published_bytes(published: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(published.rglob("*")) if path.is_file()}


def current_bytes(world: World, wave: str) -> dict[str, bytes]:
    """Return the files of a wave's last export; where a version was lost, the next one has another number."""
    folder = world.ledger(wave).folder
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_any_order_of_deliveries_decisions_runs_and_kills_conserves_every_row(
    request: pytest.FixtureRequest,
) -> None:
    rounds = request.config.getoption("--rounds")
    run_state_machine_as_test(  # type: ignore[no-untyped-call] # hypothesis has no types here
        Waves,
        settings=settings(
            max_examples=rounds,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            # Without shrinking: one example takes seconds, and hundreds would be tried to make it smaller.
            phases=[Phase.explicit, Phase.generate],
        ),
    )
