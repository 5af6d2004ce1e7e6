"""Which models a field passes, on a project of three and on our own."""

from pathlib import Path

import pytest

from aformity_pipelines.transform.passes import passages
from aformity_pipelines.transform.project import Project, load_project

OURS = Path(__file__).parents[2] / "dbt_like_transforms"
STAGED = "SELECT row_id, source, name, city, boss FROM {{ source('mapped', 'person') }}"
KEYS = "SELECT name AS old_key, MIN(city) AS new_key FROM {{ ref('stg_person') }} GROUP BY name"
MART = """SELECT staged.row_id, staged.name, {city} AS city, COALESCE(keys.new_key, staged.boss) AS boss
FROM {{{{ ref('stg_person') }}}} AS staged LEFT JOIN {{{{ ref('int_keys') }}}} AS keys ON keys.old_key = staged.boss"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    for layer, name, sql in (
        ("staging", "stg_person", STAGED),
        ("intermediate", "int_keys", KEYS),
        ("marts", "person", MART.format(city="UPPER(staged.city)")),
    ):
        folder = tmp_path / "models" / layer
        folder.mkdir(parents=True)
        (folder / f"{name}.sql").write_text(sql)
        (folder / "schema.yml").write_text(
            f"version: 2\nmodels:\n  - name: {name}\n    description: About {name}\n"
        )
    (tmp_path / "models" / "sources.yml").write_text(
        "version: 2\nsources:\n  - name: mapped\n    tables:\n      - name: person\n"
    )
    (tmp_path / "dbt_project.yml").write_text((OURS / "dbt_project.yml").read_text())
    return tmp_path


def ways(project: Project) -> dict[str, tuple[list[str], list[str]]]:
    found = passages(project, "person", {"person": ("name", "city", "boss", "nobody")})
    return {
        name: ([m.name for m in way.models], [m.name for m in way.changing]) for name, way in found.items()
    }


def test_a_field_passes_the_models_that_carry_it_and_those_that_change_it_are_told(people: Path) -> None:
    assert ways(load_project(people)) == {
        "name": (["stg_person", "person"], []),
        "city": (["stg_person", "person"], ["person"]),
        "boss": (["stg_person", "person"], ["person"]),
    }


def test_a_model_that_changes_a_field_is_described_in_its_authors_words(people: Path) -> None:
    found = passages(load_project(people), "person", {"person": ("name", "city")})

    assert (found["name"].says, found["city"].says) == ("", "person: About person.")


def test_a_field_that_a_model_starts_to_change_is_no_longer_plain(people: Path) -> None:
    (people / "models" / "marts" / "person.sql").write_text(MART.format(city="staged.city"))

    assert ways(load_project(people))["city"] == (["stg_person", "person"], [])


def test_every_field_of_our_own_models_reaches_the_product() -> None:
    mapped = {
        "account": ("external_id", "name", "owner"),
        "user": ("email", "full_name", "role", "manager", "account", "is_active"),
    }

    found = passages(
        load_project(OURS),
        "account",
        {
            **mapped,
            "account": (
                *mapped["account"],
                "parent_account",
                "lifecycle_stage",
                "industry",
                "country",
                "website",
                "phone",
                "postal_code",
                "city",
            ),
        },
    )

    assert [m.name for m in found["owner"].models] == ["stg_account", "int_account__merged", "account"]
    assert [m.name for m in found["owner"].changing] == ["int_account__merged", "account"]
    assert [m.name for m in found["name"].changing] == ["int_account__merged"]
    assert len(found) == 11
