"""Drafts that say again what is decided already: refused, so that the log does not grow by repetition."""

from collections.abc import Iterable

from aformity_pipelines.domain.decisions import Entry, RowDecision, standing
from aformity_pipelines.review.coverage_files import listed
from aformity_pipelines.stages.refusing import refused


def refuse_repeated(log: Iterable[Entry], entry: Entry) -> None:
    """Raise DraftRefused where a decision that stands says the same of the same rows or field mappings."""
    for earlier in standing(log):
        if earlier.id == entry.supersedes or (earlier.kind, earlier.says) != (entry.kind, entry.says):
            continue
        if _content(earlier) == _content(entry):
            raise refused(
                f"{earlier.id} decides exactly this already",
                "remove it from the file; to decide otherwise, change it and name"
                f" `supersedes: {earlier.id}`",
            )


def _content(entry: Entry) -> dict[str, object]:
    """Return what an entry decides, its rows by their coverage file's name however they are listed."""
    envelope = {"seq", "prev", "id", "on", "supersedes", "supersedes_because"}
    content = entry.model_dump(exclude=envelope)
    if isinstance(entry, RowDecision):
        rows = listed(entry.covers.rows, most_inline=0).covers["rows_in"] if entry.covers.rows else None
        of_rows = {"rows": (), "row_count": entry.covers.size, "rows_in": rows or entry.covers.rows_in}
        # The same rows in a later delivery are the same decision.
        content["covers"] = content["covers"] | of_rows | {"delivered": None}
    return content
