"""Turns a suite's dicts into Great Expectations' objects, and refuses what it would silently drop."""

import great_expectations as gx
from great_expectations.compatibility.pydantic import ValidationError
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from aformity_pipelines.quality import expectations as _expectations  # noqa: F401 - registers ours
from aformity_pipelines.quality.derivation import Expectation


def strict_suite(name: str, listed: tuple[Expectation, ...]) -> gx.ExpectationSuite:
    """Return a `great_expectations.ExpectationSuite` with every one of the listed expectations.

    Raises `ValueError` that names each expectation which Great Expectations does not know or whose
    arguments it does not take.
    """
    loaded = []
    problems: list[str] = []
    for expectation in listed:
        try:
            loaded.append(ExpectationConfiguration(**expectation).to_domain_obj())
        except (GreatExpectationsError, ValidationError, ValueError, TypeError) as error:
            rule = expectation.get("meta", {}).get("rule", "?")
            problems.append(f"{rule}: {expectation.get('type')!r} is refused: {_one_line(error)}")
    if problems:
        raise ValueError(
            f"suite {name!r}: {len(problems)} expectation(s) refused\n  " + "\n  ".join(problems)
        )
    return gx.ExpectationSuite(name=name, expectations=loaded)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
