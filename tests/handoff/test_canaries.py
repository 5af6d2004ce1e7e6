"""Canaries in every column of every source of both samples: what a CSM, a log or Dagster keeps holds none of them.

Whole projects run through the command.  Every file that is left is searched, but for the places that hold customers'
values by their purpose and are no CSM's: deliveries, tables between stages, the export and what lies beside it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.handoff.canaries import SAMPLES, canary, project_with_canaries, secrets, texts_in
from tests.handoff.canary_search import Terminal, seen

pytestmark = pytest.mark.slow

ALLOWED = {"northwind": ("contact.full_name", "ContactName"), "lumen_labs": ("contact.email", "E-Mail")}
"""The field that the list policy shows, and its column."""
RULE = 'job_title: {{from: {0}, rule: {{sql: \'"{0}" || cast("{1}" as integer)\'}}}}'
FAULTS = {
    "northwind": (
        ("customers/northwind/mapping/contact.yaml", "job_title: {from: ContactTitle}",
         RULE.format("ContactTitle", "ContactName"), "fails on"),
        ("dbt_like_transforms/models/marts/contact.sql", "merged.full_name,",
         "CAST(CAST(merged.full_name AS INTEGER) AS VARCHAR) AS full_name,", "does not run"),
    ),
    "lumen_labs": (
        ("customers/lumen_labs/mapping/contact.yaml", "job_title: {from: Funktion}",
         RULE.format("Funktion", "Name"), "fails on"),
    ),
}  # fmt: skip
"""SQL that fails on the rows, in a mapping and in a model: file, what stands there, what stands there then, what is said."""
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
    failing: dict[str, Step]
    """What has to be said of a fault -> the step with it."""
    shown_field: Step


@pytest.fixture(scope="module", params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def played(sample: str, tmp_path_factory: pytest.TempPathFactory) -> Played:
    root = project_with_canaries(tmp_path_factory.mktemp(sample), sample)
    with Terminal(root) as terminal:
        delivered = step(terminal, root, sample, *READING)
        failing = {}
        for name, before, after, says in FAULTS[sample]:
            with rewritten(root / name, before, after):
                failing[says] = step(terminal, root, sample)
        field, column = ALLOWED[sample]
        defs = root / "customers" / sample / "defs.yaml"
        with rewritten(defs, "show_personal_values: false", f"show_personal_values: [{field}]"):
            shown = tuple((source, column) for source in SAMPLES[sample])
            lines = ("report {slug}", "site --as-of 2026-11-20")
            shown_field = step(terminal, root, sample, *lines, allowed=shown)
    return Played(root=root, delivered=delivered, failing=failing, shown_field=shown_field)


@contextmanager
def rewritten(path: Path, before: str, after: str) -> Iterator[None]:
    """Have another text in a file for the block; `before` must stand there."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    yield
    path.write_text(text, encoding="utf-8")


def step(
    terminal: Terminal, root: Path, slug: str, *reading: str, allowed: tuple[tuple[str, str], ...] = ()
) -> Step:
    """Run the wave and read what came of it; then look for what none may see."""
    lines = [f"run {slug} --as-of 2026-11-20", *(each.format(slug=slug) for each in reading)]
    printed = terminal.give(*lines)
    return Step(printed=printed, seen=tuple(seen(root, printed, secrets(slug, allowed=allowed))))


def test_no_personal_or_unmapped_canary_is_seen_anywhere(played: Played) -> None:
    assert played.delivered.seen == ()


def test_there_was_something_to_be_seen(played: Played, sample: str) -> None:
    names = {path.name for path in played.root.glob("storage/customers/*/handoff/*/*/*")}
    stored = b"".join(path.read_bytes() for path in played.root.glob("customers/*/intake/*.csv"))

    assert {"launch_record.json", "handoff.html"} <= names
    assert list(played.root.rglob("site/**/handoff.html")), "the site has the reports"
    books = [texts_in(path) for path in played.root.rglob("site/**/handoff.xlsx")]
    assert any(b"wave_1" in text for text in books), "the workbook's words can be searched"
    assert list(played.root.rglob("*.db")), "Dagster keeps its events"
    assert any(text.encode() in stored for text in secrets(sample))


def test_a_list_lets_the_canaries_of_its_field_out_and_no_others(played: Played) -> None:
    assert played.shown_field.seen == ()


def test_the_canary_of_the_field_that_is_shown_is_there_to_be_read(played: Played, sample: str) -> None:
    if sample == "northwind":
        pytest.skip("its field is taken over as it is, so the handoff has no example of it")
    allowed = re.sub(r"\D", "", canary(sample, "kontakte", "E-Mail", fits=True)).encode()
    site = played.root / "storage" / "site"

    for name in ("launch_record.json", "handoff.html"):
        assert any(allowed in texts_in(path) for path in site.rglob(name)), name


def test_a_rule_or_model_that_fails_on_a_value_does_not_say_it(played: Played) -> None:
    assert played.failing
    for says, faulty in played.failing.items():
        assert says in faulty.printed
        assert faulty.seen == ()
