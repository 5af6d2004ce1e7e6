"""Deliveries, and what happens to them before they come again: plain Python values, drawn from a seeded `Random`.

Three sources: `people` has a key, `loose` has none, `firms` are what people belong to.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

HEADERS = {
    "people": ("No", "Mail", "Name", "Note", "Firm"),
    "loose": ("Mail", "Name", "Note", "Firm"),
    "firms": ("ID", "Name", "Note"),
}
KEYS = {"people": "No", "firms": "ID"}
MAILS = ("jo@a.example", "kim@b.example", "lou@c.example", "", None)
NAMES = ("Jo", "Kim", "Lou", "", None)
NOTES = ("x", "y", None)
FIRMS = ("f1", "f2", "f3", "")
Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One source's delivered table."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]

    def with_rows(self, rows: Sequence[Row]) -> "File":
        return dataclasses.replace(self, rows=tuple(rows))


Delivery = Mapping[str, File]


def first_delivery(chance: Random) -> Delivery:
    """Draw a delivery: a dozen people with keys, two of them repeated, half as many without, five firms."""
    people = [_person(chance, No=f"p{number}") for number in range(10)]
    people += [dict(chance.choice(people)), {**chance.choice(people), "Name": "Twin"}, _person(chance, No="")]
    loose = [_person(chance) for _ in range(6)]
    loose += [dict(chance.choice(loose))]
    firms = [{"ID": f"f{number}", "Name": chance.choice(NAMES), "Note": "x"} for number in range(1, 6)]
    rows = {"people": people, "loose": loose, "firms": firms}
    return {source: File(headers=HEADERS[source], rows=tuple(found)) for source, found in rows.items()}


def _person(chance: Random, **cells: str) -> dict[str, str | None]:
    lists = {"Mail": MAILS, "Name": NAMES, "Note": NOTES, "Firm": FIRMS}
    return {**cells, **{header: chance.choice(texts) for header, texts in lists.items()}}


def edited(chance: Random, before: Delivery) -> tuple[Delivery, tuple[str, ...]]:
    """Return what comes next, after one to three edits, and the names of the edits; some edits change nothing."""
    names = tuple(chance.choice(tuple(EDITS)) for _ in range(chance.choice((1, 1, 1, 2, 3))))
    now = dict(before)
    for name in names:
        source = chance.choice(("people", "people", "loose", "loose", "firms"))
        now[source] = EDITS[name](chance, now[source])
    return now, names


Edit = Callable[[Random, File], File]


def _one_row(change: Callable[[Random, File, dict[str, str | None]], None]) -> Edit:
    def edit(chance: Random, file: File) -> File:
        rows = [dict(row) for row in file.rows]
        if rows:
            change(chance, file, chance.choice(rows))
        return file.with_rows(rows)

    return edit


def _change(header: str) -> Edit:
    def change(chance: Random, file: File, row: dict[str, str | None]) -> None:
        if header in file.headers:
            row[header] = chance.choice(("another", "jo@a.example", "f1", ""))

    return _one_row(change)


def _add_space(chance: Random, file: File, row: dict[str, str | None]) -> None:
    header = chance.choice(file.headers)
    row[header] = f"{row[header] or ''} "


def _other_key(chance: Random, file: File, row: dict[str, str | None]) -> None:
    row[file.headers[0]] = chance.choice(("q1", "p1", "p2", "f1", "f2", ""))


def _blank_becomes_absent(chance: Random, file: File, row: dict[str, str | None]) -> None:
    for header in file.headers:
        if row[header] in ("", None):
            row[header] = None if row[header] == "" else ""
            return


def _share(chance: Random, file: File) -> File:
    """Add a row that shares all but key and name with one that is there."""
    new = {**chance.choice(file.rows), "Name": "New"} if file.rows else {}
    if not new:
        return file
    if file.headers[0] in KEYS.values():
        new[file.headers[0]] = f"n{chance.randrange(1000)}"
    return _put(chance, file, new)


def _put(chance: Random, file: File, row: Row) -> File:
    place = chance.randint(0, len(file.rows))
    return file.with_rows([*file.rows[:place], row, *file.rows[place:]])


def _drop(chance: Random, file: File) -> File:
    gone = chance.randrange(len(file.rows)) if file.rows else 0
    return file.with_rows([row for place, row in enumerate(file.rows) if place != gone])


def _drop_several(chance: Random, file: File) -> File:
    return file.with_rows([row for row in file.rows if chance.random() < 0.7])


def _move(chance: Random, file: File) -> File:
    rows = list(file.rows)
    if rows:
        rows.append(rows.pop(chance.randrange(len(rows))))
    return file.with_rows(rows)


def _double(chance: Random, file: File) -> File:
    return _put(chance, file, chance.choice(file.rows)) if file.rows else file


def _shuffle(chance: Random, file: File) -> File:
    return file.with_rows(chance.sample(file.rows, len(file.rows)))


def _swap_columns(chance: Random, file: File) -> File:
    return dataclasses.replace(file, headers=(*file.headers[:1], *reversed(file.headers[1:])))


def _add_column(chance: Random, file: File) -> File:
    rows = [{**row, "Extra": "1"} for row in file.rows]
    return dataclasses.replace(file, headers=tuple(dict.fromkeys((*file.headers, "Extra"))), rows=tuple(rows))


def _change_nothing(chance: Random, file: File) -> File:
    return file


EDITS: dict[str, Edit] = {
    "another mail": _change("Mail"),
    "another name": _change("Name"),
    "another note": _change("Note"),
    "another firm": _change("Firm"),
    "a space": _one_row(_add_space),
    "another key": _one_row(_other_key),
    "blank or absent": _one_row(_blank_becomes_absent),
    "one more that shares": _share,
    "dropped": _drop,
    "several dropped": _drop_several,
    "moved": _move,
    "doubled": _double,
    "shuffled": _shuffle,
    "columns swapped": _swap_columns,
    "one more column": _add_column,
    "nothing": _change_nothing,
}
