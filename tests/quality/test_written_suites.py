import json

import pytest

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Severity
from aformity_pipelines.quality.suites import assemble, load_extras, rules_of
from tests.quality.crm import rule


def written(tmp_path, *expectations, **suite):
    path = tmp_path / "mapped.json"
    path.write_text(json.dumps({"name": "account.mapped", "expectations": list(expectations), **suite}))
    return path


def test_a_suite_file_may_hold_no_rule(tmp_path):
    assert load_extras(written(tmp_path)) == ()


def test_a_rule_without_severity_gets_that_of_its_policy(tmp_path):
    plain = rule("a.b.c", "column_values_to_not_be_null", column="b")
    del plain["severity"]
    plain["meta"]["policy"] = "report"
    assert load_extras(written(tmp_path, plain))[0]["severity"] == "warning"


def test_every_problem_of_a_file_is_named_at_once(tmp_path):
    good = rule("a.b.c", "column_values_to_not_be_null", column="b")
    misplaced = rule("a.b.c", "column_values_to_not_be_null", column="b", mostly=0.9)
    misplaced["meta"] |= {"severity": "warning", "polciy": "hold", "policy": "maybe", "derived": True}
    unsaid = {"type": "expect_x", "kwargs": {}, "meta": {}, "severity": "fatal", "note": "?"}
    sql = rule("a.d", "unexpected_rows_expectation", unexpected_rows_query="SELECT 1")
    with pytest.raises(ValueError, match=r"mapped\.json: 14 problem") as refused:
        load_extras(written(tmp_path, good, misplaced, unsaid, sql, extra=1))
    for part in (
        "unknown key 'extra'",
        "expectation 2: `mostly`",
        "expectation 2: `severity` belongs beside",
        "unknown key `meta.polciy`",
        "policy 'maybe'",
        "expectation 2: `meta.derived`",
        "expectation 3: unknown key 'note'",
        "severity 'fatal'",
        "`meta.rule` is missing",
        "`meta.policy` is missing",
        "`meta.says` is missing",
        "`meta.moment` is missing",
        "expectation 4: `unexpected_rows_query`",
        "rule 'a.b.c' is written 2 times",
    ):
        assert part in str(refused.value)


def test_broken_json_is_reported_with_its_line(tmp_path):
    path = tmp_path / "mapped.json"
    path.write_text('{"name": "x",\n "expectations": [}')
    with pytest.raises(ValueError, match=r"mapped\.json:2: not valid JSON"):
        load_extras(path)


def test_a_suite_without_rules_is_refused():
    with pytest.raises(ValueError, match="has no rule"):
        assemble("account.mapped", (), ())


def test_a_written_rule_cannot_take_the_id_of_a_derived_one():
    one = rule("a.b.c", "column_values_to_not_be_null", column="b")
    with pytest.raises(ValueError, match=r"a\.b\.c"):
        assemble("account.mapped", (one,), (one,))


def test_rules_carry_what_the_rest_of_the_system_speaks_of():
    suite = assemble("s", (), (rule("a.b.type", "column_values_to_be_null", column="b__bad"),))
    (found,) = rules_of(suite, Gate.MAPPED, "a")
    assert (found.id, found.gate, found.subject, found.policy) == ("a.b.type", Gate.MAPPED, "a", Policy.HOLD)
    assert (found.severity, found.fields, found.derived) == (Severity.CRITICAL, ("b",), False)
