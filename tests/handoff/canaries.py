"""Canaries: rows that no customer delivered, with a text in every cell that is found again wherever it is kept.

Of each sample's sources, one row that fits the mapping and one in which nothing fits.
"""

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One source, and what its canaries are."""

    file: str
    keeps: tuple[str, ...] = ()
    """Columns whose value in the fitting row is a neighbour's: links, dates, words of a closed list."""
    personal: tuple[str, ...]
    """Columns that hold what names or reaches a person, or that no field reads: none of their canaries may be seen."""
    fits: Mapping[str, str] | None = None
    """Column -> form of its canary in the fitting row."""
    sheet: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    header_row: int = 1


MAIL, PHONE = "{}@zq.example", "+49 30 {digits}"
CHANGED_MAIL = "{}@ZQ.example"
"""Few addresses of the sample are written so; in small letters it is an example of what the mapping changes."""
SAMPLES: dict[str, dict[str, Planted]] = {
    "northwind": {
        "customers": Planted(
            file="Customers.csv",
            keeps=("Country",),
            personal=("ContactName", "Address", "Phone", "Fax"),
            fits={"Phone": PHONE},
        ),
        "suppliers": Planted(
            file="Suppliers.csv",
            keeps=("Country", "HomePage"),
            personal=("ContactName", "Address", "Phone", "Fax"),
            fits={"Phone": PHONE},
        ),
        "orders": Planted(
            file="Orders.csv",
            keeps=("CustomerID", "OrderDate", "ShipVia"),
            personal=(
                "EmployeeID", "RequiredDate", "ShippedDate", "Freight", "ShipName", "ShipAddress", "ShipCity",
                "ShipRegion", "ShipPostalCode", "ShipCountry",
            ),
        ),
        "shippers": Planted(file="Shippers.csv", personal=("Phone",)),
    },
    "lumen_labs": {
        "crm_accounts": Planted(
            file="lumen_crm_export_2026-11-27.xlsx",
            sheet="Accounts",
            keeps=("Parent ID", "Acct Mgr", "Status", "Segment", "Country", "Created"),
            personal=("Acct Mgr", "Phone", "Internal notes"),
            fits={"Phone": PHONE},
        ),
        "crm_users": Planted(
            file="lumen_crm_export_2026-11-27.xlsx",
            sheet="Users",
            keeps=("Manager Email", "Account ID", "Role", "Active"),
            personal=("Email", "Name", "Manager Email", "Last login"),
            fits={"Email": MAIL},
        ),
        "kontakte": Planted(
            file="kontakte_2026-11-23.csv",
            header_row=2,
            keeps=("Firma-Nr", "Rechnungskontakt"),
            personal=("Name", "E-Mail", "Telefon", "Anrede", "Geburtstag"),
            fits={"E-Mail": CHANGED_MAIL, "Telefon": PHONE},
            delimiter=";",
            encoding="cp1252",
        ),
        "billing": Planted(
            file="billing_subscriptions.csv",
            keeps=("Customer No", "Plan", "State", "Start", "End", "Seats", "Monthly net"),
            personal=("VAT ID", "Sales rep"),
            header_row=4,
        ),
        "activities": Planted(
            file="activities.csv",
            keeps=("Account", "Contact", "Kind", "Date"),
            personal=("Logged by",),
            encoding="utf-8-sig",
        ),
    },
}  # fmt: skip


def canary(slug: str, source: str, column: str, *, fits: bool) -> str:
    """Return the text that stands in one cell and nowhere else in the world; its digits alone are as rare."""
    columns = [
        (each, name)
        for each, planted in SAMPLES[slug].items()
        for name in (*planted.personal, *planted.keeps)
    ]
    place = columns.index((source, column)) if (source, column) in columns else 80 + len(column)
    number = f"7{list(SAMPLES).index(slug)}{list(SAMPLES[slug]).index(source)}{place:02d}{'13' if fits else '31'}907"
    return f"zq{number}canary"


def secrets(slug: str, *, allowed: tuple[tuple[str, str], ...] = ()) -> tuple[str, ...]:
    """Return what none may see: the digits of every canary in a personal or unmapped column, but for the allowed ones."""
    return tuple(
        re.sub(r"\D", "", canary(slug, source, column, fits=fits))
        for source, planted in SAMPLES[slug].items()
        for column in planted.personal
        for fits in (True, False)
        if (source, column) not in allowed
    )


def project_with_canaries(folder: Path, slug: str, *, dirty: bool = True) -> Path:
    """Return a project that holds one sample, with the rows planted at the end of each of its files."""
    for name in ("expectations", "dbt_like_transforms", "workspace.yaml"):
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, folder / name)
    for name in (slug, ".test-keys"):
        shutil.copytree(REPOSITORY / "customers" / name, folder / "customers" / name)
    intake = folder / "customers" / slug / "intake"
    for source, planted in SAMPLES[slug].items():
        plant = _plant_in_sheet if planted.sheet else _plant_in_csv
        plant(intake / planted.file, slug, source, planted, dirty)
    return folder


def _rows(
    slug: str, source: str, planted: Planted, header: list[str], last: list[str], dirty: bool
) -> Iterator[list[str]]:
    fitting = []
    for column, value in zip(header, last, strict=True):
        text = canary(slug, source, column, fits=True)
        form = (planted.fits or {}).get(column, "{}")
        digits = re.sub(r"\D", "", text)
        fitting.append(value if column in planted.keeps else form.format(text, digits=digits))
    yield fitting
    if dirty:
        yield [canary(slug, source, column, fits=False) for column in header]


def _plant_in_csv(path: Path, slug: str, source: str, planted: Planted, dirty: bool) -> None:
    text = path.read_text(encoding=planted.encoding)
    rows = list(csv.reader(io.StringIO(text), delimiter=planted.delimiter))
    header = rows[planted.header_row - 1]
    more = io.StringIO()
    csv.writer(more, delimiter=planted.delimiter, lineterminator="\n").writerows(
        _rows(slug, source, planted, header, rows[planted.header_row], dirty)
    )
    path.write_text(text.rstrip("\r\n") + "\n" + more.getvalue(), encoding=planted.encoding)


def _plant_in_sheet(path: Path, slug: str, source: str, planted: Planted, dirty: bool) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book[planted.sheet]
    header = [str(cell.value) for cell in sheet[1]]
    last = [cell.value for cell in sheet[2]]
    for row in _rows(slug, source, planted, header, last, dirty):  # type: ignore[arg-type]  # cells keep their types
        sheet.append(row)
    book.save(path)


def texts_in(path: Path) -> bytes:
    """Return all that a file says: of a workbook, what its parts say."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return b"\n".join(book.read(name) for name in book.namelist())
    return path.read_bytes()
