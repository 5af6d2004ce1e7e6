"""Files that a promotion writes: mappings, value maps and drafts as text, for people to read and approve.

Texts stand as JSON writes them, which YAML reads too.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aformity_pipelines.domain.base import is_slug
from aformity_pipelines.domain.mapping import Mapping as EntityMapping
from aformity_pipelines.domain.mapping import ValueMap
from aformity_pipelines.domain.promotion import PromotedDraft

NO_TEXTS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that some readers of YAML take for something else than a text."""
NOTHING_APPROVED = "# Suggested after {start}; nobody has approved any of it."
DRAFTS = """\
# Suggested after the decisions of {start}; none of them is made.
# Remove what does not fit, fill in every …, then: aformity decide {end} {path}
decide:
"""


def mapping_text(mapping: EntityMapping, start: str) -> str:
    """Return the content of `mapping/<entity>.yaml`."""
    lines = [NOTHING_APPROVED.format(start=start), f"entity: {mapping.entity}", "reads:"]
    for read in mapping.reads:
        content = read.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        nested = {key: content.pop(key) for key in ("fields", "columns") if content.get(key)}
        for number, (key, value) in enumerate(content.items()):
            lines.append(f"  {'  ' if number else '- '}{key}: {_json(value)}")
        for key, members in nested.items():
            lines.append(f"    {key}:")
            lines += [f"      {_key(name)}: {_json(value)}" for name, value in members.items()]
    return "\n".join(lines) + "\n"


def value_map_text(values: ValueMap) -> str:
    """Return the content of `values/<name>.csv`, without the decisions and notes of where it comes from.

    A value that a decision leaves blank there has no line: it is decided here.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("source", "target", "decision", "note"))
    writer.writerows((entry.source, entry.target, "", "") for entry in values.entries if entry.target)
    return written.getvalue()


def drafts_text(drafts: Sequence[PromotedDraft], *, start: str, end: str, path: str) -> str:
    """Return a file of drafts; each says above it what the decision came to where it was made."""
    lines = [line for each in drafts for line in (f"  # {each.shown}", *_items(tuple(_members(each.draft))))]
    return DRAFTS.format(start=start, end=end, path=path) + "\n".join(lines) + "\n"


def _items(lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"  {'  ' if number else '- '}{line}"


def _members(members: Mapping[str, Any]) -> Iterator[str]:
    for key, value in members.items():
        if isinstance(value, Mapping):
            yield f"{key}:"
            yield from (f"  {_key(name)}: {_json(each)}" for name, each in value.items())
        else:
            yield f"{key}: {_json(value)}"


def _key(name: str) -> str:
    return name if is_slug(name) and name not in NO_TEXTS else _json(name)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
