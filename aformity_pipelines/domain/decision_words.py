"""What a decision covers and which others it names, in a few words and counts: for lists, the command and Dagster.

Never a value of the customer: what people wrote themselves (`says`, `why`) is theirs to show.
"""

from collections.abc import Iterator

from aformity_pipelines.domain.decisions import (
    AboutOthers,
    DestinationUpgraded,
    Entry,
    ExportLoaded,
    IntakeAnswered,
    MappingApproved,
    RuleWaived,
    links_of,
)

NAMED = {
    "supersedes": "takes the place of",
    "closes": "closes",
    "answers": "answers",
    "withdraws": "withdraws",
    "follow_up": "moves",
    "seconds": "seconds",
}
"""Key that names an earlier entry -> what is done to it."""


def covered(entry: Entry) -> str:
    """Say what a decision covers: `12 rows of contact`, `3 fields of user`, or the decision that it is about."""
    if isinstance(entry, AboutOthers):
        return next(link.target for link in links_of(entry) if link.key != "supersedes")
    if isinstance(entry, ExportLoaded):
        return f"{entry.wave} {entry.version}"
    if isinstance(entry, DestinationUpgraded):
        return f"version {entry.from_version} to {entry.to_version}"
    if isinstance(entry, RuleWaived):
        return f"{entry.covers.rule}, every row"
    if isinstance(entry, MappingApproved):
        covers = entry.covers
        if not covers.fields:
            return _counted(len(covers.value_maps), "value map", covers.entity)
        return _counted(len(covers.fields), "field", covers.entity)
    if isinstance(entry, IntakeAnswered):
        return _counted(len(entry.covers.headers), "column", entry.covers.source)
    return _counted(entry.covers.size, "row", entry.covers.subject)


def named_in_words(entry: Entry) -> Iterator[str]:
    """Yield `takes the place of D-003` and the like, one for each earlier entry that is named."""
    for link in links_of(entry):
        yield f"{NAMED[link.key]} {link.target}"


def _counted(number: int, what: str, whose: str) -> str:
    return f"{number} {what if number == 1 else what + 's'} of {whose}"
