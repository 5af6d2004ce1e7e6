"""What a handoff of a later wave has beside the rest: live exports, updates, vanished rows, a re-validation."""

from datetime import date
from typing import Any

from aformity_pipelines.domain.customer import Vanished
from aformity_pipelines.domain.destination_changes import Change, Overridden
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.changes import Released
from aformity_pipelines.domain.launch.waves import (
    BuiltFrom,
    FieldUpdate,
    LiveExport,
    Loaded,
    UpdateExample,
    VanishedRows,
)
from aformity_pipelines.domain.profile import ColumnChanges, Renamed
from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.domain.revalidation import Counted, Revalidation, RowState
from tests.handoff.people import TOM

LOADED = Loaded(decision="D-012", by=TOM, on=date(2026, 11, 21))
EARLIER = LiveExport(
    wave="pilot",
    version="v0002-1a2b3c4d",
    as_of=date(2026, 11, 20),
    created={"account": 12},
    updated={"contact": 1},
    built_from=(
        BuiltFrom(
            source="crm_accounts", file="accounts_oct.csv", received_on=date(2026, 10, 5), sha256="ab" * 32
        ),
    ),
    loaded=LOADED,
)
REGION = FieldUpdate(
    entity="account",
    field="region",
    records=7,
    filled=2,
    cleared=1,
    examples=(
        UpdateExample(row="crm_accounts:12", before="North", after="South"),
        UpdateExample(row="crm_accounts:13", before=None, after="South"),
    ),
)
GONE = VanishedRows(
    source="crm_accounts",
    policy=Vanished.ASK,
    file="accounts_nov.csv",
    received_on=date(2026, 11, 2),
    rows=9,
    open=4,
    kept=3,
    left_out=2,
    evidence=("ledger",),
    examples=("crm_accounts:611",),
)
TESTED = Revalidation(
    customer="brightwater",
    wave="southern_depots",
    number=2,
    as_of=date(2026, 11, 25),
    previous=1,
    previous_as_of=date(2026, 11, 18),
    ready=200,
    still_blocked=5,
    newly_blocked=3,
    overdue=1,
    in_export=1,
    lines=(
        Counted(
            entity="account",
            state=RowState.OVERDUE,
            because="account.region.required",
            says="Every account needs a region.",
            owner=TOM.name,
            due=date(2026, 11, 20),
            rows=1,
        ),
        Counted(entity="account", state=RowState.NEWLY_BLOCKED, says="The plan is not known.", rows=3),
        Counted(entity="contact", state=RowState.STILL_BLOCKED, says="The account is not ready.", rows=5),
        Counted(entity="contact", state=RowState.NOW_READY, rows=200),
    ),
    gates_closed=("mapped subscription",),
    changed=("A new file of contacts came.",),
    decisions_added=("D-011",),
    decisions_ended=("D-009",),
    left=2,
    log_seq=11,
    inputs={"destination": "cd" * 32},
)
SHORTER = Overridden(
    part="account.name.max_length",
    change=Change.CHANGED,
    before="200",
    after="40",
    why="Their badges hold 40 letters.",
)
COMPARED = Redelivery(
    source="crm_contacts",
    before="ab" * 32,
    now="cd" * 32,
    before_file="contacts_oct.csv",
    now_file="contacts_nov.csv",
    rows_before=900,
    rows_now=910,
    added=25,
    removed=15,
    changed=40,
    unchanged=845,
    changed_by_column={"Mail": 30, "Role": 12},
    moved=3,
    without_key=1,
    reused_keys=2,
    replaced_rows=4,
    columns=ColumnChanges(
        added=("Fax",),
        removed=("Telex",),
        renamed=(Renamed(before="Tel", now="Telephone"),),
        respelled=(Renamed(before="E-mail", now="E-Mail"),),
        moved=("Role",),
    ),
    format={"encoding": ("cp1252", "utf-8")},
)
RELEASED = Released(
    entity="contact",
    fate=Fate.UNRESOLVED,
    says="were held back by a rule (Every address can be reached)",
    evidence=("ledger",),
    number=12,
    rows=("crm_contacts:9",),
)
WAVES: dict[str, Any] = {
    "loaded": LOADED,
    "builds_on": (EARLIER,),
    "updates": (REGION,),
    "vanished": (GONE,),
    "revalidations": (TESTED,),
    "overrides": (SHORTER,),
}
"""Section of the record -> what a later wave has there."""
