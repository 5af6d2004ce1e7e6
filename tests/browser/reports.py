"""The launch records that are looked at in a browser, by name."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from aformity_pipelines.domain.launch.answers import Answer, AskedAbout, OpenAnswer
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.launch_record import LaunchRecord
from tests.handoff.attacked import attacked_record
from tests.handoff.builders import TOM, empty_record, full_record, wide_record
from tests.handoff.hostile import CORPUS, rewritten

GOLDEN = Path(__file__).parents[1] / "golden"


def sample(customer: str, wave: str = "wave_1") -> LaunchRecord:
    """The golden launch record of a sample customer; the sizes that differ from machine to machine are one."""
    text = (GOLDEN / customer / wave / "launch_record.json").read_text(encoding="utf-8")
    text = text.replace('"size": "..."', '"size": 1024')
    return LaunchRecord.model_validate_json(text)


def retested_record() -> LaunchRecord:
    """A first wave that says more at a glance than others: work that holds nothing, and a later wave tested again."""
    record = sample("lumen_labs")
    more = (
        Statement(says="1 open item holds nothing back: no row waits for it.", evidence=("unresolved",)),
        Statement(
            says="Wave 2 was tested again on 8 January 2027: 263 rows, 180 ready, 12 still held back and 71 overdue.",
            evidence=("revalidations",),
        ),
    )
    return record.model_copy(update={"glance": (*record.glance, *more)})


def hostile_record() -> LaunchRecord:
    """The attacked record with the whole hostile corpus in every text."""
    return rewritten(attacked_record(), lambda text: text + CORPUS)


def busy_record() -> LaunchRecord:
    """Five thousand findings: half of the rows have an answer of their own, the others share one in tens."""
    labels = {f"crm:{n}": f"crm-{n:04} (contacts_november.csv, row {n + 1})" for n in range(5000)}
    alone = tuple(_answer(n, tuple(labels)[n : n + 1]) for n in range(2000))
    shared = tuple(_answer(n, tuple(labels)[n : n + 10]) for n in range(2000, 4500, 10))
    waits = tuple(
        OpenAnswer(
            about=AskedAbout.HELD,
            entity="contact",
            field="email",
            says=f"Ten contacts of depot {n} are not there yet: their addresses cannot be delivered to.",
            owner=TOM,
            due=date(2026, 12, 3),
            is_overdue=False,
            evidence=("contact.email.format",),
            rows=tuple(labels)[n : n + 10],
            row_count=10,
        )
        for n in range(4500, 5000, 10)
    )
    return full_record().model_copy(
        update={"answers": (*alone, *shared), "open_answers": waits, "row_labels": labels}
    )


def _answer(number: int, rows: tuple[str, ...]) -> Answer:
    return Answer(
        about=AskedAbout.BLANK,
        entity=("account", "contact", "user")[number % 3],
        field=("region", "email", "role", "owner", "phone")[number % 5],
        says=f"It is blank because the delivered file had no value there, list {number}.",
        detail=f"Delivered: n/a {number}",
        moment="reporting",
        evidence=("D-004", "account.region.required"),
        rows=rows,
        row_count=len(rows),
    )


RECORDS: dict[str, Callable[[], LaunchRecord]] = {
    "full": full_record,
    "empty": empty_record,
    "wide": wide_record,
    "busy": busy_record,
    "hostile": hostile_record,
    "lumen_labs": lambda: sample("lumen_labs"),
    "northwind": lambda: sample("northwind"),
    "retested": retested_record,
    "second_wave": lambda: sample("lumen_labs", "wave_2"),
}
