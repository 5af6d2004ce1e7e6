"""How each entry of a log stands by the log alone: in force, ended by another one, or without effect; in a few words.

Keep out: whether it still fits today's data; that is a `DecisionState`.
"""

import dataclasses
from datetime import date
from itertools import takewhile

from aformity_pipelines.domain.approval import in_force, without_effect
from aformity_pipelines.domain.decisions import links_of
from aformity_pipelines.domain.migration import LogHead, Migration

STANDS = "stands"
ENDED = {
    "supersedes": "replaced by",
    "withdraws": "withdrawn by",
    "closes": "closed by",
    "answers": "answered by",
}
"""Key by which a later entry ends an earlier one -> what became of that."""


def standing_words(migration: Migration) -> dict[str, str]:
    """Return id -> `stands`, `replaced by D-007`, `waits: needs a second person (...)`, for every entry in log order."""
    idle = {each.entry.id: each.words for each in without_effect(migration)}
    said = dict.fromkeys((entry.id for entry in in_force(migration)), STANDS) | idle
    enders = {
        link.target: f"{ENDED[link.key]} {entry.id}"
        for entry in reversed(migration.log)
        if entry.id not in idle
        for link in links_of(entry)
        if link.ends
    }
    return {entry.id: said.get(entry.id) or enders.get(entry.id, "ended") for entry in migration.log}


def log_on(migration: Migration, day: date) -> Migration:
    """Return the migration with the log as it was at the end of a day.

    An entry may be about an earlier day than the one before it; it was written after that one all the same.
    """
    log = tuple(takewhile(lambda entry: entry.on <= day, migration.log))
    if len(log) == len(migration.log):
        return migration
    head = LogHead(seq=len(log), sha256=migration.log[len(log)].prev)
    return dataclasses.replace(migration, log=log, head=head)
