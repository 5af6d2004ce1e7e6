"""What the hidden sheet of a workbook says, under seal: which workbook it is, and every entry that it was sent with.

The sheet is plain rows of text.  The writer makes them from a book; the reader believes them only under the seal.
Keep out: the sheets that people see.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from aformity_pipelines.review.workbook.choices import APPROVAL
from aformity_pipelines.review.workbook.seal import Sealer
from aformity_pipelines.review.workbook.shape import FIELD_MAP, Book, Choice

FORM = "aformity review workbook 1"
"""The first cell of the hidden sheet: what this is, and which form of it."""
FACTS = ("id", "customer", "wave", "as_of", "log_seq", "log_sha256", "people", "entries")
"""What is said of the workbook as a whole, in this order; `people` is JSON, `entries` how many there are."""
_FIRST_ENTRY = len(FACTS) + 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One entry as it was sent."""

    code: str
    sheet: str
    finding: str  # id of the open finding; of a field mapping, its entity
    key: str  # `row_key`; of a heading the reviewer, by key in `people`; of a field mapping, `source/part/field`
    row: str  # row id then
    evidence: str  # of a row, its group behind a `+`; of a heading, what its rule demands
    choices: str  # JSON; of a row "", its heading's hold
    cells: str  # seals of what is shown

    @property
    def heading(self) -> str:
        """The code of the finding's heading."""
        return self.code.split(".")[0]

    @property
    def is_row(self) -> bool:
        """Whether this is a row of a finding."""
        return "." in self.code

    @property
    def digest(self) -> str:
        """What a row's evidence is, its group left out."""
        return self.evidence.partition("+")[0]

    @property
    def group(self) -> str:
        """The digest of the rows that stand in a group with a row; empty where none does."""
        return self.evidence.partition("+")[2]

    def allowed(self) -> tuple[Choice, ...]:
        """Return the answers of a heading's or a field mapping's drop-down."""
        return tuple(Choice(**each) for each in json.loads(self.choices))

    def parts(self) -> tuple[str, ...]:
        """Return what stands in the entry's row of the sheet, the seal left out."""
        return tuple(asdict(self).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A workbook that came back, as its seal says it was sent."""

    facts: Mapping[str, str]
    entries: Mapping[str, Sealed]  # by code

    @property
    def people(self) -> dict[str, str]:
        """How people are called in it -> their key."""
        called: dict[str, str] = json.loads(self.facts["people"])
        return called


class NotOurs(ValueError):
    """The hidden sheet is missing, of another customer, or not as it was sent: nothing in the workbook can be believed."""


def seals_of(book: Book, sealer: Sealer) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the hidden sheet."""
    entries = tuple(_entries(book, sealer))
    people = json.dumps(book.people, ensure_ascii=False, separators=(",", ":"))
    known = (book.slug, book.wave, book.as_of.isoformat(), str(book.head.seq), book.head.sha256, people)
    # Equal books are equal bytes, so the id is made of what the workbook says.
    identity = sealer.seal("workbook", *known, *(part for entry in entries for part in entry.parts()))[:16]
    facts = (identity, *known, str(len(entries)))
    yield (FORM,)
    yield from zip(FACTS, facts, strict=True)
    yield ("seal", sealer.seal("facts", *facts))
    for entry in entries:
        yield (*entry.parts(), sealer.seal("entry", identity, *entry.parts()))


def _entries(book: Book, sealer: Sealer) -> Iterator[Sealed]:
    for sheet, block in book.blocks():
        yield Sealed(
            code=block.code, sheet=sheet.name, finding=block.finding, key=sheet.person, row="",
            evidence=block.stated, choices=_as_json(block.choices), cells=sealer.cells(block.code, block.shown),
        )  # fmt: skip
        for line in block.lines:
            yield Sealed(
                code=line.code, sheet=sheet.name, finding=block.finding, key=line.key, row=line.row,
                evidence=f"{line.evidence}+{line.group}" if line.group else line.evidence, choices="", cells=sealer.cells(line.code, line.shown),
            )  # fmt: skip
    for field in book.field_map:
        yield Sealed(
            code=field.code, sheet=FIELD_MAP, finding=field.entity, key=field.name, row="",
            evidence=field.evidence, choices=_as_json(APPROVAL), cells=sealer.cells(field.code, field.shown),
        )  # fmt: skip


def _as_json(choices: Iterable[Choice]) -> str:
    return json.dumps([asdict(each) for each in choices], ensure_ascii=False, separators=(",", ":"))


def origin_of(rows: Sequence[Sequence[str]], sealer: Sealer, *, slug: str, wave: str | None = None) -> Origin:
    """Return what the hidden sheet says, once every seal in it holds.

    Raises NotOurs, with every entry that was changed, where one does not.
    """
    if not rows or list(rows[0][:1]) != [FORM]:
        raise NotOurs("its hidden sheet is missing or of another form; use the .xlsx file that was exported")
    told = dict(
        zip(FACTS, (row[1] if len(row) > 1 else "" for row in rows[1 : len(FACTS) + 1]), strict=False)
    )
    if told.get("customer") != slug:
        raise NotOurs(f"it was made for {told.get('customer')!r}, not for {slug!r}; import it there")
    if len(rows) < _FIRST_ENTRY - 1 or not sealer.holds(
        _cell(rows[_FIRST_ENTRY - 2], 1), "facts", *told.values()
    ):
        raise NotOurs(
            "what it says of itself is not under this customer's seal: the hidden sheet was changed, or made with"
            " another key; export it anew"
        )
    if wave is not None and told["wave"] != wave:
        raise NotOurs(f"it was made for {told['wave']}, not for {wave}; leave out --wave, or name that one")
    found, broken = _believed(rows[_FIRST_ENTRY - 1 :], sealer, told["id"])
    if broken or len(found) != int(told["entries"]):
        missing = int(told["entries"]) - len(found) - len(broken)
        where = f", for example {broken[0]}" if broken else ""
        raise NotOurs(
            f"{len(broken)} entries of its hidden sheet were changed{where} and {max(0, missing)} are gone;"
            " copy the answers into the workbook as it was sent"
        )
    return Origin(facts=told, entries=found)


def _believed(
    rows: Iterable[Sequence[str]], sealer: Sealer, identity: str
) -> tuple[dict[str, Sealed], list[str]]:
    """Return the entries under seal by code, and the places of the others."""
    found: dict[str, Sealed] = {}
    broken = []
    for number, row in enumerate(rows, start=_FIRST_ENTRY):
        parts = [_cell(row, column) for column in range(9)]
        if not any(parts):
            continue
        if sealer.holds(parts[8], "entry", identity, *parts[:8]) and parts[0] not in found:
            code, sheet, finding, key, row_id, evidence, choices, cells = parts[:8]
            found[code] = Sealed(
                code=code, sheet=sheet, finding=finding, key=key, row=row_id,
                evidence=evidence, choices=choices, cells=cells,
            )  # fmt: skip
        else:
            broken.append(f"row {number}")
    return found, broken


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if len(row) > column else ""
