"""Reads the rules that people write beside the derived ones: suite files in Great Expectations' JSON.

Reading is strict and names every problem at once.  Whether Great Expectations knows an expectation
by its name is checked in `strict`, which imports it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Severity, severity_of
from aformity_pipelines.quality.derivation import Expectation

_SUITE_KEYS = {"name", "expectations"}
_KEYS = {"type", "kwargs", "severity", "meta"}
_MUST_SAY = ("rule", "policy", "says", "moment")
_SQL = "unexpected_rows_expectation"
_MAY_SAY = {"fields", "derived", "may_check_nothing"}


def load_extras(path: Path) -> tuple[Expectation, ...]:
    """Return the expectations of one suite file; none at all is fine.

    An expectation without `severity` gets the one of its policy.  Raises `ValueError` that lists
    every problem of the file.
    """
    text = path.read_text(encoding="utf-8")
    try:
        suite = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}: not valid JSON: {error.msg}") from error
    problems = list(_suite_problems(suite))
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ValueError(f"{path}: {len(problems)} problem(s) in this suite; correct each.{listed}")
    return tuple(_complete(expectation) for expectation in suite["expectations"])


def _complete(expectation: Expectation) -> Expectation:
    severity = severity_of(Policy(expectation["meta"]["policy"])).value
    return {"severity": severity, **expectation}


def _suite_problems(suite: object) -> Iterator[str]:
    if not isinstance(suite, dict) or not isinstance(suite.get("expectations"), list):
        yield 'expected an object {"name": ..., "expectations": [...]}'
        return
    for key in sorted(suite.keys() - _SUITE_KEYS):
        yield f"unknown key {key!r}; a suite has `name` and `expectations`"
    if not isinstance(suite.get("name"), str):
        yield "`name` is missing"
    for index, expectation in enumerate(suite["expectations"], start=1):
        yield from (f"expectation {index}: {problem}" for problem in _problems(expectation))
    yield from _duplicates(suite["expectations"])


def _problems(expectation: object) -> Iterator[str]:
    if not isinstance(expectation, dict):
        yield "expected an object with `type`, `kwargs`, `severity` and `meta`"
        return
    for key in sorted(expectation.keys() - _KEYS):
        yield f"unknown key {key!r}; known are {', '.join(sorted(_KEYS))}"
    if not isinstance(expectation.get("type"), str):
        yield "`type` is missing: the expectation's name, such as expect_column_values_to_not_be_null"
    kwargs = expectation.get("kwargs")
    if not isinstance(kwargs, dict):
        yield "`kwargs` is missing; write {} where the expectation needs none"
    elif kwargs.get("mostly", 1) != 1:
        yield "`mostly` would let failing rows pass unlisted; use `policy: report` for a rule that tolerates them"
    elif expectation.get("type") == _SQL and "{batch}" not in str(kwargs.get("unexpected_rows_query")):
        yield "`unexpected_rows_query` must select row_id FROM {batch}, which stands for the judged table"
    if "severity" in expectation and expectation["severity"] not in set(Severity):
        yield f"severity {expectation['severity']!r} is none of {', '.join(Severity)}"
    meta = expectation.get("meta")
    if isinstance(meta, dict):
        yield from _meta_problems(meta)
    else:
        yield f"`meta` is missing; it says {', '.join(_MUST_SAY)}"


def _meta_problems(meta: dict[str, Any]) -> Iterator[str]:
    for key in _MUST_SAY:
        if not isinstance(meta.get(key), str) or not meta[key].strip():
            yield f"`meta.{key}` is missing"
    if "severity" in meta:
        yield "`severity` belongs beside `meta`, not in it"
    for key in sorted(meta.keys() - set(_MUST_SAY) - _MAY_SAY - {"severity"}):
        yield f"unknown key `meta.{key}`; known are {', '.join((*_MUST_SAY, *sorted(_MAY_SAY)))}"
    if isinstance(meta.get("policy"), str) and meta["policy"].strip() and meta["policy"] not in set(Policy):
        yield f"policy {meta['policy']!r} is none of {', '.join(Policy)}"
    if meta.get("derived", False) is not False:
        yield "`meta.derived` is for rules that the destination implies; leave it out"
    if not isinstance(meta.get("may_check_nothing", False), bool):
        yield "`meta.may_check_nothing` must be true or false"
    fields = meta.get("fields", [])
    if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
        yield "`meta.fields` must be a list of field names"


def _duplicates(expectations: list[Any]) -> Iterator[str]:
    metas = [expectation.get("meta") for expectation in expectations if isinstance(expectation, dict)]
    ids = Counter(str(meta["rule"]) for meta in metas if isinstance(meta, dict) and "rule" in meta)
    for rule, count in ids.items():
        if count > 1:
            yield f"rule {rule!r} is written {count} times; ids are unique in a suite"
