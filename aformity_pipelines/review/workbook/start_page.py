"""The first sheet of an exception workbook: what it is, by when it is needed, how to answer.

Keep out: findings, and how the sheet looks.
"""

from collections.abc import Iterator
from datetime import date

from aformity_pipelines.review.workbook.choices import (
    ACCEPT,
    APPROVE,
    ASK,
    CLEAR,
    KEEP_APART,
    LEAVE_OUT,
    LOOK_INTO,
    MERGE,
    WAIVE,
)
from aformity_pipelines.review.workbook.layout import ANSWER, DUE, NEW_VALUE, OWNER, REASON
from aformity_pipelines.review.workbook.shape import FIELD_MAP, Book

_HOW = (
    (
        "1",
        f"Go to the sheet with your name. Each finding begins with a grey line; its rows follow. Choose an {ANSWER} from"
        " the list and say why.",
    ),
    (
        "2",
        "One answer for all: fill in the grey line. It holds for every row below that you leave blank and do not delete.",
    ),
    (
        "3",
        f"{REASON} is always needed: your own words, one sentence. They are kept, and shown to whoever asks later.",
    ),
    (
        "4",
        f"To correct a value, choose `Correct …` and write the right value into `{NEW_VALUE}`; write {CLEAR} to empty the"
        " field. Please do not change what is delivered on the left: it would not be read.",
    ),
    (
        "5",
        f"You may filter, and send the workbook back half finished. (To sort, take the protection of the sheet off first;"
        f" there is no password.) {FIELD_MAP} is answered in the same way: {APPROVE}, or ask in the comment.",
    ),
)
_WORDS = (
    (ACCEPT, "The value stays as it is, and you know what follows from that. Nobody has to act."),
    (LEAVE_OUT, "This row is not brought over at all."),
    ("Launch with …", "This row is not brought over now but with that later launch."),
    ("Correct … to …", f"The field gets what you write into `{NEW_VALUE}`."),
    (LOOK_INTO, f"Somebody finds out. Needs an {OWNER} and a {DUE}; until then the row waits."),
    (ASK, f"Like that, and the {REASON} is your question to the {OWNER}."),
    (
        MERGE,
        f"Several rows are one record. Write into `{NEW_VALUE}` which row stays: what stands in its column Row.",
    ),
    (KEEP_APART, "They look alike and are different. Nobody will merge them. Answer at least two rows so."),
    (WAIVE, "For whole findings only: you do not need this rule, for rows to come either."),
)


def start_page(book: Book) -> Iterator[tuple[str, str]]:
    """Yield the lines of the sheet: a word in bold and what is said of it, either of them empty."""
    yield (f"{book.customer}: please review", "")
    yield ("", "")
    yield (
        "What this is",
        f"Your data is being moved into the product; {book.wave.replace('_', ' ')} launches on {_day(book.launches_on)}."
        " This workbook lists what only you can decide. What you answer is recorded as your decision, for exactly the"
        " rows and values that stand here.",
    )
    if book.due:
        yield ("By when", f"Please answer by {_day(book.due)}: that is when the first item is due.")
    yield ("As of", f"{_day(book.as_of)}. Rows that changed since are told apart when it comes back.")
    yield ("Please keep private", "It holds your own data as delivered, names and addresses among it.")
    yield ("", "")
    yield ("How to answer", "")
    yield from _HOW
    yield ("", "")
    yield ("What the answers mean", "")
    yield from _WORDS
    yield ("", "")
    yield ("Who answers what", "")
    for sheet in book.sheets:
        rows = sum(len(block.lines) for block in sheet.blocks)
        yield (sheet.name, f"{_counted(len(sheet.blocks), 'finding')}, {_counted(rows, 'row')}")
    if book.field_map:
        yield (
            FIELD_MAP,
            f"{_counted(len(book.field_map), 'field')}: where each comes from and what becomes of it",
        )


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what if number == 1 else what + 's'}"
