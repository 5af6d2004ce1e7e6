"""Suites as plain dicts in Great Expectations' own JSON, which this module does not import.

The way in to everything that happens before a suite runs: derive, load, assemble, list the rules.
"""

from collections import Counter
from typing import Any

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, Severity, severity_of
from aformity_pipelines.quality.derivation import (
    BAD_SUFFIX,
    Expectation,
    all_waves,
    derive_entity_suite,
)
from aformity_pipelines.quality.extras import load_extras
from aformity_pipelines.quality.intake_suite import derive_intake_suite

__all__ = [
    "BAD_SUFFIX",
    "Expectation",
    "Suite",
    "all_waves",
    "assemble",
    "derive_entity_suite",
    "derive_intake_suite",
    "load_extras",
    "rules_of",
    "severity_of",
]

Suite = dict[str, Any]
"""`{"name": ..., "expectations": [...]}`"""

_COLUMN_KWARGS = ("column", "column_A", "column_B", "column_list", "with_columns")


def assemble(name: str, derived: tuple[Expectation, ...], extras: tuple[Expectation, ...]) -> Suite:
    """Return the whole suite of a gate, derived rules first.

    Raises `ValueError` for a suite without rules, which would let everything pass, and for rule ids
    that occur twice.
    """
    expectations = [*derived, *extras]
    if not expectations:
        raise ValueError(f"suite {name!r} has no rule; a gate without rules lets everything pass")
    ids = Counter(expectation["meta"]["rule"] for expectation in expectations)
    twice = sorted(rule for rule, count in ids.items() if count > 1)
    if twice:
        raise ValueError(
            f"suite {name!r}: {', '.join(twice)}: each of these rule ids names more than one rule; "
            "derived rules keep theirs, so rename the written one"
        )
    return {"name": name, "expectations": expectations}


def rules_of(suite: Suite, gate: Gate, subject: str) -> tuple[Rule, ...]:
    """Return the rules of an assembled suite, in suite order."""
    return tuple(_rule(expectation, gate, subject) for expectation in suite["expectations"])


def _rule(expectation: Expectation, gate: Gate, subject: str) -> Rule:
    meta = expectation["meta"]
    policy = Policy(meta["policy"])
    return Rule(
        id=meta["rule"],
        gate=gate,
        subject=subject,
        policy=policy,
        severity=Severity(expectation.get("severity", severity_of(policy).value)),
        says=meta["says"],
        moment=meta["moment"],
        fields=tuple(meta["fields"]) if "fields" in meta else _columns_named(expectation["kwargs"]),
        expectation=expectation["type"],
        derived=meta.get("derived", False),
        may_check_nothing=meta.get("may_check_nothing", False),
    )


def _columns_named(kwargs: dict[str, Any]) -> tuple[str, ...]:
    named: list[str] = []
    for key in _COLUMN_KWARGS:
        value = kwargs.get(key, [])
        named.extend([value] if isinstance(value, str) else value)
    return tuple(dict.fromkeys(column.removesuffix(BAD_SUFFIX) for column in named))
