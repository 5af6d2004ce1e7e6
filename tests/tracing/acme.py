"""A customer of a few rows in which every kind of absence and every fate happens once."""

import dataclasses
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import record
from aformity_pipelines.stages.raw_file import run_raw_file
from aformity_pipelines.stages.run import Run, secure
from aformity_pipelines.stages.whole import run_wave
from tests.builders.once import made_once

PROJECT = Path(__file__).parents[2]

DEFS = """\
type: aformity_pipelines.CustomerMigration
attributes:
  customer: Acme
  destination: {name: b2b_saas, version: "1"}
  replaces: {what: an old system, why: it is old}
  people:
    priya: {name: Priya Raman, role: Lead, side: implementation}
    hanna: {name: Hanna Vogt, role: Head of sales, side: customer}
  sources:
    crm: {file: "crm.csv", says: Companies., key: Nr, blanks: ["n/a"]}
    partners: {file: "partners.csv", says: Partners., key: Code}
    people: {file: "people.csv", says: People., key: Nr}
    titles: {file: "titles.csv", says: Titles., key: Code, lookup_only: true}
    staff: {file: "staff.csv", says: Staff., key: Mail}
    temps: {file: "temps.csv", says: Hired staff., key: Nr}
    contracts: {file: "contracts.csv", says: Contracts., key: Contract}
  waves:
    - {name: wave_1, says: Everybody., launches_on: "2026-12-01"}
    - {name: wave_2, says: Closed companies., launches_on: "2027-01-12", where: {crm: "\\"Stage\\" = 'Closed'"}}
  owners:
    default: {person: priya, due_days: 10}
    account.name: {person: hanna, due_days: 5}
    temps: {person: hanna, due_days: 3}
  policies: {unapproved_mapping: report}
"""
ACCOUNT = """\
entity: account
reads:
  - source: crm
    only: {where: "\\"Stage\\" <> 'Test'", why: Test companies are nobody.}
    fields:
      external_id: {from: Nr}
      name: {from: Name, rule: [trim, collapse_spaces]}
      parent_account: {from: Parent}
      owner: {from: Owner, rule: [trim, lower]}
      lifecycle_stage: {from: Stage}
      country: {from: Country, values: country}
      phone: {from: Phone, rule: keep_digits}
      city: {from: City, rule: [trim, {blank_when: ["-"]}]}
  - source: partners
    fields:
      external_id: {from: Code, rule: {prefix: "p-"}}
      name: {from: Firm}
      lifecycle_stage: {constant: partner}
"""
CONTACT = """\
entity: contact
reads:
  - source: people
    fields:
      external_id: {from: Nr}
      full_name: {from: Name}
      email: {from: Mail}
      account: {from: Firm}
      job_title: {from: Title, rule: {lookup: {source: titles, key: Code, take: Title}}}
"""
USER = """\
entity: user
reads:
  - source: staff
    fields:
      email: {from: Mail}
      full_name: {from: Name}
      role: {from: Role, values: role}
      account: {from: Firm}
      is_active: {from: Active}
  - source: temps
    fields:
      email: {from: Mail}
      full_name: {constant: Somebody}
      account: {constant: "1"}
      role: {constant: member}
      is_active: {constant: "true"}
"""
SUBSCRIPTION = """\
entity: subscription
reads:
  - source: contracts
    fields:
      external_id: {from: Contract}
      account: {from: Firm}
      plan: {from: Plan}
      status: {constant: active}
      start_date: {from: Start}
"""
CRM = """\
Nr,Name,Parent,Owner,Stage,Country,Phone,City
1,Alpha,,Jo@acme.example,Active,Germany,+49 1,Berlin
2,Beta,,,Active,Germany,n/a,-
3,Gamma,4,,Active,Germany,+49 3,Ulm
4,Delta,,,Closed,Germany,+49 4,Ulm
5,Epsilon,,,Active,EMEA,+49 5,Ulm
6,Zeta,,,Active,Narnia,+49 6,Ulm
7,Eta Ltd,,,Active,Germany,,Ulm
8,ETA,7,,Active,Germany,+49 8,Bonn
9,Theta,8,,Active,Germany,call us,Ulm
10,Iota,,,Active,Germany,+49 10,Ulm
11,Kappa,,,Active,Germany,+49 11,Ulm
12,,,,Active,Germany,+49 12,Ulm
13,Mu,,,Active,Germany,+49 13,Ulm
14,MU GmbH,,,Active,France,+49 14,Ulm
15,Xi,,,Active,Germany,+49 15,Ulm
16,,,,Active,Germany,+49 16,Ulm
18,Omega,,,Active,Germany,+49 18,nowhere
19,Try,,,Test,Germany,+49 19,Ulm
"""
FILES = {
    "defs.yaml": DEFS,
    "mapping/account.yaml": ACCOUNT,
    "mapping/contact.yaml": CONTACT,
    "mapping/user.yaml": USER,
    "mapping/subscription.yaml": SUBSCRIPTION,
    "values/country.csv": "source,target,decision,note\nDeutschland,DE,,\n",
    "values/role.csv": "source,target,decision,note\nRep,member,,\n",
    "intake/crm.csv": CRM,
    "intake/partners.csv": "Code,Firm\n7,Partner AG\n8,Quint KG\n9,Rosso SpA\n",
    "intake/people.csv": (
        "Nr,Name,Mail,Firm,Title\n1,Ann,ann@x.example,1,C\n2,Bob,bob@x.example,4,C\n3,Cy,cy@x.example,12,C\n"
        "4,Di,di@x.example,8,C\n5,Ed,ed(at)x,1,C\n6,Flo,flo@x.example,1,Z\n"
    ),
    "intake/titles.csv": "Code,Title\nC,Chief\n",
    "intake/staff.csv": "Mail,Name,Role,Firm,Active\njo@acme.example,Jo,Rep,1,yes\n",
    "intake/temps.csv": "Nr,Mail\n1,a1@hire.net\n1,b2@rent.org\n",
    "intake/contracts.csv": "Contract,Firm,Plan,Start\nS1,1,Gold,2024-01-01\n",
}
WORDS = {"by": "hanna", "how_known": "E-mail of 2 November.", "evidence": ["E-mail"]}
ROWS = {"subject": "account", "fields": ["name", "parent_account"]}
DUPLICATE = {"subject": "account", "rule": "account.match_key.duplicate"}
STAGE = {"kind": "value_corrected", "why": "They said so.", "field": "lifecycle_stage"}
STAGED = {"subject": "account", "fields": ["lifecycle_stage"]}
DECISIONS = (
    {"kind": "mapping_approved", "says": "Reps are members.", "why": "They sell.", "covers": {"entity": "user", "fields": "all"}},
    {"kind": "rows_excluded", "says": "Iota stays behind.", "why": "It is closed.", "covers": {**ROWS, "rows": ["crm:10"]}},
    {"kind": "rows_deferred", "says": "Kappa comes later.", "why": "It moves.", "until_wave": "wave_2", "covers": {**ROWS, "rows": ["crm:11"]}},
    {"kind": "merge_approved", "says": "Both are Eta.", "why": "One address.", "survivor": "crm:7", "covers": {**ROWS, "rows": ["crm:7", "crm:8"]}},
    {"kind": "merge_approved", "says": "Both are Xi.", "why": "One address.", "survivor": "crm:15", "covers": {**ROWS, "rows": ["crm:15", "crm:16"]}},
    {"kind": "follow_up_opened", "says": "Hanna asks Mu.", "why": "One or two?", "owner": "hanna", "due": "2026-11-24", "covers": {**DUPLICATE, "rows": ["crm:13", "crm:14"]}},
    {"kind": "value_corrected", "says": "Nowhere is no city.", "why": "A joke.", "field": "city", "value": "", "covers": {"subject": "account", "fields": ["city"], "rows": ["crm:18"]}},
    {"kind": "risk_accepted", "says": "Owners follow.", "why": "Soon.", "covers": {"subject": "account", "rule": "account.owner.present", "rows": ["crm:2"]}},
    {**STAGE, "says": "Quint has left.", "value": "former_customer", "covers": {**STAGED, "rows": ["partners:8"]}},
    {**STAGE, "says": "Quint buys.", "value": "customer", "covers": {**STAGED, "rows": ["partners:8"]},
     "supersedes": "D-009", "supersedes_because": "They came back."},
    {**STAGE, "says": "Rosso is gold.", "value": "gold", "covers": {**STAGED, "rows": ["partners:9"]}},
)  # fmt: skip
MERGE, FOLLOW_UP, OWNERLESS = "D-004", "D-006", "D-008"


def project(into: Path) -> Workspace:
    """Write the customer, record its decisions, and cite one of them in its value maps."""
    for name in ("dbt_like_transforms", "expectations"):
        shutil.copytree(PROJECT / name, into / name)
    for path, text in FILES.items():
        file = into / "customers/acme" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    workspace = Workspace(root=into, storage=into / "storage")
    workspace.key("acme").parent.mkdir(parents=True)
    workspace.key("acme").write_text("ab" * 32, encoding="ascii")
    for source in opened(workspace).migration.customer.sources:
        run_raw_file(opened(workspace), source)
    for place, fields in enumerate(DECISIONS):
        if place == 1:
            _find_what_is_wrong(workspace)
        record(opened(workspace), Draft.model_validate({**WORDS, **fields}))
    country, role = (into / f"customers/acme/values/{name}.csv" for name in ("country", "role"))
    country.write_text(country.read_text("utf-8") + "EMEA,,D-001,a region\n", encoding="utf-8")
    role.write_text(role.read_text("utf-8").replace("member,,", "member,D-001,"), encoding="utf-8")
    return workspace


def _find_what_is_wrong(workspace: Workspace) -> None:
    """Run once, so that there are findings to decide about, and forget what was published."""
    list(run_wave(opened(workspace)))
    for folder in (workspace.published("acme", "wave_1"), workspace.handoff("acme", "wave_1")):
        shutil.rmtree(folder, ignore_errors=True)
    for stage in ("export", "handoff_report"):
        shutil.rmtree(workspace.build("acme", stage, "any", "wave_1").parent, ignore_errors=True)


def opened(workspace: Workspace, wave: str = "wave_1") -> Run:
    """Return a run with a connection of its own and the customer as it stands in its folder."""
    connection = duckdb.connect(config={"threads": 2})
    secure(connection, workspace, "acme")
    migration = load_migration(workspace.root, "acme")
    return Run(
        migration=migration,
        workspace=workspace,
        connection=connection,
        wave=wave,
        as_of=date(2026, 11, 2),
        by="test",
    )


def played(factory: pytest.TempPathFactory) -> Workspace:
    """Return the project after both waves, for tests that only look at it."""
    folder = made_once(factory, "acme", _play)
    return Workspace(root=folder, storage=folder / "storage")


def _play(into: Path) -> None:
    workspace = project(into)
    for wave in ("wave_1", "wave_2"):
        list(run_wave(opened(workspace, wave)))


def with_log(run: Run, log: tuple[Entry, ...]) -> Run:
    """Return the run with another decision log."""
    return dataclasses.replace(run, migration=dataclasses.replace(run.migration, log=log))
