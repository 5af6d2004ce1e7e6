"""A sample's story played once in a folder of its own, and what came of it in a form that can be compared."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.drafts import StoryStep
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import record
from aformity_pipelines.stages.handoffs import current_handoff, handoff_pointed_to
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.revalidation.history import history
from aformity_pipelines.stages.revalidation.revalidate import run_revalidation
from aformity_pipelines.stages.run import Run, secure
from aformity_pipelines.stages.story import NumberedStep, copy_project, play
from aformity_pipelines.stages.story_answers import drafts_of
from aformity_pipelines.stages.whole import run_wave

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent
SAMPLES = ("lumen_labs", "northwind")
WAVES = (("lumen_labs", "wave_1"), ("lumen_labs", "wave_2"), ("northwind", "wave_1"))
"""Every wave that a story publishes."""
WAVE = "wave_1"


@dataclass
class Played:
    """What a story left behind."""

    slug: str
    workspace: Workspace
    wave: str = WAVE
    """The wave that is looked at."""
    gates: list[tuple[int, str, bool, bool]] = field(default_factory=list)
    """(step, `stage/name`, whether it is open, whether the story says so), for each gate that a step speaks of."""

    waiting: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Step -> the files that the handoff after it shows as waiting."""

    @property
    def folder(self) -> Path:
        """The current published version."""
        found = current_version(self.workspace.published(self.slug, self.wave))
        assert found is not None
        return found

    def of(self, wave: str) -> "Played":
        """Look at another wave."""
        return replace(self, wave=wave)

    def opened(self, as_of: date) -> "OpenRun":
        """Open the wave as it is now."""
        return opened(self.workspace, self.slug, StoryStep(says="Look.", as_of=as_of))

    @property
    def launch_record(self) -> dict[str, Any]:
        handoff = handoff_pointed_to(self.workspace, self.slug, self.wave)
        assert handoff is not None
        found: dict[str, Any] = json.loads((handoff / "launch_record.json").read_text(encoding="utf-8"))
        return found

    def query(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the header and the rows of a SELECT over `ledger`, `findings` and `values`."""
        connection = duckdb.connect(config={"threads": 1})
        for name in ("ledger", "findings", "values"):
            connection.execute(f"create view \"{name}\" as from read_parquet('{self.folder / name}.parquet')")
        found = connection.execute(sql)
        return [column[0] for column in found.description or ()], found.fetchall()

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield (file name, text) of everything that is compared."""
        yield "fates.csv", as_csv(*self.query(FATES))
        yield "findings.csv", as_csv(*self.query(FINDINGS))
        yield "launch_record.json", json.dumps(plain(self.launch_record), indent=1, ensure_ascii=False) + "\n"
        for path in sorted(self.folder.glob("*.csv")):
            yield path.name, path.read_bytes().decode("utf-8")
        for tested in history(self.workspace, self.slug, self.wave):
            told = json.dumps(plain(tested.model_dump(mode="json")), indent=1, ensure_ascii=False)
            yield f"revalidation_{tested.number:04d}.json", f"{told}\n"


FATES = (
    "select entity, source, row, part, record_key, fate, reason, because from ledger order by entity, row_id"
)
FINDINGS = (
    "select stage, subject, rule, count(*) as rows, count(accepted_by) as accepted, count(followed_by) as followed,"
    " count(*) filter (where held) as held from findings group by all order by all"
)


def opened(workspace: Workspace, slug: str, step: StoryStep) -> "OpenRun":
    return OpenRun(workspace, slug, step)


class OpenRun:
    """A run on a connection of its own, closed at the end."""

    def __init__(self, workspace: Workspace, slug: str, step: StoryStep) -> None:
        self.connection = duckdb.connect(config={"memory_limit": "1GB", "threads": 2})
        secure(self.connection, workspace, slug)
        self.run = Run(
            migration=load_migration(workspace.root, slug),
            workspace=workspace,
            connection=self.connection,
            wave=step.wave or WAVE,
            as_of=step.as_of,
            by="test",
        )

    def __enter__(self) -> Run:
        return self.run

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def played(slug: str, into: Path, *, steps: int | None = None) -> Played:
    """Play the story of a sample in a copy: the whole of it, or the first steps."""
    workspace = copy_project(ROOT, into, (slug,))
    result = Played(slug=slug, workspace=workspace)

    def decide(numbered: NumberedStep) -> None:
        with opened(workspace, slug, numbered.step) as run:
            drafts = drafts_of(run, numbered)
        for draft in drafts:
            with opened(workspace, slug, numbered.step) as run:
                record(run, draft)

    def go(step: StoryStep) -> None:
        with opened(workspace, slug, step) as run:
            list(run_wave(run))

    def revalidate(step: StoryStep) -> None:
        with opened(workspace, slug, step.model_copy(update={"run": step.revalidate})) as run:
            run_revalidation(run)

    playing = play(workspace, slug, decide=decide, run=go, revalidate=revalidate)
    for numbered in islice(playing, steps):
        with opened(workspace, slug, numbered.step) as run:
            for wanted, names in ((False, numbered.step.expect.closed), (True, numbered.step.expect.open)):
                for name in names:
                    found = read_record(run, *name.split("/"))
                    is_open = found is not None and found.verdict is not None and found.verdict.is_open
                    result.gates.append((numbered.number, name, is_open, wanted))
            handoff = current_handoff(run)
            if handoff:
                told = json.loads((handoff / "launch_record.json").read_text(encoding="utf-8"))
                result.waiting[numbered.number] = tuple(each["file"] for each in told["waiting"])
    return result


def as_csv(header: list[str], rows: list[tuple[Any, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    return written.getvalue()


def plain(value: Any) -> Any:
    """Return a document without the hashes and sizes that other versions of the libraries would change."""
    if isinstance(value, dict):
        hidden = {"size"} if str(value.get("path", "")).endswith((".parquet", ".xlsx")) else set()
        return {key: "..." if key in hidden else plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, str):
        return value
    return (
        "<sha256>"
        if re.fullmatch(r"[0-9a-f]{64}", value)
        else re.sub(r"\b(v\d{4})-[0-9a-f]{8}\b", r"\1", value)
    )
