"""Whether a customer's handoffs are current, in Dagster: a check that never stops a run, told again when that changes.

One check for all waves: Dagster keeps only one evaluation outside a run of each partition, and this one is told often.
"""

import json
from dataclasses import dataclass

import dagster as dg

from aformity_pipelines.config.load import customers
from aformity_pipelines.domain.site import Freshness
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.packed import cut
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.stages.freshness import freshness_of
from aformity_pipelines.stages.graph import HANDOFF_REPORT, REPORT
from aformity_pipelines.stages.handoffs import handoff_pointed_to
from aformity_pipelines.stages.site.collect import head_of
from aformity_pipelines.stages.site.config_seen import config_seen

IS_CURRENT = "is_current"
HANDOFF_FRESHNESS = "handoff_freshness"
SECONDS = 60
STEP = (HANDOFF_REPORT, REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The current handoff of a wave, and what came since."""

    wave: str
    name: str
    freshness: Freshness

    @property
    def words(self) -> str:
        """What is said of it: names of ours and ids only."""
        return f"{self.wave}, {self.name}: {self.freshness.words}"


def freshness_check(slug: str) -> dg.AssetCheckSpec:
    """Return the check of a customer's handoff asset."""
    says = "Whether each wave's handoff says what is so now: no decision, delivery or change of configuration since."
    return dg.AssetCheckSpec(name=IS_CURRENT, asset=key_of(slug, STEP), description=says)


def freshness_result(shown: tuple[Shown, ...]) -> dg.AssetCheckResult:
    """Return what the check says of a customer's current handoffs, wave by wave."""
    return dg.AssetCheckResult(
        check_name=IS_CURRENT,
        passed=all(each.freshness.is_current for each in shown),
        severity=dg.AssetCheckSeverity.WARN,
        description=cut("\n".join(each.words for each in shown)),
        metadata={each.wave: dg.MetadataValue.text(each.name) for each in shown},
    )


def freshness_shown(workspace: Workspace, slug: str) -> tuple[Shown, ...]:
    """Return the current handoff of each wave that has one; none of an archived customer."""
    seen = config_seen(workspace, slug)
    found = []
    for wave in () if seen.is_archived else seen.waves:
        try:
            folder = handoff_pointed_to(workspace, slug, wave.name)
            freshness = freshness_of(workspace, head_of(folder), seen) if folder else None
        except (OSError, ValueError):
            continue  # damaged: the site names it
        if folder and freshness:
            found.append(Shown(wave=wave.name, name=folder.name, freshness=freshness))
    return tuple(found)


def build_handoff_freshness() -> dg.SensorDefinition:
    """Define the sensor: a log, an intake folder or a config that moved on shows on the handoff within minutes."""

    @dg.sensor(
        name=HANDOFF_FRESHNESS,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Says on each handoff what came since; starts no run.",
    )
    def handoff_freshness(context: dg.SensorEvaluationContext, place: Place) -> dg.SkipReason:
        workspace = place.workspace()
        before: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
        shown = {slug: freshness_shown(workspace, slug) for slug in customers(workspace.root)}
        told = {slug: "\n".join(each.words for each in waves) for slug, waves in shown.items() if waves}
        new = [slug for slug, words in told.items() if words != before.get(slug)]
        for slug in new:
            context.instance.report_runless_asset_event(_evaluation(slug, freshness_result(shown[slug])))
        context.update_cursor(json.dumps(told))
        said = [f"{slug}, {words}" for slug in new for words in told[slug].splitlines()]
        return dg.SkipReason("; ".join(said) or "nothing has moved on")

    return handoff_freshness


def _evaluation(slug: str, result: dg.AssetCheckResult) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=key_of(slug, STEP),
        check_name=IS_CURRENT,
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=result.metadata,
    )
