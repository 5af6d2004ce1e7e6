"""The pages in `docs/` are those that the code makes, and say all that they should."""

from pathlib import Path

from aformity_pipelines.config.documents import read_document
from aformity_pipelines.domain.drafts import NEEDED, DraftFile
from aformity_pipelines.domain.findings import Gate
from tests.architecture.sources import ROOT
from tests.docs import generate
from tests.docs.answers_page import MEANS, example
from tests.docs.asset_graph import graph
from tests.docs.cli_page import cli_page, commands
from tests.docs.destination_page import destination, destination_page
from tests.docs.rules_page import gate_rules, rules_page


def test_the_pages_are_up_to_date() -> None:
    assert list(generate.differing()) == [], "run `make docs`"


def test_no_page_is_left_over() -> None:
    assert {path.name for path in generate.FOLDER.iterdir() if path.is_file()} == set(generate.PAGES)


def test_a_page_that_differs_or_is_missing_is_named(tmp_path: Path) -> None:
    for name, make in generate.PAGES.items():
        (tmp_path / name).write_text(make(), encoding="utf-8")
    (tmp_path / "cli.md").write_text("old", encoding="utf-8")
    (tmp_path / "rules.md").unlink()

    assert list(generate.differing(tmp_path)) == ["cli.md", "rules.md"]


def test_every_command_is_in_its_page() -> None:
    page = cli_page()

    assert [name for name in commands() if f"## `aformity {name}`" not in page] == []


def test_every_field_is_in_the_data_dictionary() -> None:
    page = destination_page()
    fields = [
        (name, field.says)
        for entity in destination().entities.values()
        for name, field in entity.fields.items()
    ]

    assert len(fields) > 20
    assert [name for name, says in fields if f"`{name}`" not in page or says not in page] == []


def test_the_examples_of_decisions_are_such_and_name_rules_that_exist() -> None:
    shown = "decide:\n" + "".join(example(kind) for kind in NEEDED)
    in_customers = (ROOT / "customers" / "README.md").read_text(encoding="utf-8")
    block = in_customers.partition("```yaml\n")[2].partition("```")[0]

    drafts = [
        draft
        for text in (shown, block)
        for draft in read_document(text, "answers.yaml", DraftFile).value.decide
    ]

    assert {draft.kind for draft in drafts} == set(NEEDED) == set(MEANS)
    rules = {draft.covers.rule for draft in drafts if draft.covers and draft.covers.rule}
    assert [rule for rule in rules if f"| `{rule}` |" not in rules_page()] == []


def test_every_rule_is_in_the_catalogue() -> None:
    page, shown = rules_page(), destination()
    rules = [
        rule
        for entity in shown.entities
        for gate in Gate
        if gate is not Gate.INTAKE
        for rule in gate_rules(shown, entity, gate)
    ]

    assert {rule.gate for rule in rules} >= {Gate.MAPPED, Gate.TRANSFORMED}
    assert [rule.id for rule in rules if f"| `{rule.id}` |" not in page] == []


def test_the_graph_begins_with_files_and_ends_with_the_report() -> None:
    edges = graph().edges

    assert ("raw_file/crm_accounts", "validated/crm_accounts") in edges
    assert ("validated/crm_accounts", "mapped/activity") in edges
    assert ("export/package", "handoff_report/report") in edges
