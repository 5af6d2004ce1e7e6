"""The decision log as text: one canonical JSON line per decision, each naming the hash of the line before.

Reading and the canonical form only.  Writing a line is `review`'s; what decisions do is too.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.decisions import (
    ENTRY,
    AboutOthers,
    Entry,
    FollowUpOpened,
    IntakeAnswered,
    Link,
    MappingApproved,
    QuestionAsked,
    RuleWaived,
    links_of,
)
from aformity_pipelines.domain.migration import NO_LOG, LogHead

RESTORE = "restore the line from your version control: the log only grows"


def line_of(entry: Entry) -> str:
    """Return an entry's one canonical line, without the line end."""
    content = entry.model_dump(mode="json", exclude_none=True)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of_line(line: bytes) -> str:
    """Return the SHA-256 of a line's bytes without its line end, as the next line's `prev` names it."""
    return hashlib.sha256(line).hexdigest()


def read_log(path: Path) -> tuple[tuple[Entry, ...], LogHead]:
    """Return the entries and the end of the log at `path`; a missing file is an empty log.

    ConfigInvalid carries every problem: broken lines, a broken chain, ids that do not resolve.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return (), NO_LOG
    reader = _Reader(path="/".join(path.parts[-3:]))
    lines = content.split(b"\n")
    if lines.pop():
        reader.refuse(len(lines) + 1, "", "the last line has no line end", "complete or remove the line")
    for line in lines:
        reader.take(line)
    if reader.problems:
        raise ConfigInvalid(reader.problems)
    entries = tuple(reader.entries.values())
    return entries, LogHead(seq=len(entries), sha256=reader.prev)


def unfit(before: Iterable[Entry], entry: Entry) -> tuple[str, ...]:
    """Return why an entry cannot follow the ones before it: what it supersedes or closes is not there to end."""
    reader = _Reader(path="")
    for earlier in before:
        list(reader.link_faults(earlier))
        reader.entries[earlier.id] = earlier
    return tuple(f"{says}; {do}" for _, says, do in reader.link_faults(entry))


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Follows the chain line by line."""

    path: str
    number: int = 0
    prev: str = NO_LOG.sha256
    text: str = ""
    is_readable: bool = True  # whether every line so far was an entry
    entries: dict[str, Entry] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)  # id -> the decision that ended it
    problems: list[Problem] = field(default_factory=list)

    def take(self, line: bytes) -> None:
        """Take the next line and note what is wrong with it."""
        self.number += 1
        entry = self._entry(line)
        if entry is None:
            self.is_readable = False
        else:
            for key, says, do in self._faults(entry):
                self.refuse(self.number, key, says, do)
            if entry.id not in self.entries:
                self.entries[entry.id] = entry
        self.prev = hash_of_line(line)

    def refuse(self, number: int, key: str, says: str, do: str) -> None:
        """Note a problem at a line and, where it is there, a key."""
        column = self.text.find(f'"{key}":') + 1 if key else 0
        self.problems.append(Problem(path=self.path, line=number, column=column, says=says, do=do))

    def _entry(self, line: bytes) -> Entry | None:
        try:
            self.text = line.decode("utf-8")
            content = json.loads(self.text, object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            self.text = ""
            self.refuse(self.number, "", f"this line is not one JSON object: {error}", RESTORE)
            return None
        try:
            entry = ENTRY.validate_python(content)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                keys = [str(step) for step in detail["loc"]]
                keys = keys[1:] if len(keys) > 1 else keys
                says = f"{'.'.join(keys) or 'the line'}: {detail['msg'].removeprefix('Value error, ')}"
                self.refuse(self.number, keys[0] if keys else "", says, RESTORE)
            return None
        if line_of(entry) != self.text:
            says = "this line is not in canonical form (keys sorted, no spaces, nothing left out or added)"
            self.refuse(self.number, "", says, RESTORE)
        return entry

    def _faults(self, entry: Entry) -> Iterator[tuple[str, str, str]]:
        """Yield key, words and advice for whatever does not fit the lines before."""
        if entry.seq != self.number:
            yield "seq", f"seq is {entry.seq}, this is entry {self.number}", RESTORE
        if entry.prev != self.prev:
            before = (
                f"line {self.number - 1} was changed after it" if self.number > 1 else "it is not the first"
            )
            yield (
                "prev",
                f"prev does not match the line before: {before} was written, or lines are missing",
                RESTORE,
            )
        if entry.id in self.entries:
            yield "id", f"id {entry.id} is already on line {self.entries[entry.id].seq}", RESTORE
        yield from self.link_faults(entry)

    def link_faults(self, entry: Entry) -> Iterator[tuple[str, str, str]]:
        """Yield what is wrong with the decisions that an entry names; those that it ends have ended from then on."""
        for link in links_of(entry):
            earlier = self.entries.get(link.target)
            if earlier is None and not self.is_readable:
                continue
            if earlier is None:
                says = f"{link.key} names {link.target}, which no earlier line has"
                yield link.key, says, "name an earlier decision"
            elif link.target in self.ended:
                says = f"{link.key} names {link.target}, which {self.ended[link.target]} already ended"
                yield link.key, says, "name one that stands"
            elif advice := _unfit_target(entry, link, earlier):
                yield link.key, f"{link.key} names {link.target}, a {earlier.kind}", advice
            if link.ends:
                self.ended.setdefault(link.target, entry.id)


def _unfit_target(entry: Entry, link: Link, earlier: Entry) -> str:
    """Return what to name instead of an earlier entry, or nothing where it fits."""
    if link.key in ("closes", "follow_up") and not isinstance(earlier, FollowUpOpened):
        return "name a follow-up that is open"
    if link.key == "answers" and not isinstance(earlier, QuestionAsked):
        return "name a question that is open"
    if link.key in ("withdraws", "seconds") and isinstance(earlier, AboutOthers):
        return "name a decision that says something by itself"
    if link.key == "seconds" and (earlier.by.name, earlier.by.role) == (entry.by.name, entry.by.role):
        return "another person has to second it"
    if link.key == "supersedes" and _family(earlier) != _family(entry):
        return f"name one that a {entry.kind} can replace"
    return ""


def _family(entry: Entry) -> str:
    """Return what an entry is about: decisions replace each other only within one family."""
    if isinstance(entry, MappingApproved):
        return "mapping"
    if isinstance(entry, IntakeAnswered):
        return f"format of {entry.covers.source}"
    if isinstance(entry, RuleWaived):
        return "rule"
    return "about others" if isinstance(entry, AboutOthers) else "rows"


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"key {twice!r} stands twice")
    return content


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
