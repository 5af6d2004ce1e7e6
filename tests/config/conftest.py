"""A small project on disk: one destination and the customer `acme`, both in order."""

from collections.abc import Callable
from pathlib import Path

import pytest

DESTINATION = """\
destination: shop
version: "1"
label: The Shop
moments: {login: {label: First login, says: People get in.}}
entities:
  contact:
    label: Contact
    plural: Contacts
    says: A person.
    key: email
    fields:
      email: {required: true, unique: true, moment: login, says: Where mail goes.}
      country: {moment: login, says: Where they live., allowed: [{value: NO, aliases: [Norway]}, {value: SE}]}
      born: {type: date, moment: login, says: When they were born.}
      account: {moment: login, says: Their company., relationship: {entity: account, field: name}}
  account:
    label: Account
    plural: Accounts
    says: A company.
    key: name
    fields:
      name: {required: true, unique: true, moment: login, says: What it is called.}
"""
DEFS = """\
type: aformity_pipelines.CustomerMigration
attributes:
  customer: Acme
  destination: {name: shop, version: "1"}
  replaces: {what: an old system, why: it is old}
  people:
    priya: {name: Priya Raman, role: lead, side: implementation}
  sources:
    people: {file: "people*.csv", says: Everybody., key: Mail}
    firms: {file: "firms*.csv", says: Every company., lookup_only: true}
  waves:
    - {name: wave_1, says: Everybody., launches_on: "2026-12-01"}
    - {name: wave_2, says: The rest., launches_on: "2027-01-12", where: {people: "\\"State\\" = 'late'"}}
  owners:
    default: {person: priya, due_days: 10}
    contact.email: {person: priya, due_days: 5}
  schedule: {cron: "0 6 * * 1", waves: [wave_2]}
"""
CONTACT = """\
entity: contact
reads:
  - source: people
    only: {where: "\\"Mail\\" <> ''", why: Without an address there is nobody.}
    fields:
      email: {from: Mail, rule: [trim, lower]}
      country: {from: Land, values: country}
      born: {from: Geboren, cast: {date: {order: dmy}}}
      account: {from: FirmNr, rule: {lookup: {source: firms, key: Nr, take: Name}}}
    columns:
      State: {fate: archived, why: Only the wave needs it.}
"""
COUNTRY = "source,target,decision,note\nNorge,NO,,\nSverige,SE,,\n"
HEADERS = {"people": ("Mail", "Land", "Geboren", "FirmNr", "State"), "firms": ("Nr", "Name")}
FILES = {
    "expectations/shop/destination.yaml": DESTINATION,
    "customers/acme/defs.yaml": DEFS,
    "customers/acme/mapping/contact.yaml": CONTACT,
    "customers/acme/values/country.csv": COUNTRY,
}
Write = Callable[..., Path]


@pytest.fixture
def texts() -> dict[str, str]:
    """Return the project's files by path."""
    return dict(FILES)


@pytest.fixture
def headers() -> Callable[[object, str], tuple[str, ...]]:
    """Return what tells the headers that acme's sources were delivered with."""
    return lambda _, source: HEADERS[source]


@pytest.fixture
def project(tmp_path: Path) -> Write:
    """Return a function that writes the project and returns its root.

    Its argument maps a path to `(old, new)` to replace in that file, to a whole new text, or to
    None for a file that is missing.
    """

    def write(changes: dict[str, tuple[str, str] | str | None] | None = None) -> Path:
        texts: dict[str, str | None] = dict(FILES)
        for path, change in (changes or {}).items():
            if isinstance(change, tuple):
                old, new = change
                assert FILES[path].count(old) == 1, f"{old!r} must stand once in {path}"
                texts[path] = FILES[path].replace(old, new)
            else:
                texts[path] = change
        for path, text in texts.items():
            if text is not None:
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(text, encoding="utf-8")
        return tmp_path

    return write
