"""The record that hostile text is put into: every field of every part is filled at least once.

A field that the contract gains is named by a test until it is filled here or in the builders.
"""

from datetime import date

from aformity_pipelines.domain.launch.field_map import MappingKind
from aformity_pipelines.domain.launch.rows import KeptApart
from aformity_pipelines.domain.launch.statements import Choice, Count, Meeting, Table
from aformity_pipelines.domain.launch.unresolved import Handover
from aformity_pipelines.domain.launch_record import LaunchRecord
from tests.handoff.builders import full_record
from tests.handoff.people import INES, MARA, TOM
from tests.handoff.wave_builders import COMPARED, RELEASED, WAVES


def attacked_record() -> LaunchRecord:
    """The full record, and in it what it has no example of: a rare kind of decision, of count, of mapping."""
    record = full_record()
    return record.model_copy(
        update={
            "mapping": (_through_models(record), *record.mapping[1:]),
            "history": (*record.history[:-1], _superseded(record)),
            "unresolved": (_handed_over(record), *record.unresolved[1:]),
            "reported": (record.reported[0].model_copy(update={"gate": "mapped"}), *record.reported[1:]),
            "deferred": (record.deferred[0].model_copy(update={"follows": "account"}), *record.deferred[1:]),
            "excluded": (
                record.excluded[0].model_copy(update={"source": "crm_accounts", "part": "main"}),
                *record.excluded[1:],
            ),
            **WAVES,
            "changes": record.changes
            and record.changes.model_copy(update={"decisions_ended": ("D-012",), "released": (RELEASED,), "compared": (COMPARED,)}),
            "export": record.export
            and record.export.model_copy(
                update={"files": (record.export.files[0].model_copy(update={"updates": "account"}), *record.export.files[1:])}
            ),
            "counts": (*record.counts, *_counts()),
            "kept_apart": (
                KeptApart(
                    decision="D-012", entity="contact", says="Two people share a mailbox.", why="They said so.",
                    decided_by=TOM, decided_on=date(2026, 11, 21), rule="contact.duplicates",
                    rows=("crm_contacts:5", "crm_contacts:6"), row_count=2,
                ),
            ),
        }
    )  # fmt: skip


def _through_models(record: LaunchRecord) -> object:
    return record.mapping[0].model_copy(
        update={
            "kind": MappingKind.TRANSFORMED,
            "sql": "trim(c0001)",
            "models": ("stg_account", "account"),
            "says_model": "A merged record has the survivor's value",
            "values_approved_by": "D-002",
        }
    )


def _superseded(record: LaunchRecord) -> object:
    return record.history[-1].model_copy(
        update={
            "about": "How the file is read",
            "concerns": "D-010",
            "supersedes": "D-009",
            "supersedes_because": "The depot wrote again.",
            "ended_by": "D-011",
            "idle": "a second person has to stand by it",
        }
    )


def _handed_over(record: LaunchRecord) -> object:
    handover = Handover(
        decision="D-010", on=date(2026, 11, 19), before=INES, due_before=date(2026, 11, 22), why=f"{MARA.name} asked."
    )  # fmt: skip
    return record.unresolved[0].model_copy(update={"handover": handover, "gate": "mapped"})


def _counts() -> tuple[Count, ...]:
    meets = Meeting(
        table=Table.FINDINGS, on={"row_id": "row_id"}, where={"rule": ("a.b",)}, absent=("owner",)
    )
    return (
        Count(
            name="count.account.met",
            value=3,
            table=Table.LEDGER,
            absent=("reason",),
            present=("live_since",),
            first_word={"reason": "rule"},
            any_of=(Choice(where={"fate": ("exported",)}, meets=meets),),
        ),
        Count(name="count.account.lines", value=1180, table=Table.FILE, file="account.csv"),
    )
