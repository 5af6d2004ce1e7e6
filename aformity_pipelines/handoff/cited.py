"""What a launch record cites, and whether it is there: decisions, rules, counts, files and places of the record itself.

Pure.  Evidence that people wrote beside an accepted risk is theirs and leads where they know; everything else must resolve.
"""

import re
from collections.abc import Iterator
from typing import Any

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.launch.answers import LikelyQuestion, OpenQuestion
from aformity_pipelines.domain.launch.limits import LIMITS
from aformity_pipelines.domain.launch.risks import AcceptedRisk
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.launch_record import LaunchRecord

TABLES = ("ledger", "findings", "values", "merges", "blanked", "updates")
SECTIONS = (
    "unresolved",
    "waiting",
    "accepted_risks",
    "reported",
    "deferred",
    "excluded",
    "merged",
    "history",
    "vanished",
    "revalidations",
)
"""Lists of the record that a sentence may rest on, by their names."""
DECIDED = frozenset(
    {
        "decision", "approved_by", "values_approved_by", "corrected_by", "covered_by", "supersedes", "ended_by",
        "decisions_added", "decisions_ended", "decisions_stale", "work_settled", "work_opened",
    }
)  # fmt: skip
"""Fields that hold ids of decisions, one or several."""
IN_CONFIG = re.compile(
    r"^(?:waves|policies|owners)\.[a-z][a-z0-9_]*$|^values/[a-z][a-z0-9_]*\.csv$|^defs\.yaml$"
)
"""Places in the customer's folder that the record does not list; who has the folder can look them up."""

Sentence = tuple[str, str, tuple[str, ...], Document]
"""Place, words, evidence, and what says it."""


def parts_of(place: str, value: Any) -> Iterator[tuple[str, Document]]:  # noqa: ANN401 - any field of a document
    """Yield every document in `value`, itself first, with its place: `unresolved[3].handover`."""
    if isinstance(value, Document):
        yield place, value
        for name, child in value:
            if isinstance(child, Document | tuple):
                yield from parts_of(f"{place}.{name}" if place else name, child)
    elif isinstance(value, tuple) and value and isinstance(value[0], Document):
        for number, each in enumerate(value):
            yield from parts_of(f"{place}[{number}]", each)


def our_sentences(record: LaunchRecord) -> Iterator[Sentence]:
    """Yield the sentences that the record makes itself; not those that people wrote into decisions and config."""
    lists: dict[str, tuple[Document, ...]] = {
        "glance": record.glance,
        "notices": record.notices,
        "changes.says": record.changes.says if record.changes else (),
        "export.left_out": record.export.left_out if record.export else (),
        "questions": record.questions,
        "open_questions": record.open_questions,
        "answers": record.answers,
        "open_answers": record.open_answers,
    }
    for name, said in lists.items():
        for number, each in enumerate(said):
            place = f"{name}[{number}]"
            yield place, getattr(each, "says"), getattr(each, "evidence"), each  # noqa: B009 - several types
            if isinstance(each, LikelyQuestion | OpenQuestion):
                yield place, each.asks, each.evidence, each
    for number, line in enumerate(record.losses):
        for inner, loss in enumerate(line.losses):
            yield f"losses[{number}].losses[{inner}]", loss.says, loss.covered_by, loss


def unresolved_evidence(record: LaunchRecord) -> Iterator[str]:
    """Yield every statement without evidence and every piece of evidence that leads nowhere, with its place."""
    known, decisions = _known(record), {line.id for line in record.history}
    rules = {line.rule for line in record.rules}
    for place, part in parts_of("", record):
        for name, held in part:
            if name == "evidence" and not isinstance(part, AcceptedRisk):
                yield from _not_cited(place, held, known)
            if name in DECIDED:
                for each in (held,) if isinstance(held, str) else held or ():
                    if each not in decisions:
                        yield f"{place}.{name}: decision {each!r} is not in the history"
        if isinstance(part, UnresolvedWork) and part.id not in decisions | rules:
            yield f"{place}.id: {part.id!r} is neither a decision of the history nor a rule that was judged"
        if isinstance(part, AcceptedRisk) and part.rule not in rules:
            yield f"{place}.rule: {part.rule!r} was not judged"


def _not_cited(place: str, evidence: tuple[str, ...], known: frozenset[str]) -> Iterator[str]:
    if not evidence:
        yield f"{place}: has no evidence"
    for each in evidence:
        if each not in known and not IN_CONFIG.match(each):
            yield f"{place}: evidence {each!r} leads nowhere"


def _known(record: LaunchRecord) -> frozenset[str]:
    """Return all that evidence may name."""
    sources = {line.source for line in record.deliveries} | {file.source for file in record.waiting}
    return frozenset(
        {
            "manifest", "manifest.json", *TABLES, *(f"{table}.parquet" for table in TABLES), *SECTIONS, *LIMITS,
            *(line.id for line in record.history),
            *(line.rule for line in record.rules),
            # A rule may not be judged today and still be what a decision is about: that decision's entry names it.
            *(work.rule for work in record.unresolved if work.rule),
            *(apart.rule for apart in record.kept_apart if apart.rule),
            *(count.name for count in record.counts),
            *(file.path for file in (record.export.files if record.export else ())),
            *(f"raw_file/{source}" for source in sources),
            *(f"mapping/{outcome.entity}.yaml" for outcome in record.outcomes),
        }
    )  # fmt: skip
