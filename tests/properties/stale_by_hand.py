"""What is stale, worked out in plain Python from then's cells and today's: no digest, no SQL, none of the product's code."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from tests.properties.deliveries_edited import KEYS, Delivery, Row

READ_BY = {"person": ("people", "loose"), "firm": ("firms",)}
HEADER_OF = {"mail": "Mail", "name": "Name", "note": "Note", "firm": "Firm", "id": "ID"}
ASIDE = frozenset({"f1", "f2"})
"""Firms that are set aside, so that their people point to a row that does not go live."""
SETTLING = frozenset({"risk_accepted", "merge_refused"})
SET_ASIDE = frozenset({"rows_excluded", "rows_deferred"})
UNIQUE, POINTS = "mail.unique", "firm.relationship"
Place = tuple[str, int]  # source, number of the row in its file
Name = tuple[Hashable, ...]
Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A decision in outline."""

    id: str
    kind: str
    subject: str  # an entity, or a source
    rule: str | None
    headers: tuple[str, ...]  # whose cells were shown
    rows: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What each decision still covers, and what it lost."""

    covered: frozenset[tuple[str, Place]]  # decision and place today
    lost: frozenset[tuple[str, Place]]  # decision and place then

    @property
    def stale(self) -> frozenset[str]:
        return frozenset(decision for decision, _ in self.lost)


def places(delivery: Delivery, subject: str) -> Iterator[Place]:
    """Yield the places of a subject's rows."""
    for source in READ_BY.get(subject, (subject,)):
        for number in range(len(delivery[source].rows)):
            yield source, number


def row_at(delivery: Delivery, place: Place) -> Row:
    return delivery[place[0]].rows[place[1]]


def names(delivery: Delivery) -> dict[Place, Name]:
    """Return how each row is known: by its key, else by all that stands in it and which of its equals it is."""
    found: dict[Place, Name] = {}
    for source, file in delivery.items():
        equal: Counter[Name] = Counter()
        for number, row in enumerate(file.rows):
            if key := row.get(KEYS.get(source, "")):
                found[source, number] = (source, key)
                continue
            whole = (source, frozenset((header, row[header]) for header in file.headers))
            equal[whole] += 1
            found[source, number] = (*whole, equal[whole])
    return found


def shown(delivery: Delivery, place: Place, headers: Sequence[str]) -> Cells:
    return tuple(row_at(delivery, place).get(header) for header in headers)


def sharing(delivery: Delivery, subject: str, place: Place) -> frozenset[Place]:
    """Return the rows of a subject that have the mail of one of them, itself among them; none where it has none."""
    mail = row_at(delivery, place)["Mail"]
    if mail is None or not mail.strip(" "):
        return frozenset()
    return frozenset(other for other in places(delivery, subject) if row_at(delivery, other)["Mail"] == mail)


def parents(delivery: Delivery, place: Place) -> frozenset[Place]:
    """Return the firms that a person names and that are set aside."""
    firm = row_at(delivery, place)["Firm"]
    return frozenset(
        other for other in places(delivery, "firm") if firm in ASIDE and row_at(delivery, other)["ID"] == firm
    )


def by_hand(decisions: Sequence[Told], then: Delivery, now: Delivery) -> Stands:
    """Return what each decision covers today and what it lost, from the two deliveries alone."""
    covered: set[tuple[str, Place]] = set()
    lost: set[tuple[str, Place]] = set()
    for told in decisions:
        found, gone = _one(told, then, now)
        covered |= {(told.id, place) for place in found}
        lost |= {(told.id, place) for place in gone}
    return Stands(covered=frozenset(covered), lost=frozenset(lost))


def _one(told: Told, then: Delivery, now: Delivery) -> tuple[set[Place], set[Place]]:
    covered: set[Place] = set()
    lost: set[Place] = set()
    chosen = frozenset(told.rows)
    for together, is_shared in _groups(told, then):
        here = _again(told.headers, chosen & together, then, now, told.subject)
        beside = together - chosen
        if is_shared:
            others = _again(told.headers, beside, then, now, told.subject)
        else:
            others = _again(("ID",), beside, then, now, "firm")
        # Children of one parent know nothing of each other.
        is_whole = not others.lost and not (is_shared and here.lost)
        known = here.found | (others.found if is_shared else set())
        joined = {
            place
            for place in here.found
            if is_shared and told.kind in SETTLING and sharing(now, told.subject, place) - known
        }
        if not is_whole:
            lost |= chosen & together
            continue
        covered |= here.found - joined
        lost |= here.lost | {place for place in chosen & together if here.today(place) & joined}
    return covered, lost


def _groups(told: Told, then: Delivery) -> Iterator[tuple[frozenset[Place], bool]]:
    """Yield the rows that were shown together, chosen and beside them, and whether they share a value."""
    alone, shared = [], set()
    known = names(then)
    twins: dict[tuple[Name, Cells], frozenset[Place]] = defaultdict(frozenset)
    for place in told.rows:
        if told.rule == UNIQUE and (group := sharing(then, told.subject, place)):
            shared.add(group)
        elif told.rule == POINTS and told.kind not in SET_ASIDE and (above := parents(then, place)):
            twins[known[place], shown(then, place, told.headers)] |= {place} | above
        else:
            alone.append(place)
    yield frozenset(alone), False
    for group in twins.values():
        yield group, False
    for group in shared:
        yield group, True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """Rows that were shown, looked for today."""

    matches: dict[Place, frozenset[Place]]  # then -> today: those of the same name that show the same

    @property
    def found(self) -> set[Place]:
        return {place for today in self.matches.values() for place in today}

    @property
    def lost(self) -> set[Place]:
        return {place for place, today in self.matches.items() if not today}

    def today(self, place: Place) -> frozenset[Place]:
        return self.matches[place]


def _again(
    headers: Sequence[str], wanted: frozenset[Place], then: Delivery, now: Delivery, subject: str
) -> _Again:
    """Look for rows by name and shown cells.  Of more equal rows than were shown, nobody can tell which one was."""
    old, new = names(then), names(now)
    were: dict[tuple[Name, Cells], list[Place]] = defaultdict(list)
    are: dict[tuple[Name, Cells], list[Place]] = defaultdict(list)
    for place in sorted(wanted):
        were[old[place], shown(then, place, headers)].append(place)
    for place in places(now, subject):
        are[new[place], shown(now, place, headers)].append(place)
    matches: dict[Place, frozenset[Place]] = {}
    for what, before in were.items():
        today = are[what] if len(are[what]) <= len(before) else []
        for number, place in enumerate(before):
            matches[place] = frozenset(today[number : number + 1])
    return _Again(matches=matches)
