"""A whole project in a temporary folder: the real destination and models, and customers of one file each."""

import shutil
from pathlib import Path

from aformity_pipelines.files.workspace import Workspace

REPOSITORY = Path(__file__).parents[2]

ACCOUNTS = """\
ID,Name,Status
007,Acme,live
008,Bolt,lead
009,Cask,live
"""

DEFS = """\
type: aformity_pipelines.CustomerMigration
attributes:
  customer: {label}
  status: {status}
  destination: {{name: b2b_saas, version: "1"}}
  replaces: {{what: "A spreadsheet.", why: "Everybody works in it."}}
  people:
    ina: {{name: Ina Vogt, role: Data owner, side: customer}}
  sources:
    companies: {{file: "companies*.csv", says: "Companies, one a row.", key: ID}}
  waves:
    - {{name: wave_1, says: "The first launch.", launches_on: "2027-01-01"}}
    - {{name: wave_2, says: "The leads.", launches_on: "2027-02-01", where: {{companies: "\\"Status\\" = 'lead'"}}}}
  owners:
    default: {{person: ina, due_days: 5}}
  policies: {{unapproved_mapping: {unapproved}}}
  schedule: {{cron: "0 6 * * 1", waves: wave_2}}
"""

ACCOUNT = """\
entity: account
reads:
  - source: companies
    fields:
      external_id: {from: ID}
      name: {from: Name}
      lifecycle_stage: {from: Status}
"""


def tiny_project(folder: Path) -> Workspace:
    """Return a project without customers."""
    for name in ("expectations", "dbt_like_transforms"):
        shutil.copytree(REPOSITORY / name, folder / name)
    (folder / "customers").mkdir()
    return Workspace(root=folder, storage=folder / "storage")


def add_customer(
    workspace: Workspace,
    slug: str,
    *,
    rows: str | None = ACCOUNTS,
    unapproved: str = "report",
    status: str = "active",
) -> Path:
    """Add a customer whose gates are open unless `unapproved` is `block`; return its folder."""
    folder = workspace.customer(slug)
    (folder / "mapping").mkdir(parents=True)
    (folder / "intake").mkdir()
    defs = DEFS.format(label=slug.title(), status=status, unapproved=unapproved)
    (folder / "defs.yaml").write_text(defs, encoding="utf-8")
    (folder / "mapping" / "account.yaml").write_text(ACCOUNT, encoding="utf-8")
    if rows is not None:
        (folder / "intake" / "companies.csv").write_text(rows, encoding="utf-8")
    key = workspace.key(slug)
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text("ab" * 32 + "\n", encoding="ascii")
    return folder
