"""What the answers about `northwind` have to say: from its CSV files, read by nothing but Python's own reader."""

import csv
from collections.abc import Iterator
from pathlib import Path

from tests.samples.truth import Question, Truth

INTAKE = Path(__file__).parents[2] / "customers" / "northwind" / "intake"
DANA = "Dana Whitfield"
VALUE = frozenset({"value"})
Numbered = list[tuple[int, dict[str, str]]]


def _table(name: str) -> Numbered:
    with (INTAKE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(enumerate(csv.DictReader(file), start=2))


def truths() -> tuple[Truth, ...]:
    """Return every planted truth, each question in turn."""
    customers, suppliers = _table("Customers.csv"), _table("Suppliers.csv")
    orders, shippers = (
        _table("Orders.csv"),
        {row["ShipperID"]: row["CompanyName"] for _, row in _table("Shippers.csv")},
    )
    return (
        *_blank(customers, suppliers),
        *_direct(customers, suppliers),
        *_history(orders, shippers),
        *_approvals(customers, orders),
    )


def _blank(customers: Numbered, suppliers: Numbered) -> Iterator[Truth]:
    """No e-mail address and no owner was ever delivered, and some cells say NULL."""
    for letter, source, key, table in (
        ("c", "customers", "CustomerID", customers),
        ("s", "suppliers", "SupplierID", suppliers),
    ):
        for row, line in table:
            of = {
                "source": source,
                "row": row,
                "question": Question.BLANK,
                "fate": "exported",
                "outcomes": frozenset({"not_mapped"}),
            }
            name = f"nw-{letter}-{line[key]}"
            yield Truth(
                entity="contact", asked=f"{name}-contact", field="email", decision="D-005", person=DANA, **of
            )  # type: ignore[arg-type] # the fields of a truth
            if row % 4 == 0:
                yield Truth(entity="account", asked=name, field="owner", decision="D-006", person=DANA, **of)  # type: ignore[arg-type] # the fields of a truth
            if line["PostalCode"] == "NULL":
                of |= {"outcomes": frozenset({"blank_word"}), "delivered": "NULL", "is_own": False}
                yield Truth(entity="account", asked=name, field="postal_code", **of)  # type: ignore[arg-type] # the fields of a truth
            if line.get("HomePage") == "NULL" and row % 2:
                of |= {"outcomes": frozenset({"blank_word"}), "delivered": "NULL", "is_own": False}
                yield Truth(entity="account", asked=name, field="website", **of)  # type: ignore[arg-type] # the fields of a truth
            if source == "customers" and row % 9 == 0:
                of |= {"outcomes": frozenset({"never_delivered"}), "delivered": None, "is_own": False}
                yield Truth(entity="account", asked=name, field="website", **of)  # type: ignore[arg-type] # the fields of a truth


def _direct(customers: Numbered, suppliers: Numbered) -> Iterator[Truth]:
    """City and region become one text; a postal code keeps its zeros; a stored link is cut down to its address."""
    of = {
        "question": Question.DIRECT,
        "entity": "account",
        "outcomes": VALUE,
        "decision": "D-001",
        "person": DANA,
        "is_own": False,
    }
    for row, line in customers[::2]:
        has_region = line["Region"] != "NULL"
        city = f"{line['City']}, {line['Region']}" if has_region else line["City"]
        name = f"nw-c-{line['CustomerID']}"
        yield Truth(
            source="customers", row=row, asked=name, field="city", value=city, delivered=line["City"], **of
        )  # type: ignore[arg-type] # the fields of a truth
        if line["PostalCode"].startswith("0"):
            code = line["PostalCode"]
            yield Truth(
                source="customers",
                row=row,
                asked=name,
                field="postal_code",
                value=code,
                delivered=code,
                is_changed=False,
                **of,
            )  # type: ignore[arg-type] # the fields of a truth
    for row, line in suppliers:
        if "#" in line["HomePage"]:
            address = line["HomePage"].split("#")[1]
            is_file = not address.startswith("http")
            accepted = of | ({"decision": "D-004", "is_own": True} if is_file else {})
            yield Truth(
                source="suppliers", row=row, asked=f"nw-s-{line['SupplierID']}", field="website", value=address,
                delivered=line["HomePage"], is_changed=True, **accepted,
            )  # type: ignore[arg-type] # the fields of a truth  # fmt: skip


def _history(orders: Numbered, shippers: dict[str, str]) -> Iterator[Truth]:
    """An order's day is written month first, and its shipper by number."""
    of = {
        "question": Question.HISTORY,
        "entity": "activity",
        "source": "orders",
        "outcomes": VALUE,
        "decision": "D-003",
        "person": DANA,
    }
    for row, line in orders[::40]:
        name, (month, day, year) = f"nw-o-{line['OrderID']}", map(int, line["OrderDate"].split("/"))
        when = f"{year:04d}-{month:02d}-{day:02d}"
        yield Truth(
            row=row,
            asked=name,
            field="occurred_on",
            value=when,
            delivered=line["OrderDate"],
            is_changed=True,
            is_own=False,
            **of,
        )  # type: ignore[arg-type] # the fields of a truth
        subject = f"Order via {shippers[line['ShipVia']]}"
        yield Truth(
            row=row,
            asked=name,
            field="subject",
            value=subject,
            delivered=line["ShipVia"],
            is_changed=True,
            is_own=False,
            **of,
        )  # type: ignore[arg-type] # the fields of a truth


def _approvals(customers: Numbered, orders: Numbered) -> Iterator[Truth]:
    of = {"question": Question.APPROVAL, "outcomes": VALUE, "person": DANA, "is_own": False}
    row, line = customers[3]
    for field in ("external_id", "name", "lifecycle_stage", "country", "phone"):
        yield Truth(
            entity="account",
            asked=f"nw-c-{line['CustomerID']}",
            source="customers",
            row=row,
            field=field,
            decision="D-001",
            **of,
        )  # type: ignore[arg-type] # the fields of a truth
    for field in ("full_name", "job_title", "account"):
        yield Truth(
            entity="contact",
            asked=f"nw-c-{line['CustomerID']}-contact",
            source="customers",
            row=row,
            field=field,
            decision="D-002",
            **of,
        )  # type: ignore[arg-type] # the fields of a truth
    row, line = orders[100]
    for field in ("account", "kind", "external_id"):
        yield Truth(
            entity="activity",
            asked=f"nw-o-{line['OrderID']}",
            source="orders",
            row=row,
            field=field,
            decision="D-003",
            **of,
        )  # type: ignore[arg-type] # the fields of a truth
