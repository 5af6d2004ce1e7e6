"""Canaries in every column of every source of both samples: what a CSM, a log or Dagster keeps holds none of them.

Whole projects run through the command.  Every file that is left is searched, but for the places that hold customers'
values by their purpose and are no CSM's: deliveries, tables between stages, the export and what lies beside it.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.handoff.canaries import SAMPLES, project_with_canaries, secrets, texts_in

pytestmark = pytest.mark.slow

HOLDS_VALUES = re.compile(
    r"/intake/|/deliveries/|/coverage/|\.parquet$|/published/.+\.(csv|xlsx)$|/kept_back/|/mapped/\w+/examples\.json$"
)
"""Where values belong: what came, tables between stages, files for the product's importer, review evidence."""
ALLOWED = {"northwind": ("contact.full_name", "ContactName"), "lumen_labs": ("contact.email", "E-Mail")}
"""The field that the list policy shows, and its column."""
BROKEN = {
    "northwind": ("mapping/contact.yaml", "job_title: {from: ContactTitle}",
                  'job_title: {from: ContactTitle, rule: {sql: "\\"ContactTitle\\" || cast(\\"ContactName\\" as integer)"}}'),
    "lumen_labs": ("mapping/contact.yaml", "job_title: {from: Funktion}",
                   'job_title: {from: Funktion, rule: {sql: "\\"Funktion\\" || cast(\\"Name\\" as integer)"}}'),
}  # fmt: skip
"""SQL that fails on the rows: file, what stands there, what stands there then."""


MODEL = (
    "dbt_like_transforms/models/marts/contact.sql",
    "merged.full_name,",
    "CAST(CAST(merged.full_name AS INTEGER) AS VARCHAR) AS full_name,",
)
"""A model that fails on the rows, in the same form."""
READING = (
    "status {slug}", "report {slug}", "history {slug}", "history {slug} --json", "status {slug} --json",
    "site --as-of 2026-11-20",
)  # fmt: skip
"""What a team asks for after a run."""


@dataclass(frozen=True)
class Step:
    """What the commands of one step printed, and where texts were found after it that none may see."""

    printed: str
    seen: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """One project through all that a team does with it: as delivered, with faults, with a field shown."""

    root: Path
    delivered: Step
    failing_rule: Step
    failing_model: Step
    shown_field: Step


@pytest.fixture(scope="module", params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def played(sample: str, tmp_path_factory: pytest.TempPathFactory) -> Played:
    root = project_with_canaries(tmp_path_factory.mktemp(sample), sample)
    delivered = step(root, sample, *READING)
    mapping, before, after = BROKEN[sample]
    with broken_by(root / "customers" / sample / mapping, before, after):
        failing_rule = step(root, sample)
    with broken_by(root / MODEL[0], *MODEL[1:]):
        failing_model = step(root, sample)
    field, column = ALLOWED[sample]
    defs = root / "customers" / sample / "defs.yaml"
    with broken_by(defs, "show_personal_values: false", f"show_personal_values: [{field}]"):
        shown = tuple((source, column) for source in SAMPLES[sample])
        shown_field = step(root, sample, *READING, allowed=shown)
    return Played(
        root=root,
        delivered=delivered,
        failing_rule=failing_rule,
        failing_model=failing_model,
        shown_field=shown_field,
    )


@contextmanager
def broken_by(path: Path, before: str, after: str) -> Iterator[None]:
    """Have another text in a file for the block; `before` must stand there."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    yield
    path.write_text(text, encoding="utf-8")


def step(root: Path, slug: str, *reading: str, allowed: tuple[tuple[str, str], ...] = ()) -> Step:
    """Run the wave and read what came of it; then look for what none may see."""
    commands = [f"run {slug} --as-of 2026-11-20", *(each.format(slug=slug) for each in reading)]
    printed = "\n".join(command(root, *each.split()) for each in commands)
    return Step(printed=printed, seen=tuple(seen(root, printed, secrets(slug, allowed=allowed))))


def command(root: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "aformity_pipelines.cli.main", *words, "--root", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return done.stdout + done.stderr


def seen(root: Path, printed: str, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yield which texts are found, and where: `printed`, or a file's path."""
    whole = re.sub(r"\s+", "", printed)  # a terminal's width cuts lines
    yield from (f"{text}: printed" for text in wanted if text in whole)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not HOLDS_VALUES.search(f"/{name}"):
            content = texts_in(path)
            yield from (f"{text}: {name}" for text in wanted if text.encode() in content)


def test_no_personal_or_unmapped_canary_is_seen_anywhere(played: Played) -> None:
    assert played.delivered.seen == ()


def test_there_was_something_to_be_seen(played: Played, sample: str) -> None:
    names = {path.name for path in played.root.glob("storage/customers/*/handoff/*/*/*")}
    stored = b"".join(path.read_bytes() for path in played.root.glob("customers/*/intake/*.csv"))

    assert {"launch_record.json", "handoff.html"} <= names
    assert list(played.root.rglob("site/**/handoff.html")), "the site has the reports"
    assert list(played.root.rglob("*.db")), "Dagster keeps its events"
    assert any(text.encode() in stored for text in secrets(sample))


def test_a_list_lets_the_canaries_of_its_field_out_and_no_others(played: Played) -> None:
    assert played.shown_field.seen == ()


def test_a_stage_that_fails_on_a_value_does_not_say_it(played: Played) -> None:
    assert "fails on" in played.failing_rule.printed
    assert played.failing_rule.seen == ()


def test_a_model_that_fails_on_a_value_does_not_say_it(played: Played) -> None:
    assert "does not run" in played.failing_model.printed
    assert played.failing_model.seen == ()
