"""What the answers about `lumen_labs` have to say: from its generator, and from its README's column `settled by`."""

from collections.abc import Iterable, Iterator
from datetime import date

from tests.samples import generate_lumen_labs, lumen_rows
from tests.samples import lumen_planted as planted
from tests.samples.truth import Question, Truth

HANNA, NADIA, TOMAS, PRIYA = "Hanna Vogt", "Nadia Brandt", "Tomas Lindqvist", "Priya Raman"
ROLES = {"Admin": "admin", "Member": "member", "Viewer": "viewer", "Rep": "member"}
BLANK = frozenset({"delivered_blank", "blank_word"})


class Places:
    """Key -> row number of each file, as its generator writes it."""

    def __init__(self, drawn: lumen_rows.Rows) -> None:
        self.crm_accounts = {str(row[0]): n for n, row in enumerate(drawn.accounts, start=2)}
        self.crm_users = {str(row[0]).lower(): n for n, row in enumerate(drawn.users, start=2)}
        self.billing = {str(row[0]): n for n, row in enumerate(drawn.subscriptions, start=5)}
        self.activities = {str(row[0]): n for n, row in enumerate(drawn.activities, start=2)}
        second = generate_lumen_labs.files()["kontakte_2026-11-23.csv"].decode("cp1252").splitlines()
        self.kontakte = {line.split(";")[0]: n for n, line in enumerate(second, start=1) if n > 2}

    def of(self, source: str, key: str) -> int:
        """Return the row of a key in a source's file."""
        found: dict[str, int] = getattr(self, source)
        return found[key]


def truths() -> tuple[Truth, ...]:
    """Return every planted truth, each question in turn."""
    drawn = lumen_rows.draw(generate_lumen_labs.SEED)
    places = Places(drawn)
    parts = (_blank, _merged, _history, _roles, _direct, _later, _approvals)
    return tuple(each for part in parts for each in part(drawn, places))


def _many(
    places: Places, question: Question, entity: str, source: str, keys: Iterable[str], **rest: object
) -> Iterator[Truth]:
    for key in keys:
        row = places.of(source, key)
        yield Truth(question=question, entity=entity, asked=key, source=source, row=row, **rest)  # type: ignore[arg-type] # the fields of a truth


def _blank(drawn: lumen_rows.Rows, places: Places) -> Iterator[Truth]:
    q, account, contact, billing = (
        Question.BLANK,
        ("account", "crm_accounts"),
        ("contact", "kontakte"),
        ("subscription", "billing"),
    )
    waits, unreadable = frozenset({"link_waits"}), frozenset({"unreadable"})
    yield from _many(
        places,
        q,
        *account,
        planted.BLANK_OWNER,
        field="owner",
        outcomes=BLANK,
        fate="exported",
        decision="D-013",
        person=HANNA,
    )
    for key, owner in planted.FORMER_OWNER.items():
        yield from _many(
            places,
            q,
            *account,
            [key],
            field="owner",
            outcomes=waits,
            fate="exported",
            delivered=owner,
            decision="D-014",
            person=HANNA,
        )
    for key, parent in planted.MISSING_PARENT.items():
        yield from _many(
            places,
            q,
            *account,
            [key],
            field="parent_account",
            outcomes=waits,
            delivered=parent,
            decision="D-012",
            person=HANNA,
        )
    for key, parent in planted.CLOSED_PARENT.items():
        yield from _many(
            places,
            q,
            *account,
            [key],
            field="parent_account",
            outcomes=waits,
            fate="exported",
            delivered=parent,
            is_own=False,
        )
    for key, country in planted.COUNTRY.items():
        cleared = (
            frozenset({"cleared_by_value_map"}) if country == "EMEA" else unreadable if country else BLANK
        )
        by = {"decision": "D-002", "person": HANNA} if country == "EMEA" else {}
        yield from _many(
            places,
            q,
            *account,
            [key],
            field="country",
            outcomes=cleared,
            delivered=country or None,
            is_own=bool(country),
            **by,
        )
    yield from _many(places, q, *contact, planted.BLANK_EMAIL, field="email", outcomes=BLANK)
    for key, unknown in planted.NO_CONTACT.items():
        yield from _many(
            places, q, "activity", "activities", [key], field="contact", outcomes=waits, delivered=unknown
        )
    for field, texts in (
        ("start_date", planted.NO_SUCH_DATE),
        ("seats", planted.SEATS),
        ("monthly_amount", {"S-10133": "auf Anfrage"}),
    ):
        for key, text in texts.items():
            yield from _many(
                places,
                q,
                *billing,
                [key],
                field=field,
                outcomes=unreadable,
                fate="unresolved",
                delivered=text,
                person=TOMAS,
            )


def _merged(drawn: lumen_rows.Rows, places: Places) -> Iterator[Truth]:
    survivor, merged = planted.MERGED
    by = {"decision": "D-010", "person": HANNA}
    account = ("account", "crm_accounts")
    yield from _many(
        places, Question.MERGED, *account, [merged], outcomes=frozenset({"merged"}), fate="merged", **by
    )
    yield from _many(
        places, Question.MERGED, *account, [survivor], outcomes=frozenset({"exported"}), fate="exported", **by
    )
    phone = planted.NAMED[merged][4]
    value = {"outcomes": frozenset({"value"}), "value": phone, "delivered": phone}
    yield from _many(places, Question.MERGED, *account, [survivor], field="phone", **value, **by)


def _history(drawn: lumen_rows.Rows, places: Places) -> Iterator[Truth]:
    old = [str(row[0]) for row in drawn.activities if str(row[4]).startswith("2019")]
    assert len(old) == planted.ACTIVITIES_OF_2019
    excluded = {"outcomes": frozenset({"excluded"}), "fate": "excluded", "decision": "D-018", "person": HANNA}
    yield from _many(places, Question.HISTORY, "activity", "activities", old, **excluded)
    row = places.kontakte["000436"]
    yield Truth(
        question=Question.HISTORY, entity="contact", asked=f"kontakte#{row}", source="kontakte", row=row,
        outcomes=frozenset({"excluded"}), fate="excluded", decision="D-032", person=HANNA,
    )  # fmt: skip


def _roles(drawn: lumen_rows.Rows, places: Places) -> Iterator[Truth]:
    for user in drawn.users:
        email, role = str(user[0]).lower(), str(user[2])
        of_user = {
            "question": Question.ROLE,
            "entity": "user",
            "source": "crm_users",
            "keys": [email],
            "field": "role",
        }
        if email == planted.SUPERUSERS[2]:
            gone = {
                "outcomes": frozenset({"unreadable", "not_exported"}),
                "fate": "excluded",
                "delivered": planted.RENAMED_ROLE,
            }
            yield from _many(places, **of_user, **gone, decision="D-035", person=NADIA)  # type: ignore[arg-type] # the fields of a truth
            continue
        is_corrected = email in planted.SUPERUSERS
        closed = user[4] in planted.CLOSED
        yield from _many(
            places, **of_user,  # type: ignore[arg-type] # the fields of a truth
            outcomes=frozenset({"not_exported" if closed else "value"}),
            fate="deferred" if closed else "exported",
            value="admin" if is_corrected else ROLES[role],
            delivered=planted.RENAMED_ROLE if is_corrected else role,
            decision="D-034" if is_corrected else "D-001",
            person=None if closed else NADIA,
            is_own=is_corrected,
        )  # fmt: skip


def _direct(drawn: lumen_rows.Rows, places: Places) -> Iterator[Truth]:
    q, account = Question.DIRECT, ("account", "crm_accounts")
    live = [
        row for row in drawn.accounts if row[0] not in (*planted.CLOSED, *planted.HOLDERS, *planted.WEBSITE)
    ]
    for row in live[:40]:
        site = str(row[7])
        is_whole = site.startswith("http")
        value = site if is_whole else f"https://{site}"
        yield from _many(
            places, q, *account, [str(row[0])], field="website", outcomes=frozenset({"value"}), value=value,
            delivered=site, decision="D-002", person=HANNA, is_changed=not is_whole, is_own=False,
        )  # fmt: skip
    dormant = {
        "value": "paused",
        "delivered": "Dormant (legacy)",
        "decision": "D-002",
        "person": HANNA,
        "is_changed": True,
    }
    yield from _many(
        places,
        q,
        *account,
        planted.DORMANT,
        field="lifecycle_stage",
        outcomes=frozenset({"value"}),
        is_own=False,
        **dormant,
    )
    dates = {str(row[0]): row[11] for row in live if isinstance(row[11], int)}
    for key, serial in list(dates.items())[:10]:
        day = date.fromordinal(lumen_rows.EXCEL_EPOCH.toordinal() + int(str(serial))).isoformat()
        yield Truth(
            question=q, entity="activity", asked=f"since-{key}", source="crm_accounts", row=places.crm_accounts[key],
            field="occurred_on", outcomes=frozenset({"value"}), value=day, delivered=str(serial), decision="D-006",
            person=HANNA, is_changed=True, is_own=False,
        )  # fmt: skip
    for key, correct in (
        ("000038", "buchhaltung@kobalt-bau.example"),
        ("000112", "rechnung@opal-print.example"),
        ("000265", "invoices@vega-travel.example"),
    ):
        decision = {"000038": "D-027", "000112": "D-028", "000265": "D-029"}[key]
        yield from _many(
            places, q, "contact", "kontakte", [key], field="email", outcomes=frozenset({"value"}), value=correct,
            delivered=planted.BILLING_BAD_EMAIL[key], decision=decision, person=TOMAS, is_changed=True,
        )  # fmt: skip


def _later(drawn: lumen_rows.Rows, places: Places) -> Iterator[Truth]:
    q = Question.LATER
    deferred = {"outcomes": frozenset({"deferred"}), "fate": "deferred"}
    held = {"outcomes": frozenset({"unresolved"}), "fate": "unresolved"}
    account, contact, billing = (
        ("account", "crm_accounts"),
        ("contact", "kontakte"),
        ("subscription", "billing"),
    )
    yield from _many(places, q, *account, planted.CLOSED, is_own=False, **deferred)
    guests = [str(row[0]).lower() for row in drawn.users if row[4] in planted.CLOSED]
    yield from _many(places, q, "user", "crm_users", guests, is_own=False, **deferred)
    yield from _many(places, q, *billing, planted.GOLD, decision="D-009", person=TOMAS, **deferred)
    yield from _many(places, q, *contact, planted.NO_COMPANY, decision="D-026", person=HANNA, **deferred)
    yield from _many(places, q, *account, planted.CYCLE, decision="D-016", person=HANNA, **held)
    yield from _many(places, q, *account, planted.PERHAPS_THE_SAME, decision="D-017", person=HANNA, **held)
    yield from _many(places, q, *contact, planted.BAD_EMAIL, decision="D-020", person=HANNA, **held)
    yield from _many(places, q, *billing, planted.ENDS_BEFORE_START, decision="D-025", person=TOMAS, **held)
    yield from _many(places, q, *billing, planted.NO_CUSTOMER, person=TOMAS, **held)
    yield from _many(places, q, "activity", "activities", planted.TYPED_WRONG, **held)
    for key in planted.AMBIGUOUS_CREATED:
        if key != "000017":
            row = places.crm_accounts[key]
            yield Truth(
                question=q, entity="activity", asked=f"since-{key}", source="crm_accounts", row=row,
                decision="D-022", person=HANNA, **held,
            )  # type: ignore[arg-type] # the fields of a truth  # fmt: skip
    for key in ("000433", "000439"):
        row = places.kontakte[key]
        yield Truth(
            question=q, entity="contact", asked=f"kontakte#{row}", source="kontakte", row=row,
            decision="D-033", person=HANNA, **held,
        )  # type: ignore[arg-type] # the fields of a truth  # fmt: skip


def _approvals(drawn: lumen_rows.Rows, places: Places) -> Iterator[Truth]:
    q, value = Question.APPROVAL, {"outcomes": frozenset({"value"}), "is_own": False}
    account, user = "000003", str(drawn.users[5][0]).lower()
    for field in ("external_id", "name", "lifecycle_stage", "city", "postal_code"):
        yield from _many(
            places,
            q,
            "account",
            "crm_accounts",
            [account],
            field=field,
            decision="D-002",
            person=HANNA,
            **value,
        )
    for field in ("email", "full_name", "is_active", "account"):
        yield from _many(
            places, q, "user", "crm_users", [user], field=field, decision="D-003", person=NADIA, **value
        )
    for field in ("full_name", "job_title", "is_billing_contact"):
        yield from _many(
            places, q, "contact", "kontakte", ["000434"], field=field, decision="D-004", person=HANNA, **value
        )
    for field in ("status", "plan"):
        yield from _many(
            places,
            q,
            "subscription",
            "billing",
            ["S-10007"],
            field=field,
            decision="D-005",
            person=TOMAS,
            **value,
        )
    yield from _many(
        places,
        q,
        "subscription",
        "billing",
        ["S-10007"],
        field="seats",
        outcomes=frozenset({"value"}),
        value="0",
        decision="D-024",
        person=TOMAS,
    )
    for key, text in planted.SUBJECT.items():
        yield from _many(
            places,
            q,
            "activity",
            "activities",
            [key],
            field="subject",
            outcomes=frozenset({"value", "not_exported", "held"}),
            value=text,
            delivered=text,
            decision="D-006",
            is_own=False,
        )
