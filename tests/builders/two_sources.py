"""A whole project in a folder: one customer, two small files, accounts and contacts, and ways to run it.

`companies.csv` feeds accounts and, as part `desk`, contacts; `people.csv` feeds contacts.
"""

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import record
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.run import Run, secure
from aformity_pipelines.stages.whole import Outcome, run_wave

REPOSITORY = Path(__file__).parents[2]
SLUG = "tiny"
AS_OF = date(2026, 11, 20)

COMPANIES = """\
ID,Name,Status,Parent,Desk
007,Acme,live,,Front desk Acme
008,Bolt GmbH,live,007,
009,Cask,lead,007,
010,Bolt,live,,
011,Dell & Söhne,live,,
"""

PEOPLE = """\
No,Name,Mail,Company
p1,Jo Ruiz,jo@acme.example,007
p2,Émile 😀,,008
p3,Kim Ode,kim(at)dell,011
p4,Lou Fay,lou@bolt.example,010
p5,Max Orr,max@cask.example,009
"""

DEFS: dict[str, Any] = {
    "type": "aformity_pipelines.CustomerMigration",
    "attributes": {
        "customer": "Tiny Traders",
        "destination": {"name": "b2b_saas", "version": "1"},
        "replaces": {"what": "A spreadsheet.", "why": "Everybody works in it."},
        "people": {
            "ina": {"name": "Ina Vogt", "role": "Data owner", "side": "customer"},
            "sam": {"name": "Sam Lee", "role": "Implementation lead", "side": "implementation"},
        },
        "sources": {
            "companies": {"file": "companies*.csv", "says": "Companies, one a row.", "key": "ID"},
            "people": {"file": "people*.csv", "says": "People, one a row.", "key": "No", "blanks": ["NULL"]},
        },
        "waves": [
            {"name": "wave_1", "says": "The first launch.", "launches_on": "2027-01-01"},
            {
                "name": "wave_2",
                "says": "The leads.",
                "launches_on": "2027-02-01",
                "where": {"companies": "\"Status\" = 'lead'"},
            },
        ],
        "owners": {"default": {"person": "sam", "due_days": 5}},
        "policies": {"unapproved_mapping": "report"},
    },
}

ACCOUNT: dict[str, Any] = {
    "entity": "account",
    "reads": [
        {
            "source": "companies",
            "fields": {
                "external_id": {"from": "ID"},
                "name": {"from": "Name"},
                "lifecycle_stage": {"from": "Status"},
                "parent_account": {"from": "Parent"},
            },
        }
    ],
}

CONTACT: dict[str, Any] = {
    "entity": "contact",
    "reads": [
        {
            "source": "people",
            "fields": {
                "external_id": {"from": "No"},
                "full_name": {"from": "Name"},
                "email": {"from": "Mail"},
                "account": {"from": "Company"},
            },
        },
        {
            "source": "companies",
            "part": "desk",
            "only": {"where": '"Desk" IS NOT NULL', "why": "Only companies with a front desk."},
            "fields": {
                "external_id": {"from": "ID", "rule": {"prefix": "desk-"}},
                "full_name": {"from": "Desk"},
                "account": {"from": "ID"},
            },
        },
    ],
}

MERGE = {
    "kind": "merge_approved",
    "says": "Bolt is Bolt GmbH.",
    "survivor": "companies:008",
    "covers": {"subject": "account", "fields": "name", "rows": ["companies:008", "companies:010"]},
}


def project(
    folder: Path,
    *,
    files: Mapping[str, str] | None = None,
    defs: Mapping[str, Any] = DEFS,
    mappings: tuple[Mapping[str, Any], ...] = (ACCOUNT, CONTACT),
) -> Workspace:
    """Return a new project with one customer; nothing has run."""
    for name in ("expectations", "dbt_like_transforms"):
        shutil.copytree(REPOSITORY / name, folder / name)
    workspace = workspace_in(folder)
    home = workspace.customer(SLUG)
    (home / "mapping").mkdir(parents=True)
    (home / "defs.yaml").write_text(as_yaml(defs), encoding="utf-8")
    for mapping in mappings:
        (home / "mapping" / f"{mapping['entity']}.yaml").write_text(as_yaml(mapping), encoding="utf-8")
    deliver(workspace, files or {"companies.csv": COMPANIES, "people.csv": PEOPLE})
    key = workspace.key(SLUG)
    key.parent.mkdir(parents=True)
    key.write_text("ab" * 32 + "\n", encoding="ascii")
    return workspace


def as_yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(dict(document), Dumper=_WithoutAliases, allow_unicode=True, sort_keys=False)


class _WithoutAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def deliver(workspace: Workspace, files: Mapping[str, str]) -> None:
    """Put files into the customer's intake folder."""
    intake = workspace.intake(SLUG)
    intake.mkdir(exist_ok=True)
    for name, text in files.items():
        (intake / name).write_bytes(text.encode())


def copied(workspace: Workspace, into: Path) -> Workspace:
    """Return a copy of a whole project, its storage with it."""
    shutil.copytree(workspace.root, into, dirs_exist_ok=True)
    return workspace_in(into)


def workspace_in(folder: Path) -> Workspace:
    """Return the project in a folder, as it stands."""
    return Workspace(root=folder, storage=folder / "storage")


def a_run(workspace: Workspace, wave: str = "wave_1", *, threads: int = 1) -> Run:
    """Return a run on a connection of its own, as a new process would have it."""
    connection = duckdb.connect(config={"threads": threads})
    secure(connection, workspace, SLUG)
    migration = load_migration(workspace.root, SLUG)
    return Run(
        migration=migration, workspace=workspace, connection=connection, wave=wave, as_of=AS_OF, by="test"
    )


def decide(workspace: Workspace, **draft: Any) -> Entry:
    """Record one decision of Ina's; `draft` is what is particular to it."""
    words = {"by": "ina", "how_known": "A call.", "says": "As agreed.", "why": "Ina said so."}
    return record(a_run(workspace), Draft.model_validate(words | draft))


def run_all(workspace: Workspace, wave: str = "wave_1") -> dict[str, Outcome]:
    """Run every stage of a wave; what came of each, by `stage/name`."""
    return {"/".join(each.step): each for each in run_wave(a_run(workspace, wave))}


def run_stages(workspace: Workspace, *steps: tuple[Callable[[Run, str], object], str]) -> None:
    """Run some stages, each in a run of its own."""
    for stage, name in steps:
        stage(a_run(workspace), name)


def published(workspace: Workspace, wave: str = "wave_1") -> tuple[list[str], str | None]:
    """Return the published versions of a wave and the one that is pointed to."""
    home = workspace.published(SLUG, wave)
    current = current_version(home)
    return sorted(each.name for each in home.glob("v*")), current.name if current else None


def fate_of_key(workspace: Workspace, key: str, wave: str = "wave_1") -> tuple[str, str]:
    """Return fate and reason of the one row with a business key, in the current version."""
    folder = current_version(workspace.published(SLUG, wave))
    ((fate, reason),) = duckdb.execute(
        f"select fate, reason from read_parquet('{folder}/ledger.parquet') where row_key = ?", [key]
    ).fetchall()
    return fate, reason


def fates(workspace: Workspace, wave: str = "wave_1") -> dict[str, tuple[str, str, str | None]]:
    """Return `entity source#row[/part]` -> (fate, reason, because) of the current version."""
    folder = current_version(workspace.published(SLUG, wave))
    assert folder is not None
    rows = duckdb.execute(
        "select entity || ' ' || source || '#' || row || case when part = 'main' then '' else '/' || part end,"
        f" fate, reason, because from read_parquet('{folder}/ledger.parquet') order by 1"
    ).fetchall()
    return {row[0]: row[1:] for row in rows}
