"""The numerals in the record's own sentences: each is a figure of what its sentence cites, a date, or part of a name.

Pure.  What people wrote into decisions and config is theirs; where a sentence repeats it, it counts as a name.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cached_property

from aformity_pipelines.domain.base import SLUG_PATTERN, Document
from aformity_pipelines.domain.launch.answers import Answer, LikelyQuestion, OpenAnswer, OpenQuestion
from aformity_pipelines.domain.launch.changes import Changes
from aformity_pipelines.domain.launch.limits import LIMITS
from aformity_pipelines.domain.launch.losses import Loss
from aformity_pipelines.domain.launch.statements import Count, Statement
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.cited import SECTIONS, our_sentences, parts_of

QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’|`[^`]*`")
MONTHS = tuple(f"{date(2000, month, 1):%B}" for month in range(1, 13))
DATED = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})(?: \d{{4}})?\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b")
WORD = re.compile(r"\S*\d\S*")
NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
SLUG = re.compile(SLUG_PATTERN)
"""Names of waves, sources and entities; sentences spell them with blanks."""
LONG = ("rows", "examples")
"""Fields that only list row ids; how people find a row is told by its label."""
AROUND = ".,;:!?()[]{}'’"


def unproved_numerals(record: LaunchRecord) -> Iterator[str]:
    """Yield every numeral of our own sentences that nothing in the record proves, with its place."""
    figures, names = _Figures(record), _Names(record)
    for place, says, evidence, part in our_sentences(record):
        if place.startswith("notices") and quotes_manifest(part):
            continue
        text = QUOTED.sub(" ", says)
        for spelled in DATED.findall(text):
            if spelled not in names.dates and not names.repeated(spelled, says):
                yield f"{place}: the date {spelled} stands nowhere else in the record"
        for word in WORD.findall(DATED.sub(" ", text)):
            bare = word.strip(AROUND)
            if NUMBER.fullmatch(bare) and figures.prove(int(bare.replace(",", "")), evidence, part):
                continue
            if not names.hold(bare, says):
                yield f"{place}: {bare} is no figure of {', '.join(evidence) or 'it'} and no part of a name"


def quotes_manifest(part: Document) -> bool:
    """Whether a notice is a note of the manifest, word by word; what it says is proved beside the export."""
    return isinstance(part, Statement) and part.evidence == ("manifest",)


class _Figures:
    """What each piece of evidence counts."""

    def __init__(self, record: LaunchRecord) -> None:
        self._record = record
        self._decisions = {line.id for line in record.history}
        self._lines = {id(loss): line for line in record.losses for loss in line.losses}
        self._of: dict[str, set[int]] = defaultdict(set)
        for count in record.counts:
            for text in (count.name, *_texts(count)):
                self._of[text].add(count.value)
        for rule in record.rules:
            self._of[rule.rule] |= {rule.checked, rule.failing}
        for file in record.export.files if record.export else ():
            self._of["manifest"].add(file.rows)
        for name, limit in LIMITS.items():
            self._of[name].add(limit)
        for section in SECTIONS:
            self._of[section].add(len(getattr(record, section)))
        for tested in record.revalidations:
            self._of["revalidations"] |= {
                tested.tested,
                tested.ready,
                tested.still_blocked,
                tested.newly_blocked,
                tested.overdue,
            }
        for part in (
            [w for w in record.unresolved if w.holds],
            [w for w in record.unresolved if not w.holds],
        ):
            self._of["unresolved"] |= {
                len(part),
                len({work.owner.name for work in part}),
                sum(work.is_overdue for work in part),
            }

    def prove(self, number: int, evidence: tuple[str, ...], part: Document) -> bool:
        """Whether `number` is a figure of what the sentence cites, of what it is about, or how much it cites."""
        return (
            (number == len(evidence) and self._decisions.issuperset(evidence))
            or any(number in self._of[each] for each in evidence if each in self._of)
            or number in self._own(part)
        )

    def _own(self, part: Document) -> Iterator[int]:
        """Yield the figures of the document that says the sentence, as far as something proves them."""
        if isinstance(part, Answer | OpenAnswer | LikelyQuestion | OpenQuestion):
            yield from self._mapped(part.entity, part.field)
        match part:
            case Answer() | OpenAnswer():
                if len(part.rows) == part.row_count:
                    yield part.row_count
            case LikelyQuestion() | OpenQuestion():
                yield from self._answered(part)
            case Loss():
                line = self._lines[id(part)]
                yield from (line.rows, part.number, line.distinct_before or 0, line.distinct_after or 0)
            case _ if self._record.changes and part in self._record.changes.says:
                yield from _of_changes(self._record.changes)

    def _mapped(self, entity: str, field: str | None) -> Iterator[int]:
        """Yield what the field map counts about a field."""
        for line in self._record.mapping:
            if (line.entity, line.field) == (entity, field):
                yield from (line.rows, line.filled, line.rows - line.filled, line.changed)
                yield from (
                    line.corrected,
                    line.unreadable,
                    line.known_values,
                    *(each.rows for each in line.examples),
                )

    def _answered(self, asked: LikelyQuestion | OpenQuestion) -> Iterator[int]:
        """Yield the rows of the answers that a question gathers: of each, of all about its field, of all about its entity."""
        gathered: tuple[Answer | OpenAnswer, ...] = self._record.answers
        if isinstance(asked, OpenQuestion):
            mine = (asked.owner, asked.due)
            gathered = tuple(each for each in self._record.open_answers if (each.owner, each.due) == mine)
        same = [each for each in gathered if (each.about, each.entity) == (asked.about, asked.entity)]
        yield from (each.row_count for each in same)
        yield sum(each.row_count for each in same if asked.field in (None, each.field))
        yield sum(each.row_count for each in same if set(asked.evidence).issuperset(each.evidence))


def _texts(count: Count) -> Iterator[str]:
    met = (choice.meets.where for choice in count.any_of if choice.meets)
    for where in (count.where, *met):
        for column in where.keys() & {"because", "rule", "accepted_by", "followed_by"}:
            yield from where[column]


def _of_changes(changes: Changes) -> Iterator[int]:
    yield from (move.number for move in changes.moves)
    yield from (each.number for each in changes.released)
    for listed in (changes.decisions_added, changes.decisions_ended, changes.decisions_stale):
        yield len(listed)
    yield from (len(changes.work_settled), len(changes.work_opened), len(changes.deliveries))
    for each in changes.compared:
        yield from (each.added, each.removed, each.changed, each.unchanged)


class _Names:
    """Dates, names and people's words of the record in which digits stand; gathered when the first is asked for.

    Sentences spell names as they need them (`2 B2B accounts` of the label `B2B Account`): case tells none apart.
    """

    def __init__(self, record: LaunchRecord) -> None:
        self._record = record

    @cached_property
    def dates(self) -> frozenset[str]:
        """Every date of the record as sentences spell it."""
        found = {held for _, part in parts_of("", self._record) for _, held in part if isinstance(held, date)}
        return frozenset(
            spelled for day in found for spelled in (f"{day:%-d %B %Y}", f"{day:%-d %B}", day.isoformat())
        )

    @cached_property
    def _phrases(self) -> dict[str, list[str]]:
        """Word with a digit -> the names and people's words that it stands in."""
        found: dict[str, list[str]] = defaultdict(list)
        written = dict.fromkeys(text for text in _written(self._record) if WORD.search(text))
        for text in (*written, *(slug.replace("_", " ") for slug in written if SLUG.fullmatch(slug))):
            folded = text.casefold().rstrip(".")
            for word in set(WORD.findall(folded)):
                found[word.strip(AROUND)].append(folded)
        return found

    def hold(self, word: str, says: str) -> bool:
        """Whether a word with digits is a name, or part of one that the sentence repeats as a whole."""
        is_name = not NUMBER.fullmatch(word) or (word.startswith("0") and len(word) > 1)
        return (is_name and word.casefold() in self._phrases) or self.repeated(word, says)

    def repeated(self, piece: str, says: str) -> bool:
        """Whether a sentence repeats, as a whole, something that is written elsewhere and in which `piece` stands."""
        piece, says = piece.casefold(), says.casefold()
        first = WORD.findall(piece)[0].strip(AROUND)
        return any(text != piece and piece in text and text in says for text in self._phrases.get(first, ()))


def _written(record: LaunchRecord) -> Iterator[str]:
    """Yield the texts of a record that are no sentences of our own."""
    ours = {id(part) for *_, part in our_sentences(record)}
    for _, part in parts_of("", record):
        if id(part) not in ours and not isinstance(part, Count):
            yield from (text for name, held in part if name not in LONG for text in _texts_in(held))


def _texts_in(held: object) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, dict):
        yield from (text for pair in held.items() for text in pair if isinstance(text, str))
    elif isinstance(held, tuple):
        yield from (text for text in held if isinstance(text, str))
