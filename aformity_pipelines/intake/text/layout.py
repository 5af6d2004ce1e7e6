"""Where the tables of a text lie: title blocks, headers, records, notes below, several tables one after another.

Works on the records of one grammar.  A row with at most one filled cell says little about a table of several
columns: it is a title, a note or blank.  Keep out: grammars, and whether a header is believable.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.intake.cell_kind import CellKind, kind_of
from aformity_pipelines.intake.header_evidence import evidence, is_row_of_names
from aformity_pipelines.intake.text.sample import Record
from aformity_pipelines.intake.total_row import is_total

_RUN = 3
"""So many records of one other width in a row are another table."""
_SAMPLE = 200
_START = 25
_HEADER_ROWS = 6
_TITLES = 30
_NOTES = 10
_VALUES = frozenset({CellKind.NUMBER, CellKind.DATE, CellKind.TIME, CellKind.EMAIL, CellKind.WEB})


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One table: its title block, its header's rows (none if it has no header), its records, the notes below."""

    width: int  # of most records
    titles: tuple[Record, ...]
    header: tuple[Record, ...]
    body: tuple[Record, ...]
    notes: tuple[Record, ...]
    blank_rows_below: bool  # right below the records


def most_common_width(records: Sequence[Record]) -> int:
    """Return the number of cells that most sound filled records have, several cells before one."""
    counts = Counter(record.width for record in records if record.filled and not record.is_broken)
    several = {width: count for width, count in counts.items() if width > 1}
    if not several:
        return 1
    return max(several, key=lambda width: (several[width], width))


def regions_in(
    records: Sequence[Record],
    *,
    header_row: int | None = None,
    header_rows: int | None = None,
    header_repeats: bool | None = None,
) -> tuple[Region, ...]:
    """Return the tables of `records` in order; `header_row`, if told, is the first one's, 0 for none.

    Where `header_repeats`, a line that says a table's header again does not end the table.
    """
    regions: list[Region] = []
    while records:
        told = header_row if not regions else None
        region, following = _first_region(records, told, header_rows or 1, is_repeated=bool(header_repeats))
        if region is None:
            break
        regions.append(region)
        records = records[following:]
    return tuple(regions)


def _first_region(
    records: Sequence[Record], told: int | None, told_rows: int, *, is_repeated: bool
) -> tuple[Region | None, int]:
    """Return the first table, and the index where the next one may begin."""
    width = _width_of_first_table(_until_gap(records))
    first = _first_row(records, width, told)
    if first is None:
        return None, len(records)
    if told == 0:
        taken = 0
    elif told:
        taken = sum(1 for one in records[first:] if one.row < records[first].row + told_rows)
    else:
        taken = _rows_of_header(records, first, width)
    start = first + taken
    header = tuple(records[first:start])
    is_named = (
        bool(header)
        and not _is_all_the_same(records[first : start + 1])
        and evidence(header[0].cells, _below(records, start - 1, width)).is_likely
    )
    again = header[0].line if is_repeated and len(header) == 1 else None
    end = _end_of_table(records, start, _names(header[0]) if is_named else (), width, again)
    body = [record for record in records[start:end] if record.line != again]
    below: list[Record] = []
    if gap := _gap_above_notes(body, width):
        body, below = body[:gap], body[gap:]
    while body and _may_be_note(body, width):
        below.insert(0, body.pop())
    region = Region(
        width=width,
        titles=tuple(record for record in records[:first] if record.filled),
        header=header,
        body=tuple(body),
        notes=tuple(record for record in below if record.filled),
        blank_rows_below=bool(below) and not below[0].filled,
    )
    return region, end


def _width_of_first_table(records: Sequence[Record]) -> int:
    """Return the width that most of the first records share, or else most of all."""
    start = [record for record in records if record.filled > 1][:_START]
    width = most_common_width(start)
    if sum(record.width == width for record in start) >= 0.6 * len(start) > 0:
        return width
    return most_common_width(records)


def _until_gap(records: Sequence[Record]) -> Sequence[Record]:
    """Return the records up to the first blank row below several rows of several cells, or enough of them."""
    rows = 0
    for index, record in enumerate(records[:_SAMPLE]):
        if rows > _RUN and not record.filled:
            return records[:index]
        rows += record.filled > 1
    return records[:_SAMPLE]


def _first_row(records: Sequence[Record], width: int, told: int | None) -> int | None:
    """Return the index of the row told, or of the first one that is neither a title nor above a plain header."""
    if told:
        return next((index for index, record in enumerate(records) if record.row == told), None)
    first = next((i for i, one in enumerate(records) if one.filled and not _is_title(one, width)), None)
    if first is None:
        return next((index for index, record in enumerate(records) if record.filled), None)
    if records[first].width == width and records[first].filled > 1 and not _is_told_in_pairs(records[first]):
        return first
    for index in range(first + 1, min(len(records), first + _TITLES)):
        is_header = evidence(records[index].cells, _below(records, index, width)).is_plain
        if records[index].width == width and records[index].filled > 1 and is_header:
            return index
    return first


def _is_told_in_pairs(record: Record) -> bool:
    """Whether a row has gaps and values in it, as `From,2020-01-01,,` above a table has."""
    return record.filled < record.width and any(kind_of(cell) in _VALUES for cell in record.cells)


def _below(records: Sequence[Record], index: int, width: int) -> list[tuple[str, ...]]:
    """Return the cells of the records of that width behind `index`, up to the next gap or its repetition."""
    found: list[tuple[str, ...]] = []
    names = _names(records[index])
    for record in records[index + 1 : index + 1 + _SAMPLE]:
        if found and (not record.filled or _names(record) == names):
            break
        if record.filled and record.width == width:
            found.append(record.cells)
    return found


def _is_title(record: Record, width: int) -> bool:
    """Whether a row above a table of `width` columns says too little to be part of it."""
    if record.width != width and record.line.startswith("#"):
        return True
    if width <= 2:
        return record.width < width or not record.filled
    return record.filled <= 1 and not record.is_broken


def _rows_of_header(records: Sequence[Record], first: int, width: int) -> int:
    """Return how many rows the header at index `first` takes: with its repetitions, and names in its gaps."""
    header, taken = records[first], 1
    for index in range(first + 1, min(len(records), first + _HEADER_ROWS)):
        record = records[index]
        below = _below(records, index, width)
        if record.filled and _continues_header(header, record, below):
            taken = index - first + 1
        elif record.filled or not _has_gaps(header, record):
            break
    return 1 if _is_all_the_same(records[first : first + taken + 1]) else taken


def _is_all_the_same(records: Sequence[Record]) -> bool:
    """Whether one row is said again and again with nothing else below: so do records, not headers."""
    said = [record.cells for record in records if record.filled]
    return len(said) > 1 and all(cells == said[0] for cells in said)


def _has_gaps(header: Record, record: Record) -> bool:
    return 1 < header.filled < header.width == record.width


def _continues_header(header: Record, record: Record, below: Sequence[tuple[str, ...]]) -> bool:
    if record.cells == header.cells:
        return True
    if record.width != header.width or not below or _is_told_in_pairs(header):
        return False
    if not is_row_of_names(record.cells, below):
        return False
    weighed = evidence(header.cells, [record.cells, *below])
    if _has_gaps(header, record):
        return any(mine and not theirs for mine, theirs in zip(record.cells, header.cells, strict=True))
    return weighed.against == 0 and evidence(record.cells, below).for_it >= max(2, weighed.typed)


def _end_of_table(
    records: Sequence[Record], start: int, names: tuple[str, ...], width: int, again: str | None
) -> int:
    """Return the index behind the table whose records begin at `start`: where another one begins.

    A line that says `again` belongs to the table.
    """
    for index in range(start, len(records)):
        record = records[index]
        if not record.filled:
            is_gap = index > start and records[index - 1].filled
            if is_gap and not _goes_on(records, index, again) and _begins_table(records, index, width, names):
                return index
        elif (len(names) > 1 and _names(record) == names and record.line != again) or (
            record.width != width and _is_other_table(records, index)
        ):
            return index
    return len(records)


def _goes_on(records: Sequence[Record], gap: int, again: str | None) -> bool:
    """Whether the first line behind the blank rows at index `gap` only says the header again."""
    return again is not None and next((one.line for one in records[gap:] if one.filled), None) == again


def _names(record: Record) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in record.cells)


def _begins_table(records: Sequence[Record], gap: int, width: int, names: tuple[str, ...]) -> bool:
    """Whether another table begins behind the blank row at index `gap`: a header of its own, or another width."""
    start = next((i for i in range(gap, len(records)) if records[i].filled > 1), None)
    if start is None:
        return False
    candidate = records[start]
    if names and _names(candidate)[: len(names)] == names:
        return True
    below = _below(records, start, candidate.width)
    if not below:
        return False
    if candidate.width != width:
        return True
    weighed = evidence(candidate.cells, below)
    has_title = any(record.filled for record in records[gap:start])
    return weighed.against == 0 and (weighed.for_it > 0 or (has_title and weighed.named > 0))


def _is_other_table(records: Sequence[Record], index: int) -> bool:
    """Whether records of one other width, under names of their own, begin at `index`."""
    run = records[index : index + _RUN + 1]
    other = run[0].width
    if other < 2 or len(run) < _RUN or any(record.width != other or record.is_broken for record in run):
        return False
    return evidence(run[0].cells, _below(records, index, other)).is_plain


def _gap_above_notes(body: Sequence[Record], width: int) -> int | None:
    """Return the index of the last blank row if all rows behind it are few and shorter than the table's."""
    gap = next((index for index in range(len(body) - 1, 0, -1) if not body[index].filled), 0)
    behind = body[gap + 1 :]
    if gap and 0 < len(behind) <= min(_NOTES, gap) and all(record.width < width for record in behind):
        return gap
    return None


def _may_be_note(body: Sequence[Record], width: int) -> bool:
    """Whether the last row of `body` is blank or says too little to be a record."""
    last = body[-1]
    if not last.filled:
        return True
    if width > 1 and last.filled < width and is_total(last.cells):
        return True
    if width < 2 or last.filled > 1 or last.is_broken or (width == 2 and last.width == width):
        return False
    sparse = sum(record.filled == 1 and record.width == last.width for record in body)
    return last.cells[0].strip() != "" and sparse <= max(3, len(body) // 20)
