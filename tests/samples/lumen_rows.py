"""Draws the rows of the sample customer: tables of text, with the planted facts in their places.

Only rows belong here; how they become files is `generate_lumen_labs`'.  One seed, no clock.
"""

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from tests.samples import lumen_planted as planted
from tests.samples import lumen_words as words

Row = tuple[str | date | int, ...]
"""One record; workbook cells may hold a true date or a bare number, all else is text."""
Table = tuple[Row, ...]

ACCOUNT_HEADER = (
    "Account ID",
    "Company",
    "Parent ID",
    "Acct Mgr",
    "Status",
    "Segment",
    "Country",
    "Website",
    "Phone",
    "Post code",
    "City",
    "Created",
    "Internal notes",
)
USER_HEADER = ("Email", "Name", "Role", "Manager Email", "Account ID", "Active", "Last login")
CONTACT_HEADER = (
    "Kontakt-Nr",
    "Anrede",
    "Name",
    "E-Mail",
    "Telefon",
    "Funktion",
    "Firma-Nr",
    "Rechnungskontakt",
    "Geburtstag",
)
CONTACT_GROUPS = ("Kontakt", "", "", "Erreichbar", "", "", "Firma", "Rechnung", "")
"""The row above the header in the list of 23 November: one word over each group of columns."""
SUBSCRIPTION_HEADER = (
    "Subscription No",
    "Customer No",
    "Plan",
    "State",
    "Start",
    "End",
    "Seats",
    "Monthly net",
    "VAT ID",
    "Sales rep",
)
ACTIVITY_HEADER = ("Activity No", "Account", "Contact", "Kind", "Date", "Subject", "Logged by")

EXCEL_EPOCH = date(1899, 12, 30)
SPECIAL_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "Ł": "L", "ı": "i", "'": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The tables, without their headers."""

    accounts: Table
    users: Table
    contacts: Table
    new_contacts: Table  # those that only the list of 23 November holds
    subscriptions: Table
    activities: Table


def draw(seed: int) -> Rows:
    """Return all rows; the same seed gives the same rows."""
    rng = random.Random(seed)
    users = _users(rng)
    owners = [str(row[0]).lower() for row in users if row[2] in {"Rep", "Member"}]
    accounts = _accounts(rng, owners)
    ids = [str(row[0]) for row in accounts]
    contacts = _contacts(rng, ids)
    return Rows(
        accounts=accounts,
        users=users,
        contacts=contacts,
        new_contacts=_new_contacts(),
        subscriptions=_subscriptions(rng, ids, owners),
        activities=_activities(rng, ids, contacts, owners),
    )


def ascii_slug(text: str) -> str:
    """Return `text` in lower-case ASCII with hyphens, for addresses."""
    folded = unicodedata.normalize("NFKD", text.translate(SPECIAL_LETTERS))
    plain = folded.encode("ascii", "ignore").decode().lower().replace(".", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _users(rng: random.Random) -> Table:
    names = rng.sample(list(product(words.FIRST_NAMES, words.STAFF_LAST_NAMES)), 65 + 12)
    roles = ["Admin"] * 6 + ["Rep"] * planted.REPS + ["Member"] * 22 + ["Viewer"] * 6
    staff = [("Jo Keller", "Superuser"), ("Sam Okafor", "Superuser"), ("Legacy Sync", "Superuser")]
    staff += [(f"{first} {last}", role) for (first, last), role in zip(names, roles, strict=False)]
    emails = [f"{ascii_slug(name).replace('-', '.')}@lumenlabs.example" for name, _ in staff]
    emails[2] = planted.SUPERUSERS[2]
    rows: list[Row] = []
    for place, ((name, role), email) in enumerate(zip(staff, emails, strict=True)):
        manager = "" if place in {0, 2} else emails[0] if role == "Admin" else rng.choice(emails[3:9])
        if place in range(12, 12 + planted.FORMER_MANAGER):
            manager = planted.FORMER_STAFF[0]
        typed = email[0].upper() + email[1:] if place in {45, 50, 55} else email
        active = "No" if place in {20, 33, 47, 61, 66} else "Yes"
        rows.append((typed, name, role, manager, planted.WORKSPACE, active, _recent(rng)))
    guests = zip((*planted.CUSTOMER_USERS, *planted.CLOSED_CUSTOMER_USERS), names[65:], strict=True)
    for account, (first, last) in guests:
        email = f"{ascii_slug(first)}.{ascii_slug(last)}@guest{account}.example"
        rows.append((email, f"{first} {last}", "Viewer", "", account, "Yes", _recent(rng)))
    return tuple(rows)


def _accounts(rng: random.Random, owners: list[str]) -> Table:
    ids = [f"{number:06d}" for number in range(1, 173)] + list(planted.LONG_IDS)
    names = rng.sample(list(product(words.FIRST_WORDS, words.SECOND_WORDS)), len(ids))
    parents = dict(zip(ids[173:], ids[1:15], strict=False))
    parents |= {f"{number:06d}": f"{number - 120:06d}" for number in range(125, 138)}
    parents |= planted.MISSING_PARENT | planted.CYCLE | planted.CLOSED_PARENT
    rows: list[Row] = []
    for number, name in zip(ids, names, strict=True):
        country, town, postal_code, dialling = rng.choice(words.TOWNS)
        company = f"{' '.join(name)} {rng.choice(words.LEGAL_FORMS)}".strip()
        phone = f"{dialling} 555 {rng.randrange(1000, 9999)}"
        owner = rng.choice(owners)
        if number in planted.NAMED:
            company, country, town, postal_code, phone = planted.NAMED[number]
        site = f"{ascii_slug(company if number in planted.NAMED else ' '.join(name))}.example"
        rows.append(
            (
                number,
                company,
                parents.get(number, ""),
                _owner(number, owner.title() if rng.random() < 0.1 else owner),
                _status(number),
                planted.SEGMENT.get(number, rng.choice(words.SEGMENTS)),
                planted.COUNTRY.get(number, country),
                planted.WEBSITE.get(number, site if rng.random() < 0.3 else f"https://www.{site}"),
                planted.PHONE.get(number, phone),
                postal_code,
                town,
                _created(rng, number),
                rng.choice(("", "", "", "pays late, be patient", "difficult on the phone", "knows our CEO")),
            )
        )
    return tuple(rows)


def _owner(number: str, drawn: str) -> str:
    return "" if number in planted.BLANK_OWNER else planted.FORMER_OWNER.get(number, drawn)


def _status(number: str) -> str:
    groups = {"Closed": planted.CLOSED, "Trial": planted.TRIAL, "Dormant (legacy)": planted.DORMANT}
    return next((status for status, members in groups.items() if number in members), "Active")


def _created(rng: random.Random, number: str) -> str | date | int:
    day = date(2012, 1, 1) + timedelta(days=rng.randrange(4800))
    kind = rng.random()
    if number in planted.AMBIGUOUS_CREATED:
        return planted.AMBIGUOUS_CREATED[number]
    if kind < 0.2:
        return (day - EXCEL_EPOCH).days
    if kind < 0.45:
        return f"{13 + day.day % 15}/{day.month:02d}/{day.year}"
    return day


def _contacts(rng: random.Random, ids: list[str]) -> Table:
    plain = [number for number in ids if number not in (*planted.CLOSED, *planted.HOLDERS)]
    shared = {number: email for email, numbers in planted.SHARED_EMAIL.items() for number in numbers}
    bad = planted.BAD_EMAIL | planted.BILLING_BAD_EMAIL
    special = {*shared, *bad, *planted.BLANK_EMAIL, *planted.NO_COMPANY, *planted.CONTACT_PHONE}
    holders = [number for number in planted.HOLDERS for _ in range(2)]
    rows: list[Row] = []
    home = {}
    for place in range(1, 431):
        number = f"{place:06d}"
        first, last = rng.choice(words.GERMAN_FIRST_NAMES), rng.choice(words.LAST_NAMES)
        account = rng.choice(plain if number in special else ids)
        if number not in special and holders:
            account = holders.pop()
        if number in shared:
            account = home.setdefault(shared[number], account)
        email = f"{ascii_slug(first)}.{ascii_slug(last)}.{place}@firma{account[-6:]}.example"
        if number in planted.BLANK_EMAIL:
            email = rng.choice(("", "k.A."))
        phone = f"+49 {rng.randrange(30, 999)} 555 {rng.randrange(1000, 9999)}"
        is_billing = "ja" if number in planted.BILLING_BAD_EMAIL or rng.random() < 0.25 else "nein"
        rows.append(
            (
                number,
                rng.choice(("Herr", "Frau", "")),
                f"{first} {last}",
                shared.get(number) or bad.get(number) or email,
                planted.CONTACT_PHONE.get(number, phone if rng.random() < 0.9 else "k.A."),
                rng.choice(words.JOB_TITLES),
                planted.NO_COMPANY.get(number, account),
                "nein" if number in planted.BAD_EMAIL else is_billing,
                rng.choice(
                    ("", f"{rng.randrange(1, 29):02d}.{rng.randrange(1, 13):02d}.19{rng.randrange(55, 99)}")
                ),
            )
        )
    return tuple(rows)


def _new_contacts() -> Table:
    return tuple(
        (
            number,
            address,
            name,
            f"{ascii_slug(name).replace('-', '.')}@firma{account}.example",
            "",
            job,
            account,
            "nein",
            "",
        )
        for number, address, name, job, account in planted.NEW_CONTACTS
    )


def _subscriptions(rng: random.Random, ids: list[str], owners: list[str]) -> Table:
    plain = [number for number in ids if number not in (*planted.CLOSED, *planted.HOLDERS)]
    special = {
        *planted.GOLD,
        *planted.AMOUNT,
        *planted.ENDS_BEFORE_START,
        *planted.NO_SUCH_DATE,
        *planted.NO_SEATS,
    }
    special |= {*planted.SEATS, *planted.NO_CUSTOMER}
    others = [*planted.CLOSED, *planted.HOLDERS]
    plans = ("Starter", "Team", "Business", "Enterprise", "Team (2018)", "Pro", "Pro Plus", "Basic")
    rows: list[Row] = []
    for place in range(1, 211):
        number = f"S-{10_000 + place}"
        account = rng.choice(plain)
        if number not in special and others:
            account = others.pop()
        start = date(2019, 1, 1) + timedelta(days=rng.randrange(2700))
        is_over = account in planted.CLOSED or (rng.random() < 0.1 and number not in special)
        end = (
            start + timedelta(days=rng.randrange(90, 700))
            if is_over or (rng.random() < 0.3 and number not in special)
            else None
        )
        dates = planted.ENDS_BEFORE_START.get(number, (_short(start), _short(end) if end else ""))
        running = (
            "Active" if number in special else rng.choice(("Active", "Active", "Active", "Trial", "Past due"))
        )
        state = "Cancelled" if is_over else running
        seats = "0" if number in planted.NO_SEATS else str(rng.randrange(3, 400))
        rows.append(
            (
                number,
                planted.NO_CUSTOMER.get(number, account if len(account) > 6 else account.lstrip("0")),
                "Gold (grandfathered)" if number in planted.GOLD else rng.choice(plans),
                state,
                planted.NO_SUCH_DATE.get(number, dates[0]),
                "" if number in planted.NO_SUCH_DATE else dates[1],
                planted.SEATS.get(number, seats),
                planted.AMOUNT.get(number, _german_amount(rng.randrange(2_900, 980_000))),
                f"DE{rng.randrange(100_000_000, 999_999_999)}" if rng.random() < 0.6 else "",
                rng.choice(owners),
            )
        )
    return tuple(rows)


def _activities(rng: random.Random, ids: list[str], contacts: Table, owners: list[str]) -> Table:
    at_home: dict[str, list[str]] = {}
    for contact in contacts:
        at_home.setdefault(str(contact[6]), []).append(str(contact[0]))
    old = sorted(
        date(2019, 1, 2) + timedelta(days=rng.randrange(363)) for _ in range(planted.ACTIVITIES_OF_2019)
    )
    new = sorted(date(2020, 1, 2) + timedelta(days=rng.randrange(2490)) for _ in range(590 - len(old)))
    rows: list[Row] = []
    for place, day in enumerate((*old, *new), start=1):
        number = f"A-{place:05d}"
        account = rng.choice(ids)
        contact = rng.choice(at_home.get(account, [""]))
        kind = rng.choice(("Call", "E-Mail", "Meeting", "Note", "Ticket", "Telefonat"))
        rows.append(
            (
                number,
                account,
                planted.NO_CONTACT.get(number, contact),
                "Fax" if number in planted.FAX else kind,
                planted.TYPED_WRONG.get(number, day.isoformat()),
                planted.SUBJECT.get(number, rng.choice(words.SUBJECTS)),
                rng.choice(owners),
            )
        )
    return tuple(rows)


def _short(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year % 100:02d}"


def _german_amount(cents: int) -> str:
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def _recent(rng: random.Random) -> str:
    return (date(2026, 6, 1) + timedelta(days=rng.randrange(150))).isoformat()
