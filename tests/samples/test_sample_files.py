"""The committed sample files are what their generator writes, and hold what their README says."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LUMEN = ROOT / "customers" / "lumen_labs"
sys.path.insert(0, str(ROOT))

from tests.samples import generate_lumen_labs, lumen_planted, lumen_rows  # noqa: E402 - the project is no package


@pytest.fixture(scope="module")
def drawn() -> lumen_rows.Rows:
    return lumen_rows.draw(generate_lumen_labs.SEED)


def test_the_committed_files_are_what_the_generator_writes() -> None:
    command = [sys.executable, "-m", "tests.samples.generate_lumen_labs", "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_changed_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    for name, content in generate_lumen_labs.files().items():
        (tmp_path / name).write_bytes(content + b" " if name == "kontakte.csv" else content)
    monkeypatch.setattr(generate_lumen_labs, "INTAKE", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate_lumen_labs", "--check"])
    assert generate_lumen_labs.main() == 1
    assert "kontakte.csv" in capsys.readouterr().out


def test_no_other_file_lies_in_intake() -> None:
    assert {path.name for path in (LUMEN / "intake").iterdir()} == set(generate_lumen_labs.files())


def test_no_other_file_arrives_later() -> None:
    assert {path.name for path in generate_lumen_labs.ARRIVING.iterdir()} == set(
        generate_lumen_labs.later_files()
    )


def test_there_are_about_1500_rows(drawn: lumen_rows.Rows) -> None:
    tables = (drawn.accounts, drawn.users, drawn.contacts, drawn.subscriptions, drawn.activities)
    assert [len(table) for table in tables] == [190, 80, 430, 210, 590]


def test_every_key_names_one_row(drawn: lumen_rows.Rows) -> None:
    for table in (drawn.accounts, drawn.users, drawn.contacts, drawn.subscriptions, drawn.activities):
        keys = [row[0] for row in table]
        assert len(set(keys)) == len(keys)


def test_only_planted_contacts_share_an_address(drawn: lumen_rows.Rows) -> None:
    emails = [row[3] for row in drawn.contacts if row[3] not in {"", "k.A."}]
    shared = {email for email in emails if emails.count(email) > 1}
    assert shared == set(lumen_planted.SHARED_EMAIL)


def test_only_planted_owners_are_no_users(drawn: lumen_rows.Rows) -> None:
    users = {str(row[0]).lower() for row in drawn.users}
    strangers = {row[0] for row in drawn.accounts if row[3] and str(row[3]).lower() not in users}
    assert strangers == set(lumen_planted.FORMER_OWNER)


def test_planted_facts_hang_on_accounts_that_launch_now(drawn: lumen_rows.Rows) -> None:
    elsewhere = {*lumen_planted.CLOSED, *lumen_planted.HOLDERS}
    planted = {*lumen_planted.BAD_EMAIL, *lumen_planted.BILLING_BAD_EMAIL, *lumen_planted.NO_COMPANY}
    planted |= {number for numbers in lumen_planted.SHARED_EMAIL.values() for number in numbers}
    assert not [row for row in drawn.contacts if row[0] in planted and row[6] in elsewhere]


def test_the_first_activities_are_those_of_2019(drawn: lumen_rows.Rows) -> None:
    old = [row[0] for row in drawn.activities if str(row[4]).startswith("2019")]
    assert old == [f"A-{number:05d}" for number in range(1, lumen_planted.ACTIVITIES_OF_2019 + 1)]


def test_the_readme_names_every_planted_row() -> None:
    readme = (LUMEN / "README.md").read_text(encoding="utf-8")
    facts = lumen_planted
    named = [*facts.MISSING_PARENT, *facts.CYCLE, *facts.CLOSED_PARENT, *facts.MERGED, *facts.NOT_THE_SAME]
    named += [*facts.PERHAPS_THE_SAME, *facts.BLANK_OWNER, *facts.FORMER_OWNER, *facts.AMBIGUOUS_CREATED]
    named += [*facts.STRATEGIC, *facts.PHONE, *facts.WEBSITE, *facts.SUPERUSERS, *facts.BILLING_BAD_EMAIL]
    named += [*facts.BAD_EMAIL, *facts.NO_COMPANY, *facts.CONTACT_PHONE, *facts.GOLD, *facts.AMOUNT]
    named += [
        *facts.ENDS_BEFORE_START,
        *facts.NO_SUCH_DATE,
        *facts.NO_SEATS,
        *facts.SEATS,
        *facts.NO_CUSTOMER,
    ]
    named += [*facts.UNREADABLE, facts.NEW_CONTACTS[0][0], facts.NEW_CONTACTS[-1][0]]
    named += [
        *facts.NEW_PHONE,
        *facts.NEW_NAME,
        *facts.NEW_OWNER,
        facts.REOPENED,
        *facts.VANISHED,
        facts.NEW_ACCOUNT,
    ]
    named += [*facts.NO_CONTACT, *facts.FAX, *facts.TYPED_WRONG, *facts.SUBJECT]
    assert [name for name in named if f"`{name}`" not in readme] == []


def test_northwind_still_says_null_and_keeps_its_zeros() -> None:
    path = ROOT / "customers" / "northwind" / "intake" / "Customers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["CustomerID"]: row for row in csv.DictReader(file)}
    assert (rows["ANATR"]["Region"], rows["ANATR"]["PostalCode"]) == ("NULL", "05021")
    assert b"\r\n" in path.read_bytes()
