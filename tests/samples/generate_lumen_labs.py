"""Writes the files that the sample customer `lumen_labs` delivers: the same bytes each time.

    python -m tests.samples.generate_lumen_labs           # write them
    python -m tests.samples.generate_lumen_labs --check   # compare with the committed ones

Customers hold no code, so this lives with the tests.  What is planted where: `lumen_planted`.
"""

import argparse
import csv
import io
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from tests.samples import lumen_planted as planted
from tests.samples import lumen_rows as rows
from tests.samples.lumen_planted import RENAMED_ROLE, SUPERUSERS, UNREADABLE

SEED = 20261102
CUSTOMER = Path(__file__).parents[2] / "customers" / "lumen_labs"
INTAKE, ARRIVING = CUSTOMER / "intake", CUSTOMER / "story" / "arriving"
WRITTEN_AT = datetime(2026, 11, 2, 9, 0, 0)  # noqa: DTZ001 - workbooks know no time zone
TITLE_BLOCK = (
    "Lumen Labs GmbH - contract list",
    "Printed on 02/11/2026 by finance; days first; amounts in EUR without VAT",
    "Internal use only",
)


def files() -> dict[str, bytes]:
    """Return the bytes of every intake file, by name."""
    drawn = rows.draw(SEED)
    title = "".join(f"{line}\r\n" for line in TITLE_BLOCK)
    subscriptions = title + _csv(rows.SUBSCRIPTION_HEADER, drawn.subscriptions, ",", "\r\n")
    return {
        "lumen_crm_export.xlsx": _workbook(
            {"Accounts": (rows.ACCOUNT_HEADER, *drawn.accounts), "Users": (rows.USER_HEADER, *drawn.users)}
        ),
        "lumen_crm_export_2026-11-27.xlsx": _workbook(
            {
                "Accounts": (rows.ACCOUNT_HEADER, *drawn.accounts),
                "Users": (rows.USER_HEADER, *_renamed(drawn.users)),
            }
        ),
        "kontakte.csv": _csv(rows.CONTACT_HEADER, drawn.contacts, ";", "\r\n").encode("cp1252"),
        "kontakte_2026-11-23.csv": _second_list(drawn).encode("cp1252"),
        "billing_subscriptions.csv": subscriptions.encode("utf-8"),
        "activities.csv": _csv(rows.ACTIVITY_HEADER, drawn.activities, ",", "\n").encode("utf-8-sig"),
    }


def later_files() -> dict[str, bytes]:
    """Return the bytes of every file that arrives after launch day, by name."""
    drawn = rows.draw(SEED)
    sheets = {
        "Accounts": (rows.ACCOUNT_HEADER, *_refreshed(drawn.accounts)),
        "Users": (rows.USER_HEADER, *_renamed(drawn.users)),
    }
    return {"lumen_crm_export_2026-12-07.xlsx": _workbook(sheets)}


def _renamed(users: rows.Table) -> rows.Table:
    """Return the users as the CRM exports them once somebody has renamed a role."""
    role = rows.USER_HEADER.index("Role")
    return tuple(
        (*user[:role], RENAMED_ROLE, *user[role + 1 :]) if user[0] in SUPERUSERS else user for user in users
    )


def _refreshed(accounts: rows.Table) -> rows.Table:
    """Return the companies as the CRM exports them on 7 December: the last entered first, a week of work later."""
    owner = next(
        row[rows.ACCOUNT_HEADER.index("Acct Mgr")] for row in accounts if row[0] == planted.MERGED[0]
    )
    changes: dict[str, dict[str, str | date]] = {
        **{number: {"Phone": phone} for number, phone in planted.NEW_PHONE.items()},
        **{number: {"Company": name} for number, name in planted.NEW_NAME.items()},
        **{number: {"Acct Mgr": str(owner)} for number in planted.NEW_OWNER},
        planted.REOPENED: {"Status": "Active"},
    }
    kept = [_changed(row, changes.get(str(row[0]), {})) for row in accounts if row[0] not in planted.VANISHED]
    model = next(row for row in accounts if row[0] == planted.MERGED[0])
    new: dict[str, str | date] = {
        "Account ID": planted.NEW_ACCOUNT,
        "Company": "Sandkrug Logistik GmbH",
        "Segment": "Logistics",
    }
    new |= {
        "Website": "https://www.sandkrug-logistik.example",
        "Phone": "+49 441 5550173",
        "Post code": "26122",
    }
    new |= {"City": "Oldenburg", "Internal notes": "", "Parent ID": "", "Status": "Active"}
    new["Created"] = date(2026, 12, 1)
    return (_changed(model, new), *reversed(kept))


def _changed(row: rows.Row, cells: dict[str, str | date]) -> rows.Row:
    return tuple(cells.get(header, cell) for header, cell in zip(rows.ACCOUNT_HEADER, row, strict=True))


def _second_list(drawn: rows.Rows) -> str:
    """Return the contact list of 23 November: another header, nine more people, three lines that cannot be read."""
    groups = ";".join(rows.CONTACT_GROUPS)
    whole = _csv(rows.CONTACT_HEADER, (*drawn.contacts, *drawn.new_contacts), ";", "\r\n")
    header, *records = whole.removesuffix("\r\n").split("\r\n")
    lines = [groups, header, *sorted((*records, *UNREADABLE.values()))]
    return "".join(f"{line}\r\n" for line in lines)


def _csv(header: tuple[str, ...], table: rows.Table, delimiter: str, line_end: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(header)
    writer.writerows(table)
    return text.getvalue()


def _workbook(sheets: dict[str, rows.Table]) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": "CRM export", "author": "Lumen Labs", "created": WRITTEN_AT})
        bold, day = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "yyyy-mm-dd"})
        for name, (header, *records) in sheets.items():
            sheet = workbook.add_worksheet(name)
            for place, text in enumerate(header):
                sheet.write_string(0, place, str(text), bold)
            for line, record in enumerate(records, start=1):
                for place, value in enumerate(record):
                    if isinstance(value, date):
                        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                    elif isinstance(value, int):
                        sheet.write_number(line, place, value)
                    elif value:
                        sheet.write_string(line, place, value)
    return _stored(packed.getvalue())


def _stored(packed: bytes) -> bytes:
    """Pack a zip file again without compression, whose bytes differ from one zlib to the next."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            new.writestr(zipfile.ZipInfo(member.filename), old.read(member), zipfile.ZIP_STORED)
    return out.getvalue()


def main() -> int:
    """Write or compare; returns 1 where a committed file differs."""
    parser = argparse.ArgumentParser(description="Intake files of the sample customer lumen_labs.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files")
    written = {INTAKE: files(), ARRIVING: later_files()}
    if not parser.parse_args().check:
        for folder, contents in written.items():
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in contents.items():
                (folder / name).write_bytes(content)
        return 0
    differing = [
        folder / name
        for folder, contents in written.items()
        for name, content in contents.items()
        if not _is_same(folder / name, content)
    ]
    for path in differing:
        print(
            f"{path.name} in {path.parent.name}/ differs from what the generator writes; run it, or undo the edit"
        )
    return 1 if differing else 0


def _is_same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


if __name__ == "__main__":
    sys.exit(main())
