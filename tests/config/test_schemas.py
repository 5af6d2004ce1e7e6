"""The shipped JSON Schemas are those of the models, and accept what people write."""

import json

import jsonschema
import pytest

from aformity_pipelines.config import schemas
from aformity_pipelines.config.suite_form import WrittenSuite
from aformity_pipelines.config.yaml_source import parse, plain


def shipped(name: str) -> dict:
    return json.loads((schemas.FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_the_shipped_schemas_are_those_of_the_models() -> None:
    assert schemas.differing() == (), "run `python -m aformity_pipelines.config.schemas`"


def test_a_schema_that_differs_is_named_and_written_again(tmp_path) -> None:
    assert len(schemas.write(tmp_path)) == 7
    (tmp_path / "mapping.schema.json").write_text("{}\n")
    (tmp_path / "old.schema.json").write_text("{}\n")

    assert schemas.differing(tmp_path) == ("mapping.schema.json", "old.schema.json")
    schemas.write(tmp_path)
    assert schemas.differing(tmp_path) == ()


@pytest.mark.parametrize("name", list(schemas.SUBJECTS))
def test_each_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(shipped(name))


def test_a_mapping_with_every_shorthand_is_accepted(texts) -> None:
    jsonschema.validate(plain(parse(texts["customers/acme/mapping/contact.yaml"], "x")), shipped("mapping"))


@pytest.mark.parametrize("rule", ["trimm", {"trim": True, "lower": True, "typo": 1}, [{"splitt": {}}]])
def test_a_mistyped_step_is_refused(rule: object) -> None:
    mapping = {"entity": "contact", "reads": [{"source": "a", "fields": {"b": {"from": "c", "rule": rule}}}]}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(mapping, shipped("mapping"))


def test_a_suite_says_what_each_rule_means() -> None:
    meta = {
        "rule": "contact.email.shared",
        "policy": "report",
        "says": "One address each.",
        "moment": "login",
    }
    suite = {"name": "x", "expectations": [{"type": "expect_x", "kwargs": {"column": "email"}, "meta": meta}]}

    jsonschema.validate(suite, shipped("suite"))
    assert WrittenSuite.model_validate(suite).expectations[0].meta.rule == "contact.email.shared"
    del meta["says"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(suite, shipped("suite"))
