"""Reading a folder of models."""

import pytest

from aformity_pipelines.transform.project import ProjectError, load_project

SOURCES_YML = """version: 2
sources:
  - name: mapped
    tables:
      - name: account
"""


@pytest.fixture
def write(tmp_path):
    """Write a project's files and give back its folder."""

    def written(**files: str):
        for name, text in ({"sources.yml": SOURCES_YML} | files).items():
            path = tmp_path / "models" / name.replace("__in__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return written


def problems_of(folder) -> tuple[str, ...]:
    with pytest.raises(ProjectError) as refused:
        load_project(folder)
    return refused.value.problems


def test_each_model_stands_after_the_models_it_reads(project) -> None:
    order = [model.name for model in project.models]

    for model in project.models:
        assert all(order.index(ref) < order.index(model.name) for ref in model.refs)


def test_the_order_does_not_depend_on_the_folder_it_lies_in(write) -> None:
    folder = write(
        **{
            "marts/z.sql": "SELECT 1 AS row_ids FROM {{ ref('b') }}, {{ ref('a') }}",
            "staging/b.sql": "SELECT 1 AS row_ids",
            "staging/a.sql": "SELECT 1 AS row_ids",
        }
    )

    assert [model.name for model in load_project(folder).models] == ["a", "b", "z"]


def test_a_model_knows_its_layer_its_refs_and_its_sources(project) -> None:
    model = project.model("int_account__merged")

    assert (model.layer, str(model.path)) == ("intermediate", "models/intermediate/int_account__merged.sql")
    assert (model.refs, model.sources) == (("stg_account",), (("review", "merges"),))


def test_only_models_declared_so_are_lookups(project) -> None:
    lookups = [model.name for model in project.models if model.is_lookup]

    assert lookups == ["int_account__keys", "int_contact__keys", "int_user__keys"]


def test_ancestors_and_sources_reach_through_every_ref(project) -> None:
    assert [model.name for model in project.ancestors("subscription")] == [
        "stg_account",
        "stg_subscription",
        "int_account__merged",
        "int_account__keys",
    ]
    assert set(project.sources_of("subscription")) == {
        ("mapped", "account"),
        ("mapped", "subscription"),
        ("review", "merges"),
    }


def test_a_model_that_is_not_there_is_refused_with_the_names_of_those_that_are(project) -> None:
    with pytest.raises(KeyError, match=r"no model 'acount' in dbt_like_transforms; there are: .*account"):
        project.model("acount")


def test_all_problems_come_at_once_with_file_and_line(write) -> None:
    folder = write(
        **{
            "marts/a.sql": "SELECT 1\nFROM {{ ref('nobody') }}\nJOIN {{ source('mapped', 'contact') }}",
            "marts/b.sql": "{{ config(materialized='table') }}\nSELECT {% if x %} 1 {% endif %}",
            "marts/c.sql": "SELECT {# why #} 1 FROM {{ ref('pack', 'a') }} {{ this }",
            "staging/a.sql": "SELECT 1",
            "marts/schema.yml": "models:\n  - name: gone\n  - name: b\n  - name: b\n",
        }
    )

    assert problems_of(folder) == (
        "models/marts/a.sql:2: ref to unknown model 'nobody'; the models are a, b, c",
        "models/marts/a.sql:3: source 'mapped.contact' is not declared; add it to models/sources.yml",
        "models/marts/b.sql:1: only ref('model') and source('schema', 'table') are understood, not {{ config(materialized='table') }}",
        "models/marts/b.sql:2: only ref('model') and source('schema', 'table') are understood, not {% endif %}",
        "models/marts/b.sql:2: only ref('model') and source('schema', 'table') are understood, not {% if x %}",
        "models/marts/c.sql:1: only ref('model') and source('schema', 'table') are understood, not {# why #}",
        "models/marts/c.sql:1: only ref('model') and source('schema', 'table') are understood, not {{",
        "models/marts/c.sql:1: only ref('model') and source('schema', 'table') are understood, not {{ ref('pack', 'a') }}",
        "models/marts/schema.yml:2: describes model 'gone', which has no .sql file; remove or rename it",
        "models/marts/schema.yml:4: model 'b' is also at models/marts/schema.yml:3; keep one",
        "models/staging/a.sql:1: model 'a' is also models/marts/a.sql; rename one",
    )


def test_a_circle_is_named_with_the_line_that_closes_it(write) -> None:
    folder = write(
        **{
            "marts/a.sql": "SELECT 1\nFROM {{ ref('b') }}",
            "marts/b.sql": "SELECT 1\n\nFROM {{ ref('a') }}",
        }
    )
    (problem,) = problems_of(folder)

    assert problem in {
        "models/marts/a.sql:2: models read each other in a circle: a -> b -> a; break it",
        "models/marts/b.sql:3: models read each other in a circle: b -> a -> b; break it",
    }


def test_a_yaml_file_that_cannot_be_read_is_named_with_its_line(write) -> None:
    folder = write(**{"marts/a.sql": "SELECT 1", "marts/schema.yml": "models:\n  - name: a\n bad\n"})
    (problem,) = problems_of(folder)

    assert problem.startswith("models/marts/schema.yml:3: not valid YAML: ")


def test_a_folder_without_models_is_no_project(tmp_path) -> None:
    assert "no .sql file here" in problems_of(tmp_path)[0]


def test_a_reference_over_several_lines_keeps_the_lines_behind_it_in_place(write) -> None:
    folder = write(
        **{"marts/a.sql": "SELECT 1\nFROM {{\n  ref(\n 'b') }}\nWHERE x", "marts/b.sql": "SELECT 1"}
    )
    resolved = load_project(folder).model("a").resolved(str, str)

    assert resolved.splitlines()[4] == "WHERE x"
