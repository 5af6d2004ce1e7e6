"""What a customer may ask, for launch records in tests: questions, answers, losses, changes, counts and rules."""

from datetime import date

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.answers import (
    Answer,
    AskedAbout,
    LikelyQuestion,
    OpenAnswer,
    OpenQuestion,
)
from aformity_pipelines.domain.launch.changes import Changes, FateMove
from aformity_pipelines.domain.launch.field_map import ColumnFate, ColumnLine
from aformity_pipelines.domain.launch.losses import Loss, LossLine, LossSort
from aformity_pipelines.domain.launch.rows import MergedField
from aformity_pipelines.domain.launch.statements import Choice, Count, Meeting, RuleLine, Statement, Table
from tests.handoff.people import TOM


def questions() -> tuple[LikelyQuestion, ...]:
    """Five settled questions, so that one of them is folded."""
    return (
        LikelyQuestion(about=AskedAbout.BLANK, asks="Why do 17 accounts have no region?", says="Their depot is closed, and Mara Lindqvist agreed on 12 November that they get one with the next yearly plan.", moment="reporting", entity="account", field="region", records=17, evidence=("D-004", "count.account.region.blank")),
        LikelyQuestion(about=AskedAbout.ROLE, asks="Why are four depot leads administrators?", says="They train their teams in the first month; the roles are reviewed in January.", moment="permissions", entity="user", field="role", records=4, evidence=("D-008",)),
        LikelyQuestion(about=AskedAbout.EXCLUDED, asks="Where are the accounts from before 2019?", says="Finance keeps that history in its own system, so 46 accounts without an order since 2019 stay there.", moment="reporting", entity="account", records=46, evidence=("D-006", "ledger")),
        LikelyQuestion(about=AskedAbout.MERGED, asks="Why is Harbour Cold Store one account now?", says="It was listed twice with the same registration number; nothing of either row is lost.", moment="reporting", entity="account", records=2, evidence=("D-011",)),
        LikelyQuestion(about=AskedAbout.DEFERRED, asks="When do the southern depots come?", says="On 18 January 2027, after their contracts are renewed.", moment="onboarding", entity="account", records=38, evidence=("D-005",)),
    )  # fmt: skip


def open_questions() -> tuple[OpenQuestion, ...]:
    """Two questions that nobody can answer finally yet, one overdue."""
    return (
        OpenQuestion(about=AskedAbout.HELD, asks="Why can 25 contacts not sign in yet?", says="Their e-mail addresses cannot be delivered to, and the correct ones are being collected.", moment="first_login", entity="contact", field="email", records=25, owner=TOM, due=date(2026, 12, 3), is_overdue=False, evidence=("contact.email.format",)),
        OpenQuestion(about=AskedAbout.HELD, asks="Why do six accounts get no invoices yet?", says="Their addresses have no postal code, and the codes are being looked up.", moment="billing", entity="account", field="billing_address", records=6, owner=TOM, due=date(2026, 11, 24), is_overdue=True, evidence=("D-009",)),
    )  # fmt: skip


def answers() -> tuple[Answer, ...]:
    """One settled answer of most kinds; one is shared by many rows, one is about a field itself."""
    return (
        Answer(about=AskedAbout.BLANK, entity="account", field="region", says="The region is blank because the depot is closed; that was agreed.", detail="Delivered was n/a, which the value map reads as nothing.", moment="reporting", evidence=("D-004", "account.region.required"), rows=tuple(f"crm_accounts:{n}" for n in range(301, 318)), row_count=17),
        Answer(about=AskedAbout.VALUE, entity="account", field="name", says="The name was corrected to Harbour Cold Store.", evidence=("D-006",), rows=("crm_accounts:12",), row_count=1),
        Answer(about=AskedAbout.MERGED, entity="account", says="Two rows became one account, because they have one registration number.", detail="The second row contributed the billing address.", evidence=("D-011",), rows=("crm_accounts:41", "crm_accounts:977"), row_count=2),
        Answer(about=AskedAbout.EXCLUDED, entity="contact", says="This contact asked to be forgotten and is not brought over.", evidence=("D-007",), rows=tuple(f"crm_contacts:{n}" for n in range(4000, 4120)), row_count=120),
        Answer(about=AskedAbout.ROLE, entity="user", field="role", says="This person is an administrator, because the old system called them a Super User.", moment="permissions", evidence=("D-003", "D-008"), rows=("crm_contacts:77", "crm_contacts:102"), row_count=4),
        Answer(about=AskedAbout.MAPPING, entity="account", field="billing_address", says="The address is put together from Street, Zip and City.", moment="billing", evidence=("D-001",), row_count=0),
    )  # fmt: skip


def open_answers() -> tuple[OpenAnswer, ...]:
    """Two answers that wait for somebody, one overdue."""
    return (
        OpenAnswer(about=AskedAbout.HELD, entity="contact", field="email", says="This contact is not live yet, because its e-mail address cannot be delivered to.", moment="first_login", owner=TOM, due=date(2026, 12, 3), is_overdue=False, evidence=("contact.email.format",), rows=tuple(f"crm_contacts:{n}" for n in range(2000, 2025)), row_count=25),
        OpenAnswer(about=AskedAbout.BLANK, entity="account", field="billing_address", says="This account is not live yet, because its address has no postal code.", detail="Street and city were delivered.", owner=TOM, due=date(2026, 11, 24), is_overdue=True, evidence=("D-009",), rows=("crm_accounts:12", "crm_accounts:13"), row_count=2),
    )  # fmt: skip


def losses() -> tuple[LossLine, ...]:
    """One field mapping that loses nothing, one whose loss was agreed, one whose loss was not."""
    return (
        LossLine(entity="account", field="external_id", source="crm_accounts", part="main", headers=("Account No",), rows=1284),
        LossLine(entity="account", field="region", source="crm_accounts", part="main", headers=("Depot",), rows=1284, distinct_before=22, distinct_after=4, losses=(Loss(sort=LossSort.COLLAPSED, number=18, says="22 depots became 4 regions.", covered_by=("D-002",)), Loss(sort=LossSort.CLEARED, number=17, says="n/a became blank.", covered_by=("D-002", "D-004")))),
        LossLine(entity="user", field="role", source="crm_contacts", part="login", headers=("Profile",), rows=5118, distinct_before=7, distinct_after=2, losses=(Loss(sort=LossSort.COLLAPSED, number=5, says="7 profiles became 2 roles."),)),
    )  # fmt: skip


def columns() -> tuple[ColumnLine, ...]:
    """A column of every fate."""
    return (
        ColumnLine(source="crm_accounts", header="Account No", says="Your own number of the account", fate=ColumnFate.MAPPED, fields=("account.external_id",)),
        ColumnLine(source="crm_accounts", header="Street", fate=ColumnFate.COMBINED, fields=("account.billing_address",)),
        ColumnLine(source="crm_accounts", header="Fax", fate=ColumnFate.EXCLUDED, why="Nobody has sent a fax since 2017."),
        ColumnLine(source="crm_accounts", header="Legacy rating", fate=ColumnFate.ARCHIVED, why="Kept for the yearly audit, not shown in the product."),
        ColumnLine(source="crm_contacts", header="Assistant", fate=ColumnFate.ARCHIVED, why="The product has no such field; the archive keeps it."),
        ColumnLine(source="depots", header="Region", fate=ColumnFate.LOOKED_UP, fields=("account.region",)),
    )  # fmt: skip


def changes() -> Changes:
    """Rows released, a decision added, one gone stale."""
    return Changes(
        since_wave="first",
        since_version="v0003-1a2b3c4d",
        since_log_seq=9,
        since_as_of=date(2026, 11, 19),
        moves=(
            FateMove(entity="contact", before=Fate.UNRESOLVED, after=Fate.EXPORTED, number=12, rows=("crm_contacts:9", "crm_contacts:10")),
            FateMove(entity="account", before=None, after=Fate.EXCLUDED, number=2),
            FateMove(entity="account", before=Fate.EXPORTED, after=None, number=1, rows=("crm_accounts:12",)),
        ),
        decisions_added=("D-010", "D-011", "D-012"),
        decisions_ended=("D-012",),
        decisions_stale=("D-001",),
        work_settled=("D-007",),
        work_opened=("D-010",),
        deliveries=("crm_contacts",),
        says=(Statement(says="12 contacts that waited are live now.", evidence=("count.contact.released",)),),
    )  # fmt: skip


def counts() -> tuple[Count, ...]:
    """Two counts that statements name."""
    return (
        Count(name="count.account.region.blank", value=17, table=Table.LEDGER, where={"entity": ("account",)}, distinct=("row_id",)),
        Count(name="count.contact.released", value=12, table=Table.LEDGER, where={"entity": ("contact",), "fate": ("exported",)}),
        Count(name="count.account.waiting", value=6, table=Table.LEDGER, where={"entity": ("account",)}, absent=("wave",), first_word={"reason": "rule"}, any_of=(Choice(where={"fate": ("unresolved",)}, meets=Meeting(table=Table.FINDINGS, on={"row_id": "row_id"}, where={"rule": ("account.region.required",)}, absent=("accepted_by",))),)),
        Count(name="count.records.account", value=1180, table=Table.FILE, file="account.csv"),
    )  # fmt: skip


def rules() -> tuple[RuleLine, ...]:
    """One rule of each policy."""
    return (
        RuleLine(rule="contact.email.format", gate="mapped", subject="contact", says="An e-mail address can be delivered to.", policy=Policy.HOLD, moment="first_login", checked=4732, failing=25),
        RuleLine(rule="account.region.required", gate="mapped", subject="account", says="Every account has a region.", policy=Policy.BLOCK, moment="reporting", checked=1284, failing=17),
        RuleLine(rule="account.website.address", gate="mapped", subject="account", says="A website is a full address.", policy=Policy.REPORT, moment="", checked=1284, failing=2),
    )  # fmt: skip


def disagreements() -> tuple[MergedField, ...]:
    """Two fields in which merged rows disagree; in one of them a blank lost."""
    return (
        MergedField(field="name", won="Harbour Cold Store", row="crm_accounts:41", lost={"crm_accounts:977": "HARBOUR COLD STORE "}),
        MergedField(field="region", won="north", row="crm_accounts:41", lost={"crm_accounts:977": ""}),
    )  # fmt: skip
