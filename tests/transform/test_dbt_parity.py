"""dbt itself runs the same folder over the same rows and gives the same tables.

dbt lives in an environment of its own, `.venv-dbt/`, because it pins other versions than we do.
"""

import os
import subprocess
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.transform.run_models import run_model

ROOT = Path(__file__).parents[2]
DBT = ROOT / ".venv-dbt/bin/dbt"


@pytest.fixture
def busy(company):
    """Every path of the models at least once: merges, blanks, retired keys, rows set aside."""
    company.rows(
        "account",
        {"row_id": "a1", "external_id": "A", "name": "Größe & Söhne GmbH", "owner": "old@x.example"},
        {
            "row_id": "a2",
            "external_id": "B",
            "name": "Grosse und Sohne",
            "parent_account": "A",
            "city": "Bonn",
        },
        {"row_id": "a3", "external_id": "C", "parent_account": "B", "wave": None},
        {"row_id": "a4", "external_id": "D", "set_aside": "excluded by D-004"},
        {"row_id": "a5", "external_id": "C"},
    )
    company.rows(
        "user",
        {"row_id": "u1", "email": "New@x.example", "is_active": True},
        {"row_id": "u2", "email": "old@x.example", "manager": "New@x.example", "account": "B"},
        {"row_id": "u3", "email": "c@x.example", "manager": "old@x.example", "is_active": False},
    )
    company.rows(
        "contact",
        {"row_id": "c1", "external_id": "1", "email": "Jo@x.example", "account": "B"},
        {"row_id": "c2", "external_id": "2", "phone": "+49 228 1", "is_billing_contact": True},
    )
    company.rows(
        "subscription",
        {
            "row_id": "s1",
            "external_id": "S",
            "account": "B",
            "start_date": "2024-02-29",
            "seats": 9007199254740993,
        },
        {"row_id": "s2", "external_id": "T", "account": "GONE", "monthly_amount": "1234.5678"},
    )
    company.rows(
        "activity", {"row_id": "t1", "external_id": "T", "account": "B", "contact": "2", "kind": "call"}
    )
    return company.merge("account", "a1", "a2").merge("user", "u1", "u2").merge("contact", "c2", "c1")


def build_with_dbt(database: Path, scratch: Path) -> subprocess.CompletedProcess[str]:
    example = (ROOT / "dbt_like_transforms/profiles.example.yml").read_text(encoding="utf-8")
    (scratch / "profiles.yml").write_text(example, encoding="utf-8")
    folders = ["--profiles-dir", scratch, "--target-path", scratch / "target", "--log-path", scratch / "logs"]
    quiet = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false"}
    return subprocess.run(
        [DBT, "--no-version-check", "build", "--project-dir", ROOT / "dbt_like_transforms", *folders],
        env=os.environ | quiet | {"AFORMITY_DBT_DATABASE": str(database)},
        cwd=scratch,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_every_table_that_dbt_builds_is_the_one_we_build(busy, project, sources, tmp_path) -> None:
    if not DBT.exists():
        assert not os.environ.get("CI"), ".venv-dbt is missing; run `make dbt-env` before the tests"
        pytest.skip("needs dbt in .venv-dbt; run `make dbt-env`")
    database = tmp_path / "dbt.duckdb"
    busy.connection.execute(f"ATTACH '{database}' AS there; COPY FROM DATABASE memory TO there; DETACH there")

    outcome = build_with_dbt(database, tmp_path)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    with duckdb.connect(str(database), read_only=True) as theirs:
        for model in project.models:
            run_model(busy.connection, project, model.name, sources=sources)
            for question in ("DESCRIBE {}", "SELECT * FROM {} ORDER BY ALL"):
                asked = question.format(f'"{model.name}"')
                assert theirs.execute(asked).fetchall() == busy.connection.execute(asked).fetchall(), (
                    model.name
                )


def test_the_locked_dbt_runs_on_the_duckdb_that_the_pipeline_runs_on() -> None:
    locks = [
        (ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-dbt.lock")
    ]
    pins = [[line for line in lock.splitlines() if line.startswith("duckdb==")] for lock in locks]

    assert pins[0] == pins[1]
    assert len(pins[0]) == 1
