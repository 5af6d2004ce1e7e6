"""How the counts of a launch record are called: what a number is about, from the whole to the part.

Written once, so that a sentence cites the count that stands in the record.
"""

import re

from aformity_pipelines.domain.fates import Fate, Reason

HELD = "count.held"
"""Rows that are not live because of open work on themselves."""
FOLLOWING = "count.following"
"""Rows that are not live because of another record's open work."""
HELD_UPDATES = "count.held_updates"
"""Rows whose record is in the product, and of which only what changed since waits."""
FOLLOWING_REASONS = (Reason.PARENT, Reason.PARTNER)
"""Reasons of rows that wait for another record, not for work on themselves."""


def rows_count(
    entity: str = "", *, source: str = "", fate: Fate | None = None, reason: Reason | None = None
) -> str:
    """Return the name of the count of rows: of all entities or one, of one source, with one fate, for one reason."""
    if not entity:
        return _name("all", *([fate] if fate else ["rows"]))
    return _name("rows", entity, source, fate or "", reason or "")


def records_count(entity: str) -> str:
    """Return the name of the count of an entity's records in the export."""
    return _name("records", entity)


def updated_count(entity: str, field: str = "", *, figure: str = "") -> str:
    """Return the name of the count of an entity's records that change, in any field or in one.

    `figure` is `filled` or `cleared` for those in which the field was blank before, or becomes so.
    """
    return _name("updated", entity, field, figure)


def vanished_count(source: str, figure: str = "") -> str:
    """Return the name of the count of rows that a source no longer holds; `figure` is `open`, `kept` or `left_out`."""
    return _name("vanished", source, figure)


def accepted_count(decision: str) -> str:
    """Return the name of the count of rows whose breach a decision accepts."""
    return _name("accepted", decision)


def open_count(gate: str, rule: str, *, decision: str = "") -> str:
    """Return the name of the count of rows that a rule found, and that a decision follows up or nobody does."""
    return _name("open", gate, rule, decision)


def holds_count(gate: str, rule: str, *, decision: str = "") -> str:
    """Return the name of the count of rows that are not live because of the same."""
    return _name("holds", gate, rule, decision)


def reported_count(gate: str, rule: str) -> str:
    """Return the name of the count of rows that a rule found and only lists."""
    return _name("reported", gate, rule)


def deferred_count(entity: str, wave: str, *, follows: str = "", decision: str = "") -> str:
    """Return the name of the count of rows that launch later: with a wave, by a decision or after other records."""
    return _name("deferred", entity, f"after_{follows}" if follows else wave, decision)


def excluded_count(
    entity: str, *, source: str = "", part: str = "", decision: str = "", reason: Reason = Reason.MAPPING
) -> str:
    """Return the name of the count of rows that are not brought over: by a decision, or for another reason."""
    return _name("excluded", entity, source, part, decision or reason)


def merged_count(entity: str, decision: str) -> str:
    """Return the name of the count of rows that became part of another row's record by a decision."""
    return _name("merged", entity, decision)


def blanked_count(entity: str, field: str) -> str:
    """Return the name of the count of records that launch with a blank link."""
    return _name("blanked", entity, field)


def moment_count(moment: str, figure: str) -> str:
    """Return the name of a count about a product moment; `figure` is `accepted`, `unresolved` or `records`."""
    return _name("moment", moment, figure)


def _name(*parts: str) -> str:
    return ".".join(("count", *(re.sub(r"[^A-Za-z0-9_.-]", "_", part) for part in parts if part)))
