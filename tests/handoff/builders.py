"""Launch records for tests: one full and believable, one empty, one as wide as a report must bear."""

from datetime import date

from aformity_pipelines.domain.delivery_line import DeliveryLine
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.export_files import Export, ExportFile, Graph, GraphNode
from aformity_pipelines.domain.launch.field_map import Example, MappedField, MappingKind
from aformity_pipelines.domain.launch.outcomes import EntityOutcome, FateRow, GateState, MomentState
from aformity_pipelines.domain.launch.review import HistoryLine, LogEnd
from aformity_pipelines.domain.launch.risks import AcceptedRisk, ReportedFinding
from aformity_pipelines.domain.launch.rows import Deferral, Exclusion, KeptApart, Merge, MergedPart
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.launch.unresolved import Handover, UnresolvedWork
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.domain.waiting_file import AskedOfFile, WaitingFile
from tests.handoff import answer_builders
from tests.handoff.people import INES, MARA, TOM

FATES = (
    ("account", "crm_accounts", Fate.EXPORTED, Reason.READY, 1180),
    ("account", "crm_accounts", Fate.MERGED, Reason.DECISION, 14),
    ("account", "crm_accounts", Fate.EXCLUDED, Reason.DECISION, 46),
    ("account", "crm_accounts", Fate.DEFERRED, Reason.WAVE, 38),
    ("account", "crm_accounts", Fate.UNRESOLVED, Reason.RULE, 6),
    ("contact", "crm_contacts", Fate.EXPORTED, Reason.READY, 4732),
    ("contact", "crm_contacts", Fate.MERGED, Reason.DECISION, 61),
    ("contact", "crm_contacts", Fate.EXCLUDED, Reason.DECISION, 120),
    ("contact", "crm_contacts", Fate.DEFERRED, Reason.WAVE, 171),
    ("contact", "crm_contacts", Fate.UNRESOLVED, Reason.RULE, 25),
    ("contact", "crm_contacts", Fate.UNRESOLVED, Reason.PARENT, 9),
    ("user", "crm_contacts", Fate.EXPORTED, Reason.READY, 212),
    ("user", "crm_contacts", Fate.EXCLUDED, Reason.MAPPING, 4898),
    ("user", "crm_contacts", Fate.UNRESOLVED, Reason.RULE, 8),
)
LABELS = {"account": ("account", "accounts"), "contact": ("contact", "contacts"), "user": ("user", "users")}


def outcomes(rows: tuple[FateRow, ...], labels: dict[str, tuple[str, str]]) -> tuple[EntityOutcome, ...]:
    """Sum `rows` by entity, so that the record's own checks hold."""
    found = []
    for entity, (one, many) in labels.items():
        fates = {fate: sum(r.rows for r in rows if r.entity == entity and r.fate is fate) for fate in Fate}
        found.append(
            EntityOutcome(
                entity=entity,
                label=one.capitalize(),
                plural=many.capitalize(),
                delivered=sum(fates.values()),
                fates=fates,
                records=fates[Fate.EXPORTED],
            )
        )
    return tuple(found)


def full_record() -> LaunchRecord:
    """A second-week launch of a mid-sized customer, every section filled."""
    fates = tuple(FateRow(entity=e, source=s, fate=f, reason=r, rows=n) for e, s, f, r, n in FATES)
    return LaunchRecord(
        customer="brightwater",
        label="Brightwater Logistics",
        replaces="SugarCRM 9 and two shared spreadsheets",
        replaces_why="Dispatch needs current contacts on the first Monday",
        wave="first",
        wave_says="Active customers of the northern depots",
        launches_on=date(2026, 11, 30),
        as_of=date(2026, 11, 26),
        destination="b2b_saas",
        destination_version="4.2.0",
        log=LogEnd(seq=12, sha256="9f2c4b7de1a05583c6f0f1be77a3d5c29e8b0c4d6a1f3e5b7c9d0e2f4a6b8c1d"),
        glance=(
            Statement(
                says="Accounts, contacts and users are ready for 30 November; 39 rows wait for an answer and 209 launch with the southern depots.",
                evidence=("ledger", "manifest"),
            ),
            Statement(says="Opportunities closed before 2019 stay in the archive.", evidence=("D-006",)),
        ),
        outcomes=outcomes(fates, LABELS),
        fates=fates,
        gates=gates(),
        moments=moments(),
        mapping=mapping(),
        columns=answer_builders.columns(),
        losses=answer_builders.losses(),
        questions=answer_builders.questions(),
        open_questions=answer_builders.open_questions(),
        answers=answer_builders.answers(),
        open_answers=answer_builders.open_answers(),
        changes=answer_builders.changes(),
        counts=answer_builders.counts(),
        rules=answer_builders.rules(),
        accepted_risks=accepted_risks(),
        unresolved=unresolved(),
        waiting=waiting(),
        reported=reported(),
        row_labels={"crm_accounts:12": "A-0012 (accounts_nov.csv, row 13)", "crm_accounts:977": "A-0977 (accounts_nov.csv, row 978)"},
        deferred=(
            Deferral(wave="southern_depots", launches_on=date(2027, 1, 18), entity="account", says="Accounts of the southern depots move when their contracts are renewed.", evidence=("D-005",), rows=38, examples=("crm_accounts:611", "crm_accounts:612"), released_by="The day of the wave, 18 January 2027."),
            Deferral(wave="southern_depots", launches_on=date(2027, 1, 18), entity="contact", says="Contacts follow the account that they belong to.", evidence=("D-005", "contact.account.relationship"), rows=171, follows="account", released_by="The account that they belong to.", examples=("crm_contacts:1802", "crm_contacts:1803", "crm_contacts:1811")),
        ),
        excluded=(
            Exclusion(entity="account", says="Accounts without an order since 2019 are not brought over.", why="Finance keeps that history in its own system.", evidence=("D-006",), source="crm_accounts", part="main", rows=46, examples=tuple(f"crm_accounts:{n}" for n in range(900, 914))),
            Exclusion(entity="contact", says="Contacts who asked to be forgotten are not brought over.", why="Data protection officer's list of 2 November.", evidence=("D-007",), rows=120),
        ),
        merged=merges(),
        kept_apart=kept_apart(),
        history=history(),
        deliveries=deliveries(),
        export=export(),
        graph=graph(("crm_accounts", "crm_contacts"), (("account", ("crm_accounts",)), ("contact", ("crm_contacts",)), ("user", ("crm_contacts",)))),
        notices=(Statement(says="The readable Excel copy of contacts stops at 100,000 rows; this wave has fewer.", evidence=("manifest",)),),
    )  # fmt: skip


def gates() -> tuple[GateState, ...]:
    """Four gates, one of them closed."""
    return (
        GateState(gate="intake", subject="crm_accounts", is_open=True, rules=6, failing_rules=0),
        GateState(gate="intake", subject="crm_contacts", is_open=True, rules=7, failing_rules=1),
        GateState(gate="mapped", subject="contact", is_open=True, rules=15, failing_rules=2),
        GateState(
            gate="mapped",
            subject="subscription",
            is_open=False,
            rules=9,
            failing_rules=1,
            reasons=("subscription.plan.allowed: 12 rows name a plan that the product does not have",),
        ),
    )


def moments() -> tuple[MomentState, ...]:
    """Five product moments in every state."""
    return (
        MomentState(moment="first_login", label="First login", says="People can sign in on the first day.", accepted=0, unresolved=8, records=212),
        MomentState(moment="onboarding", label="Onboarding completion", says="The setup guide starts where the customer stands.", accepted=0, unresolved=0, records=0, absent=("Accounts",)),
        MomentState(moment="permissions", label="Permissions", says="Everybody sees what their role allows.", accepted=4, unresolved=0, records=212),
        MomentState(moment="billing", label="Billing", says="Invoices reach the right address.", accepted=17, unresolved=6, records=1180),
        MomentState(moment="reporting", label="Reporting", says="Regions add up as they did before.", accepted=0, unresolved=0, records=1180, absent=("Users",)),
    )  # fmt: skip


def mapping() -> tuple[MappedField, ...]:
    """A field map with every kind of mapping and every state of approval."""
    accounts, contacts = (
        {"entity": "account", "source": "crm_accounts"},
        {"entity": "contact", "source": "crm_contacts"},
    )
    return (
        MappedField(**accounts, field="external_id", says="The number by which your team knows the account.", moment="reporting", kind=MappingKind.DIRECT, headers=("Account No",), approved_by="D-001", approval="approved", rows=1180, filled=1180, examples=(Example(before="0004711", after="0004711", rows=1180),), upstream=("crm_accounts.Account No",)),
        MappedField(**accounts, field="name", says="The name that every screen shows.", moment="onboarding", kind=MappingKind.TRANSFORMED, headers=("Account Name",), rule="trim, collapse_spaces", approved_by="D-001", approval="approved", rows=1180, filled=1180, changed=212, corrected=3, corrected_by=("D-006",), examples=(Example(before="  Harbour  Cold Store ", after="Harbour Cold Store", rows=41), Example(before="Ridge & Sons\u00a0Ltd", after="Ridge & Sons Ltd", rows=7)), upstream=("crm_accounts.Account Name",)),
        MappedField(**accounts, field="billing_address", says="Where invoices go.", moment="billing", kind=MappingKind.COMBINED, headers=("Street", "Zip", "City"), rule="join ', '", formula="CASE WHEN 1 THEN 2 END", approved_by="D-001", approval="approval is stale", rows=1180, filled=1174, changed=1174, unreadable=6, examples=(Example(before="Dock Rd 4 | 0150 | Oslo", after="Dock Rd 4, 0150, Oslo", rows=1),), upstream=("crm_accounts.Street", "crm_accounts.Zip", "crm_accounts.City")),
        MappedField(**accounts, field="region", says="The region that reports are grouped by.", moment="reporting", kind=MappingKind.TRANSFORMED, headers=("Depot",), rule="values depot_to_region", approved_by="D-001", values_approved_by="D-002", sql="CASE \"depot\" WHEN 'NO-1' THEN 'north' END", models=("stg_accounts", "accounts"), says_model="Closed depots become blank.", approval="approved", rows=1180, filled=1163, changed=1163, examples=(Example(before="NO-1", after="north", rows=640), Example(before="n/a", after="", rows=17)), upstream=("crm_accounts.Depot", "depots.Region")),
        MappedField(**accounts, field="currency", says="The currency of every invoice.", moment="billing", kind=MappingKind.CONSTANT, rule="NOK", approved_by="D-001", approval="approved", rows=1180, filled=1180),
        MappedField(**accounts, field="parent_account", says="The account that this one reports to.", moment="reporting", kind=MappingKind.NOT_MAPPED, rows=1180),
        MappedField(**contacts, field="email", says="The address that people sign in with.", moment="first_login", kind=MappingKind.TRANSFORMED, headers=("E-Mail",), rule="trim, lower", approved_by="D-003", approval="approved", rows=4732, filled=4701, changed=988, examples=(Example(before="J.Berg@HARBOUR.example ", after="j.berg@harbour.example", rows=1),), upstream=("crm_contacts.E-Mail",)),
        MappedField(**contacts, field="full_name", says="What colleagues call this person.", moment="adoption", kind=MappingKind.COMBINED, headers=("First", "Last"), rule="join ' '", approval="not approved", rows=4732, filled=4732, changed=4732, upstream=("crm_contacts.First", "crm_contacts.Last")),
        MappedField(entity="user", source="crm_contacts", part="login", field="role", says="What this person may do.", moment="permissions", kind=MappingKind.TRANSFORMED, headers=("Profile",), rule="values profile_to_role", approved_by="D-003", approval="approved", rows=212, filled=212, changed=212, examples=(Example(before="Super User", after="admin", rows=4), Example(before="Clerk", after="member", rows=208)), upstream=("crm_contacts.Profile",)),
    )  # fmt: skip


def accepted_risks() -> tuple[AcceptedRisk, ...]:
    """Two risks that the customer agreed to."""
    return (
        AcceptedRisk(decision="D-004", says="Seventeen accounts go live without a region.", why="Their depot is closed; they get a region with the next yearly plan.", approver=MARA, seconded_by=(TOM,), accepted_on=date(2026, 11, 12), evidence=("D-004", "minutes of 12 November"), rule="account.region.required", rule_says="Every account has a region", moment="billing", rows=tuple(f"crm_accounts:{n}" for n in range(301, 318)), row_count=17),
        AcceptedRisk(decision="D-008", says="Four depot leads are administrators.", why="They train their teams in the first month; the roles are reviewed in January.", approver=TOM, accepted_on=date(2026, 11, 18), evidence=("D-008",), rule="user.role.few_admins", rule_says="At most two administrators per depot", moment="permissions", rows=("crm_contacts:77", "crm_contacts:102", "crm_contacts:340", "crm_contacts:341"), row_count=4),
    )  # fmt: skip


def unresolved() -> tuple[UnresolvedWork, ...]:
    """Four pieces of open work, one overdue, one that nobody opened a follow-up for."""
    return (
        UnresolvedWork(id="D-009", says="Six invoice addresses have no postal code.", entity="account", owner=TOM, due=date(2026, 11, 24), is_overdue=True, handover=Handover(decision="D-009", on=date(2026, 11, 19), before=INES, due_before=date(2026, 11, 20), why="Tom has the address book."), rule="account.billing_address.complete", gate="mapped", moment="billing", rows=tuple(f"crm_accounts:{n}" for n in (12, 13, 88, 140, 141, 702)), row_count=6, holds=6, why="Invoices come back without it.", next_step="Send the postal codes in the exception workbook, sheet Accounts."),
        UnresolvedWork(id="contact.email.format", says="Twenty-five contacts have an e-mail address that cannot be delivered to.", entity="contact", owner=TOM, due=date(2026, 12, 3), is_overdue=False, rule="contact.email.format", moment="first_login", rows=tuple(f"crm_contacts:{n}" for n in range(2000, 2025)), row_count=25, holds=25, next_step="Correct the address or say that the contact is not needed."),
        UnresolvedWork(id="D-010", says="Eight sign-ins share one mailbox.", entity="user", owner=INES, due=date(2026, 11, 29), is_overdue=False, rule="user.email.unique", moment="first_login", rows=tuple(f"crm_contacts:{n}" for n in range(50, 58)), row_count=8, holds=8, next_step="Agree with the depot who keeps the shared mailbox."),
        UnresolvedWork(id="contact.account.relationship", says="Nine contacts belong to an account that is itself waiting.", entity="contact", owner=INES, due=date(2026, 12, 8), is_overdue=False, rule="contact.account.relationship", moment="onboarding", rows=tuple(f"crm_contacts:{n}" for n in range(3100, 3109)), row_count=9, holds=9, next_step="Nothing of its own: it is released with its account."),
    )  # fmt: skip


def waiting() -> tuple[WaitingFile, ...]:
    """A file that a person must answer about, and one that no answer would help."""
    return (
        WaitingFile(source="crm_contacts", says="Contacts of the southern depots.", file="contacts_south.csv", sha256="ab" * 32, received_on=date(2026, 11, 24), received_by="ines", owner=TOM, due=date(2026, 12, 4), is_overdue=False, asks=(AskedOfFile(says="Which row names the columns is not clear.", proposal="header in row 2"),), entities=("contact",), next_step="Answer what is asked."),
        WaitingFile(source="crm_accounts", says="Accounts of the southern depots.", file="accounts_south.xlsx", sha256="cd" * 32, received_on=date(2026, 11, 2), received_by="ines", owner=MARA, due=date(2026, 11, 12), is_overdue=True, asks=(), refused="accounts_south.xlsx is protected by a password; send it without one", next_step="Send another file."),
    )  # fmt: skip


def reported() -> tuple[ReportedFinding, ...]:
    """One finding about rows and one about a mapping as a whole."""
    return (
        ReportedFinding(rule="account.website.address", gate="mapped", says="A website is a full address.", entity="account", moment="onboarding", rows=("crm_accounts:12", "crm_accounts:15"), row_count=2),
        ReportedFinding(rule="user.mapping.approved", says="Somebody approves where each field comes from.", entity="user", moment="", rows=(), row_count=0, detail="1 field mapping is not approved as it stands: role"),
    )  # fmt: skip


def merges() -> tuple[Merge, ...]:
    """One merge of two files and one of three rows."""
    return (
        Merge(decision="D-011", entity="account", record="0004711", says="Harbour Cold Store was listed twice; it is one customer.", why="Same registration number and same street.", approver=MARA, approved_on=date(2026, 11, 20), parts=(
            MergedPart(row="crm_accounts:41", file="accounts_nov.csv", row_number=42, is_survivor=True, contributed=("external_id", "name", "region")),
            MergedPart(row="crm_accounts:977", file="accounts_nov.csv", row_number=978, is_survivor=False, contributed=("billing_address",)),
        ), disagreements=answer_builders.disagreements()),
        Merge(decision="D-012", entity="contact", record="j.berg@harbour.example", says="Jo Berg stands for three rows of one person.", why="Same e-mail address after trimming.", approver=TOM, approved_on=date(2026, 11, 21), parts=(
            MergedPart(row="crm_contacts:5", file="contacts.xlsx", row_number=6, is_survivor=True, contributed=("email", "full_name")),
            MergedPart(row="crm_contacts:6", file="contacts.xlsx", row_number=7, is_survivor=False, contributed=()),
            MergedPart(row="crm_contacts:3001", file="contacts.xlsx", row_number=3002, is_survivor=False, contributed=("phone", "job_title")),
        )),
    )  # fmt: skip


def kept_apart() -> tuple[KeptApart, ...]:
    """Two rows that look like one record and are not."""
    return (
        KeptApart(decision="D-007", entity="account", says="Two depots share a name and are two accounts.", why="They have different registration numbers.", decided_by=MARA, decided_on=date(2026, 11, 13), rule="account.name.unique", rows=("crm_accounts:15", "crm_accounts:16"), row_count=2),
    )  # fmt: skip


def history() -> tuple[HistoryLine, ...]:
    """Twelve entries, one of which a later one superseded."""
    told = (
        ("D-001", "mapping_approved", 3, MARA, "Account fields go where the field map of 3 November says.", "Walked through line by line with the depots.", True),
        ("D-002", "mapping_approved", 9, MARA, "Depots become the regions of the new plan.", "The old regions no longer exist.", True),
        ("D-003", "mapping_approved", 9, TOM, "Contact and user fields go where the field map of 9 November says.", "Checked on fifty contacts.", True),
        ("D-004", "risk_accepted", 12, MARA, "Seventeen accounts go live without a region.", "Their depot is closed.", True),
        ("D-005", "rows_deferred", 12, MARA, "The southern depots launch in January.", "Their contracts are renewed first.", True),
        ("D-006", "rows_excluded", 13, MARA, "Accounts without an order since 2019 are not brought over.", "Finance keeps that history.", True),
        ("D-007", "rows_excluded", 13, TOM, "Contacts who asked to be forgotten are not brought over.", "Data protection officer's list.", True),
        ("D-008", "risk_accepted", 18, TOM, "Four depot leads are administrators.", "They train their teams in the first month.", True),
        ("D-009", "follow_up_opened", 18, INES, "Six invoice addresses need a postal code.", "Letters would come back.", True),
        ("D-010", "follow_up_opened", 19, INES, "Eight sign-ins share one mailbox.", "Nobody could reset a password.", True),
        ("D-011", "merge_approved", 20, MARA, "Harbour Cold Store is one account.", "Same registration number.", True),
        ("D-012", "merge_approved", 21, TOM, "Jo Berg is one contact.", "Same e-mail address.", False),
    )  # fmt: skip
    linked: dict[str, dict[str, str]] = {
        "D-001": {"stale": "3 field mappings have changed"},
        "D-003": {"about": "Fifty contacts were looked at one by one."},
        "D-011": {"supersedes": "D-010", "supersedes_because": "The mailbox belongs to this account.", "concerns": "D-009"},
        "D-012": {"ended_by": "D-011", "idle": "Somebody else has to stand by it."},
    }  # fmt: skip
    return tuple(
        HistoryLine(
            seq=seq,
            id=id,
            kind=kind,
            on=date(2026, 11, on),
            by=by,
            says=says,
            why=why,
            stands=stands,
            **linked.get(id, {}),
        )
        for seq, (id, kind, on, by, says, why, stands) in enumerate(told, 1)
    )


def deliveries() -> tuple[DeliveryLine, ...]:
    """Two sources of rows and one that is only looked up."""
    return (
        DeliveryLine(source="crm_accounts", says="All accounts of the CRM", file="accounts_nov.csv", sha256="1c" * 32, size=412_300, received_on=date(2026, 11, 2), received_by="Tom Okafor", rows=1284, skipped={"header": 1}, file_rows=1285, columns=14, how_read="CSV, semicolon, Windows-1252, header in row 1", lookup_only=False),
        DeliveryLine(source="crm_contacts", says="All contacts of the CRM", file="contacts.xlsx", sha256="2d" * 32, size=1_904_112, received_on=date(2026, 11, 2), received_by="Tom Okafor", rows=5118, rejected=2, rejected_because={"18 fields, the header has 19": 2}, skipped={"title": 2, "header": 1, "blank": 1}, file_rows=5124, warnings={"merged_cells": 3}, columns=19, how_read="Excel, sheet Contacts, header in row 1", lookup_only=False),
        DeliveryLine(source="depots", says="Depots and their regions", file="depots.csv", sha256="3e" * 32, size=912, received_on=date(2026, 11, 9), received_by="Mara Lindqvist", rows=22, skipped={"header": 1}, file_rows=23, columns=3, how_read="CSV, comma, UTF-8, header in row 1", lookup_only=True),
    )  # fmt: skip


def export() -> Export:
    """Three files, and one entity that is left out."""
    return Export(
        version="20261126-9f2c4b7d",
        manifest_sha256="77" * 32,
        load_order=("account", "contact", "user"),
        files=(
            ExportFile(
                path="account.csv", entity="account", format="CSV", rows=1180, size=301_554, sha256="4a" * 32
            ),
            ExportFile(
                path="contact.csv",
                entity="contact",
                format="CSV",
                rows=4732,
                size=1_204_118,
                sha256="5b" * 32,
            ),
            ExportFile(path="user.csv", entity="user", format="CSV", rows=212, size=18_212, sha256="6c" * 32),
        ),
        left_out=(
            Statement(
                says="Subscriptions are not in it: their mapped gate is closed.",
                evidence=("subscription.plan.allowed",),
            ),
        ),
    )


def graph(sources: tuple[str, ...], entities: tuple[tuple[str, tuple[str, ...]], ...]) -> Graph:
    """The stages of `sources` and of `entities`, each made from some sources; the last entity's gate is closed."""
    nodes = [
        GraphNode(stage=stage, name=s, state="done", rows=5118)
        for stage in ("raw_file", "validated")
        for s in sources
    ]
    edges = [(f"raw_file/{s}", f"validated/{s}") for s in sources]
    for entity, origins in entities:
        is_last = entity == entities[-1][0]
        nodes += [
            GraphNode(stage="mapped", name=entity, state="closed" if is_last else "done", rows=1284),
            GraphNode(
                stage="transformed",
                name=entity,
                state="missing" if is_last else "done",
                rows=None if is_last else 1270,
            ),
            GraphNode(
                stage="export",
                name=entity,
                state="missing" if is_last else "done",
                rows=None if is_last else 1180,
            ),
        ]
        edges += [(f"validated/{origin}", f"mapped/{entity}") for origin in origins]
        edges += [
            (f"mapped/{entity}", f"transformed/{entity}"),
            (f"transformed/{entity}", f"export/{entity}"),
        ]
        edges += [(f"export/{entity}", "handoff_report/handoff")]
    nodes.append(GraphNode(stage="handoff_report", name="handoff", state="done"))
    return Graph(nodes=tuple(nodes), edges=tuple(edges))


def empty_record() -> LaunchRecord:
    """A customer on the first day: nothing delivered, decided or exported."""
    return LaunchRecord(
        customer="newcomer", label="Newcomer", replaces="Paper", replaces_why="It is lost", wave="first",
        wave_says="Everybody", launches_on=date(2027, 3, 1), as_of=date(2026, 11, 26), destination="b2b_saas",
        destination_version="4.2.0", log=LogEnd(seq=0, sha256="0" * 64),
        glance=(Statement(says="Nothing has been delivered yet.", evidence=("ledger",)),),
        outcomes=(), fates=(), gates=(), moments=(), mapping=(), columns=(), accepted_risks=(), unresolved=(),
        deferred=(), excluded=(), merged=(), history=(), deliveries=(), export=None, graph=Graph(nodes=(), edges=()),
    )  # fmt: skip


def wide_record() -> LaunchRecord:
    """Eight sources, eight entities, forty fields in one of them, and very uneven fates."""
    names = (
        "accounts",
        "contacts",
        "users",
        "subscriptions",
        "invoices",
        "tickets",
        "products",
        "price_lists",
    )
    fates = tuple(
        FateRow(
            entity=name,
            source=f"legacy_{name}",
            fate=fate,
            reason=Reason.DECISION,
            rows=10 ** ((index + place) % 5),
        )
        for index, name in enumerate(names)
        for place, fate in enumerate(Fate)
    )
    template = mapping()[1]
    fields = tuple(
        template.model_copy(
            update={"entity": "contacts", "field": f"custom_attribute_{n:02}", "source": "legacy_contacts"}
        )
        for n in range(40)
    )
    return full_record().model_copy(
        update={
            "fates": fates,
            "outcomes": outcomes(
                fates, {name: (name.removesuffix("s"), name.replace("_", " ")) for name in names}
            ),
            "mapping": fields,
            "graph": graph(
                tuple(f"legacy_{n}" for n in names),
                tuple((n, (f"legacy_{n}", "legacy_accounts")) for n in names),
            ),
        }
    )
