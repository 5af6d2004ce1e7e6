"""A small destination and the shorthand that the tests of this folder share."""

from dataclasses import dataclass
from typing import Any

import duckdb

from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.findings import Gate, RuleResult
from aformity_pipelines.quality.suites import assemble


def crm() -> Destination:
    return Destination.model_validate(
        {
            "destination": "crm",
            "version": "1",
            "label": "CRM",
            "moments": {"login": {"label": "First login", "says": "People can sign in."}},
            "entities": {
                "account": {
                    "label": "Account",
                    "plural": "Accounts",
                    "says": "A company.",
                    "key": "account_id",
                    "fields": {
                        "account_id": field(required=True, unique=True),
                        "parent_id": field(
                            relationship={"entity": "account", "field": "account_id", "acyclic": True}
                        ),
                        "seats": field(type="integer", required=True, policies={"type": "report"}),
                        "since": field(type="date"),
                        "status": field(allowed=[{"value": "active"}, {"value": "it's over"}]),
                    },
                },
                "contact": {
                    "label": "Contact",
                    "plural": "Contacts",
                    "says": "A person.",
                    "key": "contact_id",
                    "fields": {
                        "contact_id": field(required=True, unique=True),
                        "account_id": field(
                            required=True,
                            relationship={"entity": "account", "field": "account_id"},
                            policies={"relationship": "block"},
                        ),
                        "email": field(required=True, format="email", max_length=12),
                    },
                },
            },
        }
    )


def field(**described: Any) -> dict[str, Any]:
    return {"says": "A field.", "moment": "login", **described}


def rule(rule_id: str, expectation: str, **kwargs: Any) -> dict[str, Any]:
    """A hand-written rule; `expectation` without its `expect_`."""
    type_ = expectation if expectation.startswith("unexpected") else f"expect_{expectation}"
    meta = {"rule": rule_id, "policy": "hold", "says": "It must hold.", "moment": "login"}
    return {"type": type_, "kwargs": kwargs, "severity": "critical", "meta": meta}


@dataclass(frozen=True)
class Judgement:
    results: dict[str, RuleResult]
    rows: dict[str, set[str]]
    """Rule id to the ids of the rows listed for it."""

    def state(self, rule_id: str) -> str:
        return self.results[rule_id].state.value


def judge(
    connection: duckdb.DuckDBPyConnection, table: str, *rules: dict[str, Any], **asked: Any
) -> Judgement:
    from aformity_pipelines.quality.run_suite import run_suite

    options = {"gate": Gate.MAPPED, "subject": "account", **asked}
    run = run_suite(connection, table=table, suite=assemble("tested", tuple(rules), ()), **options)
    listed = connection.execute(f'SELECT rule, row_id FROM "{run.findings_table}"').fetchall()
    rows: dict[str, set[str]] = {}
    for rule_id, row_id in listed:
        rows.setdefault(rule_id, set()).add(row_id)
    for result in run.results:
        assert result.failing == sum(1 for rule_id, _ in listed if rule_id == result.rule.id)
    return Judgement({result.rule.id: result for result in run.results}, rows)
