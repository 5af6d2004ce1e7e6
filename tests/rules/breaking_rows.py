"""For every rule of every gate of `b2b_saas`, a literal row that breaks it and nothing else.

A row is written as what differs from `SOUND`, a row that no rule objects to.
"""

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]

SOUND: dict[str, Row] = {
    "account": {
        "external_id": "0007", "name": "Acme", "parent_account": None, "owner": "jo@acme.example",
        "lifecycle_stage": "customer", "industry": "retail", "country": "DE", "website": "https://acme.example",
        "phone": "+49 30 901820", "postal_code": "01067", "city": "Dresden",
    },
    "user": {
        "email": "jo@acme.example", "full_name": "Jo Ruiz", "role": "admin", "manager": None, "account": "0007",
        "is_active": True,
    },
    "contact": {
        "external_id": "p1", "full_name": "Émile 😀", "email": "emile@acme.example", "phone": "030 901820",
        "job_title": "Buyer", "account": "0007", "is_billing_contact": False,
    },
    "subscription": {
        "external_id": "S-1", "account": "0007", "plan": "team", "status": "active", "start_date": "2024-01-01",
        "end_date": "2024-01-01", "seats": 1, "monthly_amount": "0.0000",
    },
    "activity": {
        "external_id": "A-1", "account": "0007", "contact": "p1", "kind": "call", "occurred_on": "1990-01-01",
        "subject": "=1+1",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Breaking:
    """A row that breaks one rule."""

    row: Row
    twin: Row | None = None  # a second row without which the first breaks nothing; it breaks the rule too


def unread(name: str, text: str) -> Breaking:
    return Breaking({name: None, f"{name}__bad": text})


def blank(name: str) -> Breaking:
    return Breaking({name: None})


MAPPED: dict[str, Breaking] = {
    "account.external_id.required": blank("external_id"),
    "account.external_id.length": Breaking({"external_id": "7" * 65}),
    "account.name.required": blank("name"),
    "account.name.length": Breaking({"name": "ü" * 201}),
    "account.lifecycle_stage.required": blank("lifecycle_stage"),
    "account.lifecycle_stage.allowed": unread("lifecycle_stage", "Dormant (legacy)"),
    "account.industry.allowed": unread("industry", "Strategic"),
    "account.country.allowed": unread("country", "EMEA"),
    "account.website.length": Breaking({"website": "https://acme.example/" + "a" * 480}),
    "account.website.address": Breaking({"website": "index.html"}),
    "account.phone.format": Breaking({"phone": "on request"}),
    "account.postal_code.length": Breaking({"postal_code": "0" * 21}),
    "account.city.length": Breaking({"city": "x" * 121}),
    "account.owner.present": blank("owner"),
    "user.email.required": blank("email"),
    "user.email.format": Breaking({"email": "jo(at)acme.example"}),
    "user.full_name.required": blank("full_name"),
    "user.full_name.length": Breaking({"full_name": "J" * 201}),
    "user.role.required": blank("role"),
    "user.role.allowed": unread("role", "Superuser"),
    "user.account.required": blank("account"),
    "user.is_active.required": blank("is_active"),
    "user.is_active.type": unread("is_active", "perhaps"),
    "contact.external_id.required": blank("external_id"),
    "contact.external_id.length": Breaking({"external_id": "p" * 65}),
    "contact.full_name.required": blank("full_name"),
    "contact.full_name.length": Breaking({"full_name": "E" * 201}),
    "contact.email.format": Breaking({"email": "emile@acme"}),
    "contact.email.present": blank("email"),
    "contact.phone.format": Breaking({"phone": "12"}),
    "contact.job_title.length": Breaking({"job_title": "B" * 201}),
    "contact.is_billing_contact.type": unread("is_billing_contact", "vielleicht"),
    "subscription.external_id.required": blank("external_id"),
    "subscription.external_id.length": Breaking({"external_id": "S" * 65}),
    "subscription.account.required": blank("account"),
    "subscription.plan.required": blank("plan"),
    "subscription.plan.allowed": unread("plan", "Gold (grandfathered)"),
    "subscription.status.required": blank("status"),
    "subscription.status.allowed": unread("status", "unclear"),
    "subscription.start_date.required": blank("start_date"),
    "subscription.start_date.type": unread("start_date", "02/03/04"),
    "subscription.end_date.type": unread("end_date", "31/11/24"),
    "subscription.end_date.after_start": Breaking({"start_date": "2024-01-02"}),
    "subscription.seats.type": unread("seats", "12 + 3"),
    "subscription.seats.positive": Breaking({"seats": 0}),
    "subscription.monthly_amount.type": unread("monthly_amount", "auf Anfrage"),
    "subscription.monthly_amount.not_negative": Breaking({"monthly_amount": "-0.0001"}),
    "activity.external_id.required": blank("external_id"),
    "activity.external_id.length": Breaking({"external_id": "A" * 65}),
    "activity.account.required": blank("account"),
    "activity.kind.required": blank("kind"),
    "activity.kind.allowed": unread("kind", "Fax"),
    "activity.occurred_on.required": blank("occurred_on"),
    "activity.occurred_on.type": unread("occurred_on", "2023-02-29"),
    "activity.occurred_on.plausible": Breaking({"occurred_on": "1989-12-31"}),
    "activity.subject.length": Breaking({"subject": "s" * 501}),
    # derived for a customer whose mapping looks the field up in another source
    "activity.subject.lookup": unread("subject", "4"),
}

TRANSFORMED: dict[str, Breaking] = {
    "account.external_id.unique": Breaking({"external_id": "twice"}, twin={"external_id": "twice"}),
    "account.parent_account.relationship": Breaking({"parent_account": "0999"}),
    "account.parent_account.acyclic": Breaking(
        {"external_id": "a", "parent_account": "b"}, twin={"external_id": "b", "parent_account": "a"}
    ),
    "account.owner.relationship": Breaking({"owner": "left@acme.example"}),
    "account.match_key.duplicate": Breaking({"match_key": "nordlicht"}, twin={"match_key": "nordlicht"}),
    "user.email.unique": Breaking({"email": "twice@acme.example"}, twin={"email": "twice@acme.example"}),
    "user.email.shared": Breaking(
        {"email": "Kim@acme.example", "match_key": "kim"},
        twin={"email": "kim@acme.example", "match_key": "kim"},
    ),
    "user.manager.relationship": Breaking({"manager": "left@acme.example"}),
    "user.account.relationship": Breaking({"account": "0999"}),
    "contact.external_id.unique": Breaking({"external_id": "twice"}, twin={"external_id": "twice"}),
    "contact.email.shared": Breaking({"match_key": "info@acme"}, twin={"match_key": "info@acme"}),
    "contact.account.relationship": Breaking({"account": "7"}),
    "subscription.external_id.unique": Breaking({"external_id": "twice"}, twin={"external_id": "twice"}),
    "subscription.account.relationship": Breaking({"account": "888"}),
    "activity.external_id.unique": Breaking({"external_id": "twice"}, twin={"external_id": "twice"}),
    "activity.account.relationship": Breaking({"account": "0007 "}),
    "activity.contact.relationship": Breaking({"contact": "p2"}),
}

EXPORT: dict[str, Breaking] = {
    "account.external_id.required": blank("external_id"),
    "account.external_id.unique": TRANSFORMED["account.external_id.unique"],
    "account.parent_account.relationship": TRANSFORMED["account.parent_account.relationship"],
    "user.email.required": blank("email"),
    "user.email.unique": TRANSFORMED["user.email.unique"],
    "user.account.relationship": TRANSFORMED["user.account.relationship"],
    "contact.external_id.required": blank("external_id"),
    "contact.external_id.unique": TRANSFORMED["contact.external_id.unique"],
    "contact.account.relationship": TRANSFORMED["contact.account.relationship"],
    "subscription.external_id.required": blank("external_id"),
    "subscription.external_id.unique": TRANSFORMED["subscription.external_id.unique"],
    "subscription.account.relationship": TRANSFORMED["subscription.account.relationship"],
    "activity.external_id.required": blank("external_id"),
    "activity.external_id.unique": TRANSFORMED["activity.external_id.unique"],
    "activity.account.relationship": TRANSFORMED["activity.account.relationship"],
}

EMPTY_TABLE = (
    "account.rows.present", "user.rows.present", "contact.rows.present", "subscription.rows.present",
    "activity.rows.present",
)  # fmt: skip
"""Rules that a table without rows breaks, at the mapped and the transformed gate."""


@dataclass(frozen=True)
class Delivered:
    """A source's headers in the rules `<header>.delivered`, its key, and two rows of one key."""

    key: str
    read: tuple[str, ...]
    beside: tuple[str, ...]  # archived, excluded or only described


INTAKE: dict[tuple[str, str], Delivered] = {
    ("northwind", "customers"): Delivered(
        "CustomerID",
        ("City", "CompanyName", "ContactName", "ContactTitle", "Country", "CustomerID", "Phone", "PostalCode", "Region"),
        ("Address", "Fax"),
    ),
    ("northwind", "suppliers"): Delivered(
        "SupplierID",
        ("City", "CompanyName", "ContactName", "ContactTitle", "Country", "HomePage", "Phone", "PostalCode", "Region",
         "SupplierID"),
        ("Address", "Fax"),
    ),
    ("northwind", "orders"): Delivered(
        "OrderID",
        ("CustomerID", "OrderDate", "OrderID", "ShipVia"),
        ("EmployeeID", "Freight", "RequiredDate", "ShipAddress", "ShipCity", "ShipCountry", "ShipName",
         "ShipPostalCode", "ShipRegion", "ShippedDate"),
    ),
    ("northwind", "shippers"): Delivered("ShipperID", ("CompanyName", "ShipperID"), ("Phone",)),
    ("lumen_labs", "crm_accounts"): Delivered(
        "Account ID",
        ("Account ID", "Acct Mgr", "City", "Company", "Country", "Created", "Parent ID", "Phone", "Post code", "Segment",
         "Status", "Website"),
        ("Internal notes",),
    ),
    ("lumen_labs", "crm_users"): Delivered(
        "Email", ("Account ID", "Active", "Email", "Manager Email", "Name", "Role"), ("Last login",)
    ),
    ("lumen_labs", "kontakte"): Delivered(
        "Kontakt-Nr",
        ("E-Mail", "Firma-Nr", "Funktion", "Kontakt-Nr", "Name", "Rechnungskontakt", "Telefon"),
        ("Anrede", "Geburtstag"),
    ),
    ("lumen_labs", "billing"): Delivered(
        "Subscription No",
        ("Customer No", "End", "Monthly net", "Plan", "Seats", "Start", "State", "Subscription No"),
        ("Sales rep", "VAT ID"),
    ),
    ("lumen_labs", "activities"): Delivered(
        "Activity No", ("Account", "Activity No", "Contact", "Date", "Kind", "Subject"), ("Logged by",)
    ),
}  # fmt: skip
