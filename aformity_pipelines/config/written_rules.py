"""How grave the rules are that people wrote into suites, for rules about who decides.

Severity and product moment only; whether a suite is sound, and what it demands, is `quality`'s to say.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aformity_pipelines.config.destinations import suites_of
from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Severity, severity_of
from aformity_pipelines.domain.migration import WrittenRule


def written_rules(root: Path, slug: str, customer: Customer) -> dict[str, WrittenRule]:
    """Return the written rules by id; none where no approval speaks of risks or product moments.

    What makes no sense is left out here: the gate that reads the suite says what is wrong with it.
    """
    if not any(rule.risks or rule.moments for rule in customer.approvals):
        return {}
    suites = (
        *suites_of(root, customer.destination.name, customer.destination.version),
        *sorted((root / "customers" / slug / "expectations").glob("*.json")),
    )
    return {name: rule for path in suites for name, rule in _rules_in(path)}


def _rules_in(path: Path) -> Iterator[tuple[str, WrittenRule]]:
    try:
        suite: Any = json.loads(path.read_text(encoding="utf-8"))
        for each in suite["expectations"]:
            meta = each["meta"]
            severity = each.get("severity") or severity_of(Policy(meta["policy"])).value
            yield meta["rule"], WrittenRule(severity=Severity(severity), moment=str(meta["moment"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
