"""What this repository ships is in order: customers, destinations and suites."""

from pathlib import Path

from aformity_pipelines.config.load import check, customers
from aformity_pipelines.config.suite_form import WrittenSuite

ROOT = Path(__file__).parents[2]


def test_no_shipped_customer_or_destination_has_a_problem() -> None:
    assert customers(ROOT)
    assert [problem.headline() for problem in check(ROOT)] == []


def test_every_shipped_suite_has_the_form_that_its_schema_describes() -> None:
    files = sorted(ROOT.glob("expectations/*/*/*.json"))

    assert files
    for file in files:
        suite = WrittenSuite.model_validate_json(file.read_bytes())
        assert suite.name == f"{file.parent.name}.{file.stem}"
