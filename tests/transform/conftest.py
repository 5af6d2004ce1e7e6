"""The project as it ships, and small companies written as tables."""

from pathlib import Path

import duckdb
import pytest
import yaml

from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.transform.project import Project, load_project
from aformity_pipelines.transform.run_models import empty_mapped, run_model

ROOT = Path(__file__).parents[2]
ENTITIES = ("account", "user", "contact", "subscription", "activity")


@pytest.fixture(scope="session")
def sources() -> dict[tuple[str, str], str]:
    mapped = {("mapped", entity): f'mapped."{entity}"' for entity in ENTITIES}
    return mapped | {("review", "merges"): "review.merges"}


@pytest.fixture(scope="session")
def project() -> Project:
    return load_project(ROOT / "dbt_like_transforms")


@pytest.fixture(scope="session")
def destination() -> Destination:
    document = yaml.safe_load((ROOT / "expectations/b2b_saas/destination.yaml").read_text(encoding="utf-8"))
    return Destination.model_validate(document)


class Company:
    """Mapped rows and approved merges, in a DuckDB of their own."""

    def __init__(
        self, project: Project, destination: Destination, sources: dict[tuple[str, str], str]
    ) -> None:
        self.project = project
        self.sources = sources
        self.connection = duckdb.connect()
        self.connection.execute("CREATE SCHEMA mapped; CREATE SCHEMA review")
        for entity in ENTITIES:
            self.connection.execute(
                f'CREATE TABLE mapped."{entity}" AS {empty_mapped(destination.entities[entity])}'
            )
        self.connection.execute(
            "CREATE TABLE review.merges (entity VARCHAR, row_id VARCHAR, survivor VARCHAR)"
        )

    def rows(self, entity: str, *rows: dict[str, object]) -> "Company":
        for row in ({"source": "crm", "wave": "first", **row} for row in rows):
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            self.connection.execute(
                f'INSERT INTO mapped."{entity}" ({names}) VALUES ({marks})', list(row.values())
            )
        return self

    def merge(self, entity: str, survivor: str, *others: str) -> "Company":
        for row_id in (survivor, *others):
            self.connection.execute("INSERT INTO review.merges VALUES (?, ?, ?)", [entity, row_id, survivor])
        return self

    def select(self, model: str, *columns: str) -> list[tuple[object, ...]]:
        run_model(self.connection, self.project, model, sources=self.sources)
        chosen = ", ".join(f'"{column}"' for column in columns)
        return self.connection.execute(f'SELECT {chosen} FROM "{model}" ORDER BY ALL').fetchall()


@pytest.fixture
def company(project: Project, destination: Destination, sources: dict[tuple[str, str], str]) -> Company:
    return Company(project, destination, sources)
