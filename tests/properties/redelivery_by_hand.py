"""Where every row of a file that comes again should end, in plain Python: lists and dicts, none of the product's code.

The customer is the one of `scripted_redeliveries`: companies and people, with one decision of each kind standing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Row = Mapping[str, str]
KEY = {"companies": "ID", "people": "No"}
STAGE = {"live": "customer", "lead": "prospect"}
Name = tuple[str, str, int]
"""Source, key, and which of the rows with this key it is."""
Ending = tuple[str, str, str | None]
"""Fate, reason, what settled it; None where several things could be named."""


@dataclass(frozen=True)
class Decided:
    """One standing decision in outline."""

    id: str
    kind: str
    source: str
    headers: tuple[str, ...]
    """Whose cells were shown."""
    keys: tuple[str, ...]
    value: str = ""
    """The corrected value."""


@dataclass(frozen=True)
class Delivered:
    """Both files, then and now, and what becomes of rows that vanished."""

    then: Mapping[str, Sequence[Row]]
    now: Mapping[str, Sequence[Row]]
    vanished: str
    decisions: Sequence[Decided]
    live: Mapping[Name, Mapping[str, str]] = field(default_factory=dict)
    """Rows that are in the product -> their record there; a merged row has that of the row it went into."""

    def carried(self, source: str) -> list[Row]:
        """Return the rows that only the file before held."""
        here = {row[KEY[source]] for row in self.now[source]}
        return [row for row in self.then[source] if row[KEY[source]] not in here]

    def all_rows(self, source: str) -> Iterator[tuple[Name, Row, bool]]:
        """Yield each row, and whether it vanished."""
        seen: Counter[str] = Counter()
        for is_gone, rows in ((False, self.now[source]), (True, self.carried(source))):
            for row in rows:
                seen[row[KEY[source]]] += 1
                yield (source, row[KEY[source]], seen[row[KEY[source]]]), row, is_gone


def compared(before: Sequence[Row], now: Sequence[Row], key: str) -> dict[str, object]:
    """Return what the comparison of two files should say."""
    then, today = _by_key(before, key), _by_key(now, key)
    both = [name for name in today if name in then]
    columns = Counter(
        header for name in both for header in today[name] if today[name][header] != then[name][header]
    )
    changed = [name for name in both if today[name] != then[name]]
    return {
        "added": len(today) - len(both),
        "removed": len(then) - len(both),
        "changed": len(changed),
        "unchanged": len(both) - len(changed),
        "changed_by_column": dict(columns),
    }


def _by_key(rows: Sequence[Row], key: str) -> dict[tuple[str, int], Row]:
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Row] = {}
    for row in rows:
        name = row[key] or "~" + "|".join(row.values())
        seen[name] += 1
        found[name, seen[name]] = row
    return found


def covered(delivered: Delivered, decision: Decided) -> set[Name]:
    """Return the rows of today that a decision still covers: the same key, the same shown cells, no more of them."""
    found = set()
    for key in decision.keys:
        (then,) = [row for row in delivered.then[decision.source] if row[KEY[decision.source]] == key]
        same = [
            name
            for name, row, _ in delivered.all_rows(decision.source)
            if name[1] == key and all(row[header] == then[header] for header in decision.headers)
        ]
        found |= set(same) if len(same) == 1 else set()
    return found


def fit(delivered: Delivered, decision: Decided, rule_breakers: set[Name]) -> tuple[str, int]:
    """Return how a decision fits, and how many rows it covers; `rule_breakers` are all rows that break its rule unsettled."""
    holds = covered(delivered, decision)
    if len(holds) < len(decision.keys):
        return "no_longer_matches", len(holds)
    return ("covers_some" if rule_breakers - holds else "applies"), len(holds)


def endings(delivered: Delivered) -> dict[Name, tuple[Ending, str | None]]:
    """Return where every row ends in the first wave's run, and its change."""
    closed = {source: _has_no_one_key(delivered, source) for source in KEY}
    firms = {
        name: _firm(delivered, name, row, is_gone) for name, row, is_gone in delivered.all_rows("companies")
    }
    if closed["companies"]:
        firms = {name: _behind_a_gate(delivered, name, ending) for name, ending in firms.items()}
    people = {
        name: _person(delivered, name, row, is_gone, firms)
        for name, row, is_gone in delivered.all_rows("people")
    }
    if closed["companies"] or closed["people"]:
        people = {name: _behind_a_gate(delivered, name, ending) for name, ending in people.items()}
    return firms | people


def _has_no_one_key(delivered: Delivered, source: str) -> bool:
    """Whether a key is blank or names two rows: no record can be told by it, and the entity's gate closes."""
    keys = [name[1] for name, _, _ in delivered.all_rows(source)]
    return "" in keys or len(keys) > len(set(keys))


def _behind_a_gate(
    delivered: Delivered, name: Name, ending: tuple[Ending, str | None]
) -> tuple[Ending, str | None]:
    vanished = {(name[0], row[KEY[name[0]]]) for row in delivered.carried(name[0])}
    if _left_out(delivered, name, name[:2] in vanished):
        return ending
    if name in delivered.live:
        return ("merged" if _is_taken_up(delivered, name) else "exported", "live", None), None
    return ("unresolved", "gate", None), None


def _holding(delivered: Delivered, kind: str, name: Name) -> Decided | None:
    """Return the decision of a kind that covers a row."""
    for decision in delivered.decisions:
        if decision.kind == kind and name in covered(delivered, decision):
            return decision
    return None


def _is_stale(delivered: Delivered, name: Name) -> bool:
    """Whether the row was left out, and what was shown of it has changed."""
    return any(
        name[0] == decision.source and name[1] in decision.keys and name not in covered(delivered, decision)
        for decision in delivered.decisions
        if decision.kind in ("rows_excluded", "rows_deferred")
    )


def _merge(delivered: Delivered, name: Name) -> tuple[Decided, bool] | None:
    """Return the merge that a row was shown with, and whether it still holds: all its rows are as shown, and take part."""
    for decision in delivered.decisions:
        if decision.kind == "merge_approved" and decision.source == name[0] and name[1] in decision.keys:
            gone = {row[KEY[name[0]]] for row in delivered.carried(name[0])} & {*decision.keys}
            is_whole = len(covered(delivered, decision)) == len(decision.keys)
            return decision, is_whole and not (gone and delivered.vanished == "exclude")
    return None


def _is_taken_up(delivered: Delivered, name: Name) -> bool:
    """Whether a merge made the row a part of another record, by the time of the first export."""
    merge = _merge(delivered, name)
    return merge is not None and name[1] != merge[0].keys[0]


def _is_outdated(delivered: Delivered, name: Name) -> bool:
    """Whether a merge took the row up, and one of its rows is another one now."""
    merge = _merge(delivered, name)
    return (
        _is_taken_up(delivered, name)
        and merge is not None
        and len(covered(delivered, merge[0])) < len(merge[0].keys)
    )


def _hold(delivered: Delivered, name: Name, row: Row, *, is_gone: bool) -> set[str]:
    """Return the rules that keep a row back by itself."""
    found = set()
    if is_gone and delivered.vanished == "ask" and row.get("Status") != "lead":
        found.add(f"{name[0]}.row.delivered")
    entity = "account" if name[0] == "companies" else "contact"
    if _is_stale(delivered, name):
        found.add(f"{entity}.decisions.current")
    if _is_outdated(delivered, name):
        found.add("account.decisions.current")
    is_accepted = _holding(delivered, "risk_accepted", name) is not None
    if name[0] == "companies" and row["Status"] not in STAGE and not is_accepted:
        found.add("account.lifecycle_stage.allowed")
    if name[0] == "people" and "(at)" in row["Mail"] and not is_accepted:
        found.add("contact.email.format")
    return found


def _firm(delivered: Delivered, name: Name, row: Row, is_gone: bool) -> tuple[Ending, str | None]:
    left_out = _left_out(delivered, name, is_gone)
    if left_out:
        return left_out
    holds = _hold(delivered, name, row, is_gone=is_gone)
    merge = _merge(delivered, name)
    ending = _settled(
        delivered, name, account_of(delivered, name, row), holds, row["Status"] == "lead", merge
    )
    if merge and merge[1] and not holds and ending[1] != "unchanged":
        parts = {n: (r, gone) for n, r, gone in delivered.all_rows("companies") if n[1] in merge[0].keys}
        if any(_hold(delivered, n, r, is_gone=gone) for n, (r, gone) in parts.items()):
            return ("unresolved", "partner", None), None
    return ending


def _person(
    delivered: Delivered, name: Name, row: Row, is_gone: bool, firms: Mapping[Name, tuple[Ending, str | None]]
) -> tuple[Ending, str | None]:
    left_out = _left_out(delivered, name, is_gone)
    if left_out:
        return left_out
    holds = _hold(delivered, name, row, is_gone=is_gone)
    firm: Name = ("companies", contact_of(delivered, row)["account"], 1)
    above = firms.get(firm)
    is_there = firm[1] in {
        there["external_id"] for name, there in delivered.live.items() if name[0] == "companies"
    }
    # A company that was left out is no record of today's, even where it went into one that is live.
    if not is_there and (above is None or above[0][0] == "excluded" or above[0][0:2] == ("merged", "live")):
        holds.add("contact.account.relationship")
    ending = _settled(delivered, name, contact_of(delivered, row), holds, False, None)
    waits = above is not None and above[0][0] in ("deferred", "unresolved") and not is_there
    if above and waits and ending[0][0] == "exported" and ending[1] != "unchanged":
        return (above[0][0], "parent", None), None
    return ending


def _left_out(delivered: Delivered, name: Name, is_gone: bool) -> tuple[Ending, str | None] | None:
    excluded = _holding(delivered, "rows_excluded", name)
    is_left = is_gone and delivered.vanished == "exclude"
    if not excluded and not is_left:
        return None
    if name in delivered.live:
        return ("merged" if _is_taken_up(delivered, name) else "exported", "live", None), "unchanged"
    return ("excluded", "decision" if excluded else "vanished", None), None


def _settled(
    delivered: Delivered,
    name: Name,
    record: Mapping[str, str],
    holds: set[str],
    is_later: bool,
    merge: tuple[Decided, bool] | None,
) -> tuple[Ending, str | None]:
    is_taken_up = merge is not None and merge[1] and name[1] != merge[0].keys[0]
    there = delivered.live.get(name)
    if there is not None and (merge is None or merge[1] or not _is_taken_up(delivered, name)):
        fate = "merged" if is_taken_up else "exported"
        if there == record:
            return (fate, "live", None), "unchanged"
        if holds:
            return ("unresolved", "rule", None), None
        return (fate, "decision" if is_taken_up else "update", None), "updated"
    if holds:
        return ("unresolved", "rule", min(holds) if len(holds) == 1 and not is_taken_up else None), None
    deferred = _holding(delivered, "rows_deferred", name)
    if deferred:
        return ("deferred", "decision", deferred.id), None
    if is_later:
        return ("deferred", "wave", "wave_2"), None
    if is_taken_up:
        return ("merged", "decision", merge[0].id if merge else None), "created"
    return ("exported", "ready", None), "created"


def account_of(delivered: Delivered, name: Name, row: Row) -> dict[str, str]:
    """Return the record that the product should hold for a company."""
    merge = _merge(delivered, name)
    if merge and merge[1]:
        key = merge[0].keys[0]
        name, row = next((n, r) for n, r, _ in delivered.all_rows("companies") if n[1] == key)
    text = row["Name"]
    for kind in ("value_corrected", "values_replaced"):
        decision = _holding(delivered, kind, name)
        text = decision.value if decision else text
    return {"external_id": row["ID"], "name": text, "lifecycle_stage": STAGE.get(row["Status"], "")}


def contact_of(delivered: Delivered, row: Row) -> dict[str, str]:
    """Return the record that the product should hold for a person, who points to the company that is left of two."""
    merge = _merge(delivered, ("companies", row["Company"], 1))
    firm = merge[0].keys[0] if merge and merge[1] else row["Company"]
    return {"external_id": row["No"], "full_name": row["Name"], "email": row["Mail"], "account": firm}


def updated(delivered: Delivered) -> set[tuple[str, str, str, str | None, str | None]]:
    """Return every value that the export changes in the product: source, record, field, before, after."""
    found = set()
    rows = {name: row for source in KEY for name, row, _ in delivered.all_rows(source)}
    for name, (ending, change) in endings(delivered).items():
        if change == "updated" and ending[0] == "exported":
            record = (
                account_of(delivered, name, rows[name])
                if name[0] == "companies"
                else contact_of(delivered, rows[name])
            )
            there = delivered.live[name]
            found |= {
                (name[0], record["external_id"], each, there[each] or None, record[each] or None)
                for each in record
                if record[each] != there[each]
            }
    return found
