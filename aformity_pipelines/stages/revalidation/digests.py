"""One digest for each owner and re-validation: what is theirs, what changed, and the command that settles it.

Row ids and rules; business keys beside them only of sources whose keys are not personal.  Made of the stored result
alone, so that a digest that got lost can be written again.  An owner whose work is as it was gets one line, and nothing is sent.
"""

import re
import shutil
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.revalidation import Revalidation, RowState, StateLine
from aformity_pipelines.files.atomic import publish_folder, write_bytes
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.personal import Personal, personal
from aformity_pipelines.stages.revalidation.rows import lines_of
from aformity_pipelines.stages.routing import decide_command, of_wave
from aformity_pipelines.stages.run import Run

ROWS_NAMED = 10
"""Row ids that a digest lists of one reason; `--rows` has all of them."""
HEADINGS = {
    RowState.OVERDUE: "Overdue",
    RowState.NEWLY_BLOCKED: "Newly blocked",
    RowState.STILL_BLOCKED: "Still blocked",
    RowState.NOW_READY: "Ready since the last time",
}
FIRST = {RowState.NEWLY_BLOCKED: "Blocked"}
"""Headings of a first test: what it holds may have been held for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one owner is told after one re-validation."""

    owner: str
    slug: str  # the short name in `people`, or one made of the name
    text: str  # Markdown
    has_news: bool  # whether something changed or is overdue; else it is one line
    counts: dict[str, int]  # state -> rows of this owner; ready ones are those that were held the last time


def digests_of(run: Run, record: Revalidation) -> tuple[Digest, ...]:
    """Return the digest of every owner who has rows, or had some that are ready now, by owner."""
    lines = lines_of(run.connection, run.workspace, run.slug, record)
    by_owner: dict[str, list[StateLine]] = defaultdict(list)
    for line in lines:
        if owner := _whose(line):
            by_owner[owner].append(line)
    return tuple(_digest(run, record, owner, by_owner[owner]) for owner in sorted(by_owner))


def write_digests(run: Run, record: Revalidation) -> Path:
    """Write the digests of a re-validation in one step, unless they are there; return their folder."""
    final = folder_of(run.workspace, run.slug, record)
    if final.is_dir():
        return final
    staging = run.workspace.scratch(run.slug) / f"digests_{record.wave}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    for digest in digests_of(run, record):
        write_bytes(staging / f"{digest.slug}.md", digest.text.encode())
    publish_folder(staging, final)
    return final


def folder_of(workspace: Workspace, slug: str, record: Revalidation) -> Path:
    """Return where the digests of a re-validation lie."""
    return workspace.digests(slug, record.wave) / f"{record.number:04d}"


def _whose(line: StateLine) -> str:
    """Return whose digest tells of a row; of a ready one, who was to settle what held it the last time."""
    if line.state is not RowState.NOW_READY:
        return line.owner
    return "" if line.before in (None, RowState.NOW_READY) else line.before_owner


def _digest(run: Run, record: Revalidation, owner: str, lines: list[StateLine]) -> Digest:
    has_news = any(line.is_new or line.state is RowState.OVERDUE for line in lines)
    told = _news(run, record, lines) if has_news else _one_line(run, lines)
    title = f"# {run.migration.customer.customer}, {record.wave}, {record.as_of}: work of {owner}"
    states = [line.state for line in lines]
    return Digest(
        owner=owner,
        slug=_slug_of(run.migration.customer, owner),
        text="\n".join((_plain(title), "", *told, "")),
        has_news=has_news,
        counts={state.value: states.count(state) for state in RowState},
    )


def _one_line(run: Run, lines: list[StateLine]) -> Iterator[str]:
    soonest = min((line.due for line in lines if line.due), default=None)
    due = f"; the next is due on {soonest}" if soonest else ""
    yield f"Nothing new: {_rows(len(lines))} still blocked{due}. `{_see(run)}` shows them."


def _news(run: Run, record: Revalidation, lines: list[StateLine]) -> Iterator[str]:
    is_first = record.previous is None
    compared = " First test of this wave." if is_first else f" Compared with {record.previous_as_of}."
    yield f"{_about(run, record)}{compared}"
    says = {(c.entity, c.state, c.because, c.owner, c.due): c.says for c in record.lines}
    for state, heading in HEADINGS.items():
        of_state = [line for line in lines if line.state is state]
        if of_state:
            told = FIRST.get(state, heading) if is_first else heading
            yield from ("", f"## {told}: {_rows(len(of_state))}", "")
            yield from _reasons(run, of_state, says)
    if record.changed:
        yield from ("", "## What changed since the last time", "")
        yield from (f"- {_plain(sentence)}" for sentence in record.changed)
    yield from ("", "## What to do", "", *_commands(run, lines))


def _about(run: Run, record: Revalidation) -> str:
    """Return the name of the wave with its words, and when it launches."""
    wave = run.migration.customer.wave(record.wave)
    return f"{record.wave}: {_plain(wave.says)} It launches on {wave.launches_on}."


def _reasons(
    run: Run, lines: list[StateLine], says: Mapping[tuple[str, RowState, str, str, date | None], str]
) -> Iterator[str]:
    hidden = personal(run.migration)
    groups: dict[tuple[str, ...], list[StateLine]] = defaultdict(list)
    for line in lines:
        groups[str(line.due or ""), line.entity, line.cause].append(line)
    for (_, entity, cause), group in sorted(groups.items()):
        first = group[0]
        why = says.get((entity, first.state, cause, first.owner, first.due)) or cause
        due = f", due on {first.due}" if first.due else ""
        label = run.migration.destination.entities[entity].label
        yield f"- {_plain(label)}, {_rows(len(group))}{due}: {_plain(why) or 'nothing holds them any more.'}"
        named = ", ".join(_named(line, hidden) for line in group[:ROWS_NAMED])
        more = len(group) - ROWS_NAMED
        yield f"  Rows: {named}{f' and {more} more' if more > 0 else ''}"


def _named(line: StateLine, hidden: Personal) -> str:
    """Return a row's id, after its business key where it has one that nobody is known by."""
    source = line.key.partition(":")[0]
    is_shown = line.key != line.row and source not in hidden.keyed
    return f"`{_plain(line.key)}` (`{line.row}`)" if is_shown else f"`{line.row}`"


def _commands(run: Run, lines: list[StateLine]) -> Iterator[str]:
    if any(line.state is not RowState.NOW_READY for line in lines):
        yield f"- Answer in a workbook: `aformity review export {run.slug}{of_wave(run)}`"
        yield f"- or write down what was decided: `{decide_command(run)}`"
    yield f"- See every row: `{_see(run)}`"


def _see(run: Run) -> str:
    return f"aformity revalidate {run.slug} --wave {run.wave} --rows"


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    """Return a text on one line, without characters that a terminal or a mail program would obey."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


def _slug_of(customer: Customer, owner: str) -> str:
    """Return the short name of one of the customer's people; for others their name, made one that a file can have."""
    known = [short for short, person in customer.people.items() if person.name == owner]
    if known:
        return known[0]
    ascii_name = unicodedata.normalize("NFKD", owner).encode("ascii", "ignore").decode().casefold()
    return f"{re.sub(r'[^a-z0-9]+', '_', ascii_name).strip('_') or 'person'}_{fingerprint(owner)[:8]}"
