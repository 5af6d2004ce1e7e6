"""A sample customer's story: numbered steps of decisions and runs, played in a copy from an empty log."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.config.documents import read_document, read_text
from aformity_pipelines.config.log_head import head_path
from aformity_pipelines.domain.drafts import StoryStep
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.run import Run

STEP_NAME = re.compile(r"^(\d{2})_[a-z0-9_]+\.yaml$")
ARRIVING = "arriving"
"""Folder beside the steps: files that a later step delivers.  In a copy all of them lie there."""
SHARED = ("dbt_like_transforms", "expectations")
LOCATION = "workspace.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedStep:
    """One step and the file that tells it."""

    number: int
    path: Path
    step: StoryStep


def steps_of(workspace: Workspace, slug: str) -> tuple[NumberedStep, ...]:
    """Return the steps of a customer's story in order; empty where it has none."""
    folder = workspace.customer(slug) / "story"
    if not folder.is_dir():
        return ()
    found = []
    for path in sorted(folder.iterdir()):
        if matched := STEP_NAME.match(path.name):
            name = path.relative_to(workspace.root).as_posix()
            step = read_document(read_text(workspace.root, name), name, StoryStep).value
            found.append(NumberedStep(number=int(matched.group(1)), path=path, step=step))
    return tuple(found)


class StoryBroken(Exception):
    """A step of a story did not end as it says."""


def check_expected(run: Run, numbered: NumberedStep) -> None:
    """Raise StoryBroken unless the gates that a step speaks of are closed and open as it says."""
    expected = numbered.step.expect
    wanted = {**dict.fromkeys(expected.closed, False), **dict.fromkeys(expected.open, True)}
    wrong = []
    for name, is_open in wanted.items():
        stage, subject = name.split("/")
        record = read_record(run, stage, subject)
        if record is None or record.verdict is None or record.verdict.is_open is not is_open:
            wrong.append(f"{name} should be {'open' if is_open else 'closed'}")
    for source in expected.waiting:
        record = read_record(run, RAW_FILE, source)
        if record is None or record.waits is None:
            wrong.append(f"the delivery of {source} should wait")
    if wrong:
        raise StoryBroken(f"{run.slug}, {numbered.path.name}: {'; '.join(wrong)}")


def copy_project(root: Path, into: Path, slugs: tuple[str, ...]) -> Workspace:
    """Copy the project's shared folders and some customers to a new place, as their stories begin: logs empty, and
    without the files that arrive later.

    Raises FileExistsError where something is there already.
    """
    workspace = Workspace(root=into, storage=into / "storage")
    (into / "customers").mkdir(parents=True)
    for name in SHARED:
        shutil.copytree(root / name, into / name)
    if (root / LOCATION).is_file():
        shutil.copy(root / LOCATION, into / LOCATION)
    for slug in (*slugs, ".test-keys"):
        if (root / "customers" / slug).is_dir():
            shutil.copytree(root / "customers" / slug, into / "customers" / slug)
    for slug in slugs:
        log = workspace.log(slug)
        for kept in (log, head_path(log)):
            kept.unlink(missing_ok=True)
        shutil.rmtree(workspace.coverage(slug), ignore_errors=True)
        for numbered in steps_of(workspace, slug):
            _move(numbered, workspace.intake(slug), numbered.path.parent / ARRIVING)
    return workspace


def _move(numbered: NumberedStep, start: Path, end: Path) -> None:
    """Move the files that a step delivers, but for those that are there.  StoryBroken where one is nowhere."""
    for name in numbered.step.deliver:
        if (end / name).is_file():
            continue
        if not (start / name).is_file():
            raise StoryBroken(f"{numbered.path.name}: delivers {name}, which is not in {start.name}/")
        end.mkdir(exist_ok=True)
        (start / name).rename(end / name)


def play(
    workspace: Workspace,
    slug: str,
    *,
    decide: Callable[[NumberedStep], None],
    run: Callable[[StoryStep], None],
    revalidate: Callable[[StoryStep], None],
    begin: Callable[[NumberedStep], None] = lambda step: None,
) -> Iterator[NumberedStep]:
    """Play every step in a copy and yield it when it is done.

    Its files arrive, its decisions are recorded, its wave is run, a later wave is validated again.
    """
    for numbered in steps_of(workspace, slug):
        begin(numbered)
        _move(numbered, numbered.path.parent / ARRIVING, workspace.intake(slug))
        if numbered.step.answered or numbered.step.decide:
            decide(numbered)
        if numbered.step.run:
            run(numbered.step)
        if numbered.step.revalidate:
            revalidate(numbered.step)
        yield numbered
