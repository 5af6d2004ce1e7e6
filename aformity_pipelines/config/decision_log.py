"""The decision log as it is kept: one canonical JSON line per decision, each naming the hash of the line before.

Reading only.  Appending is `review`'s; what decisions do is too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aformity_pipelines.config.log_chain import chain_faults
from aformity_pipelines.config.log_head import NOTHING_COMMITTED, LogCommit, head_problem, read_head
from aformity_pipelines.config.log_lines import Line, LineFault, hash_of_line, line_of, read_line
from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.decisions import (
    AboutOthers,
    AboutTheWhole,
    DecisionSeconded,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLog:
    """A log as it was found, whole and unchanged."""

    entries: tuple[Entry, ...]
    head: LogHead
    size: int  # bytes that were committed
    is_committed: bool  # whether a head file says so; an older log has none, and is read whole
    unfinished: bytes  # what lies past the commit: an append that was never acknowledged

    def commit(self) -> LogCommit:
        """Return what a head file says of the log as it is."""
        return LogCommit(seq=self.head.seq, sha256=self.head.sha256, size=self.size)


def read_log(path: Path) -> tuple[tuple[Entry, ...], LogHead]:
    """Return the entries and the end of the log at `path`; a missing file is an empty log.

    ConfigInvalid carries every problem, as `examine` finds them.
    """
    kept = examine(path)
    return kept.entries, kept.head


def examine(path: Path) -> KeptLog:
    """Return the committed part of the log at `path`, and what lies past it.

    ConfigInvalid carries every problem: broken lines, lines that were changed, moved or lost, ids that do not
    resolve.  Needs no lock: an append that is under way is not seen.
    """
    # The head goes first: while the log is read, an append can only make it longer.
    commit = read_head(path)
    content = path.read_bytes() if path.exists() else b""
    if commit is None and read_head(path) is not None:
        return examine(path)
    whole = content[: commit.size] if commit and _ends_at(content, commit) else content
    lines, torn = _lines(whole)
    log = "/".join(path.parts[-3:])
    if problems := _integrity_problems(path, log, whole, lines, torn, commit):
        raise ConfigInvalid(problems)
    entries = tuple(line.entry for line in lines if line.entry)
    if problems := [_problem(log, lines, fault) for fault in _link_faults(entries)]:
        raise ConfigInvalid(problems)
    return KeptLog(
        entries=entries,
        head=LogHead(seq=len(lines), sha256=lines[-1].sha256) if lines else NO_LOG,
        size=len(whole),
        is_committed=commit is not None,
        unfinished=content[len(whole) :],
    )


def unfit(before: Iterable[Entry], entry: Entry) -> tuple[str, ...]:
    """Return why no log may have an entry after the ones before it: what it names is not there, or cannot be named.

    Whether what it names holds still is asked where a decision is made: rules about who decides have a say in that.
    """
    links = _Links()
    for earlier in before:
        list(links.faults(earlier))
    return tuple(f"{says}; {do}" for _, says, do in links.faults(entry))


def _ends_at(content: bytes, commit: LogCommit) -> bool:
    """Return whether the committed part of a log ends with the line that the head file names."""
    if commit.size == 0:
        return commit == NOTHING_COMMITTED
    *_, last, rest = (b"", *content[: commit.size].split(b"\n"))
    return len(content) >= commit.size and not rest and hash_of_line(last) == commit.sha256


def _lines(content: bytes) -> tuple[tuple[Line, ...], bool]:
    """Return the lines of a log, and whether a part of one is left at its end."""
    *whole, rest = content.split(b"\n")
    return tuple(read_line(number, line) for number, line in enumerate(whole, start=1)), bool(rest)


def _integrity_problems(
    path: Path, log: str, content: bytes, lines: Sequence[Line], torn: bool, commit: LogCommit | None
) -> list[Problem]:
    """Return where the log is not what was written; the links between its entries mean nothing then."""
    faults = [fault for line in lines for fault in line.faults]
    faults += chain_faults(lines, commit)
    if torn:
        says = "the last line has no line end"
        cut = LineFault(line=len(lines) + 1, says=says, do="complete or remove the line")
        faults = [fault for fault in faults if fault.line <= len(lines)] + [cut]
    problems = [_problem(log, lines, fault) for fault in faults]
    if not problems and commit:
        found = LogCommit(
            seq=len(lines), sha256=lines[-1].sha256 if lines else NO_LOG.sha256, size=len(content)
        )
        if found != commit:
            says = f"it names entry {commit.seq} and {commit.size} bytes, the log has {found.seq} and {found.size}"
            problems.append(head_problem(path, says))
    return problems


def _problem(path: str, lines: Sequence[Line], fault: LineFault) -> Problem:
    text = lines[fault.line - 1].text if fault.line <= len(lines) else ""
    column = text.find(f'"{fault.key}":') + 1 if fault.key else 0
    return Problem(path=path, line=fault.line, column=column, says=fault.says, do=fault.do)


def _link_faults(entries: Iterable[Entry]) -> Iterator[LineFault]:
    links = _Links()
    for number, entry in enumerate(entries, start=1):
        for key, says, do in links.faults(entry):
            yield LineFault(line=number, key=key, says=says, do=do)


@dataclass(slots=True, kw_only=True)
class _Links:
    """Follows what entries say about earlier ones."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def faults(self, entry: Entry) -> Iterator[tuple[str, str, str]]:
        """Yield key, words and advice for what does not fit the entries before, and take the entry up."""
        if entry.id in self.entries:
            yield "id", f"id {entry.id} is already on line {self.entries[entry.id].seq}", "give each its own"
        for link in links_of(entry):
            yield from self._link_fault(entry, link)
        self.entries.setdefault(entry.id, entry)

    def _link_fault(self, entry: Entry, link: Link) -> Iterator[tuple[str, str, str]]:
        earlier = self.entries.get(link.target)
        if earlier is None:
            says = f"{link.key} names {link.target}, which no earlier line has"
            yield link.key, says, "name an earlier decision"
        elif advice := _unfit_target(entry, link, earlier):
            yield link.key, f"{link.key} names {link.target}, a {earlier.kind}", advice


def _unfit_target(entry: Entry, link: Link, earlier: Entry) -> str:
    """Return what to name instead of an earlier entry, or nothing where it fits."""
    if link.key == "closes" and not isinstance(earlier, FollowUpOpened):
        return "name a follow-up that is open"
    if link.key == "follow_up" and not isinstance(earlier, FollowUpOpened | QuestionAsked):
        return "name a follow-up or a question that is open"
    if link.key == "answers" and not isinstance(earlier, QuestionAsked):
        return "name a question that is open"
    if link.key in ("withdraws", "seconds") and isinstance(earlier, DecisionSeconded):
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
    if isinstance(entry, AboutTheWhole):
        return entry.kind
    return "about others" if isinstance(entry, AboutOthers) else "rows"


__all__ = ["KeptLog", "examine", "hash_of_line", "line_of", "read_log", "unfit"]
