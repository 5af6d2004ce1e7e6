"""Which rules a refused merge can settle: those that take rows for one record because they share a value."""

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.quality.across_rows import SameValue, looks_across
from aformity_pipelines.stages.refusing import refused
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.suites import entity_suite


def refuse_rule_about_else(run: Run, entity: str, rule: str) -> None:
    """Raise DraftRefused where keeping rows of an entity apart does not settle that they break a rule."""
    at = ("covers", "rule")
    suites = (
        entity_suite(run.workspace, run.migration, entity, gate) for gate in (Gate.MAPPED, Gate.TRANSFORMED)
    )
    named = [each for suite in suites for each in suite["expectations"] if each["meta"]["rule"] == rule]
    if not any(isinstance(looks_across(each), SameValue) for each in named):
        says = f"merge_refused on {entity}: {rule!r} does not ask whether rows are one record"
        raise refused(says, "leave out `rule`, or name the one that found the duplicates", at)
    key = run.migration.destination.entities[entity].key
    if any(key in each["meta"].get("fields", ()) for each in named):
        says = f"merge_refused on {entity}: the product refuses two records with one {key}"
        raise refused(says, f"give one of the rows another {key}, or exclude it", at)
