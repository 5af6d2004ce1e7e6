"""Names that Dagster shows: asset keys, checks, and what every asset of a customer carries."""

from typing import TypedDict

import dagster as dg

from aformity_pipelines import __version__
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.stages.graph import Step

DELIVERIES = "deliveries"
DECISIONS = "decisions"
LOG = "log"
REVALIDATION = "revalidation"
LATER_WAVES = "later_waves"


class Look(TypedDict):
    """The arguments of `@dg.asset` that every stage sets alike."""

    group_name: str
    kinds: set[str]
    owners: list[str]
    tags: dict[str, str]
    description: str
    code_version: str


def key_of(slug: str, step: Step) -> dg.AssetKey:
    """Return `[customer, stage, name]`."""
    return dg.AssetKey([slug, *step])


def delivery_key(slug: str, source: str) -> dg.AssetKey:
    """Return the key of what lies in the intake folder for a source."""
    return dg.AssetKey([slug, DELIVERIES, source])


def log_key(slug: str) -> dg.AssetKey:
    """Return the key of the customer's decision log."""
    return dg.AssetKey([slug, DECISIONS, LOG])


def revalidation_key(slug: str) -> dg.AssetKey:
    """Return the key of the re-validations of a customer's waves."""
    return dg.AssetKey([slug, REVALIDATION, LATER_WAVES])


def waves_of(migration: Migration) -> dg.StaticPartitionsDefinition:
    """Return the partitions: one per wave, in launch order."""
    return dg.StaticPartitionsDefinition([wave.name for wave in migration.customer.waves])


def check_name(gate: Gate) -> str:
    """Return the name of the asset check that shows a gate."""
    return f"{gate.value}_gate"


def gate_check(key: dg.AssetKey, gate: Gate, partitions: dg.PartitionsDefinition[str]) -> dg.AssetCheckSpec:
    """Return the check that shows a gate's verdict.  The lock is the verdict file, not this."""
    return dg.AssetCheckSpec(
        name=check_name(gate),
        asset=key,
        blocking=True,
        partitions_def=partitions,
        description=f"The {gate.value} gate: its rules, held against the decisions that stand.",
    )


def shown(migration: Migration, *, subject: str, kinds: set[str], says: str) -> Look:
    """Return the arguments of `@dg.asset` that are the same in every stage.

    Owners are sides: Dagster takes only addresses and teams.  The person's short name is a tag.
    """
    owner = migration.customer.owner_of(subject)
    side = migration.customer.people[owner.person].side
    return {
        "group_name": migration.slug,
        "kinds": kinds,
        "owners": [f"team:{side.value}"],
        "tags": {"customer": migration.slug, "owner": owner.person},
        "description": says,
        "code_version": __version__,
    }
