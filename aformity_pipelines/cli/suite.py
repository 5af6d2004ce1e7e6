"""`aformity suite`: the whole suite of one gate, derived rules and written ones in one place."""

from typing import Annotated

import typer

from aformity_pipelines.cli.opened import one_of
from aformity_pipelines.cli.options import (
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, put_table
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.quality.suites import rules_of
from aformity_pipelines.stages.suites import entity_suite, intake_suite

NAME = "suite"
EXAMPLE = "aformity suite lumen_labs contact mapped"


def command(
    customer: CustomerArgument,
    subject: Annotated[str, typer.Argument(help="An entity; for the intake gate, a source.")],
    gate: Annotated[Gate, typer.Argument(help="Which gate.")],
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print every rule of a gate; with --json, the suite as Great Expectations reads it."""
    workspace = workspace_of(root, storage)
    migration = load_migration(workspace.root, customer)
    if gate is Gate.INTAKE:
        one_of("source", subject, tuple(migration.customer.sources))
        suite = intake_suite(workspace, migration, subject)
    else:
        one_of("mapped entity", subject, migration.entities())
        suite = entity_suite(workspace, migration, subject, gate)
    if as_json:
        put_json(suite)
        return
    rules = rules_of(suite, gate, subject)
    put_table(
        f"{suite['name']}: {len(rules)} rules, {sum(rule.derived for rule in rules)} of them derived",
        ("rule", "from", "policy", "severity", "expectation", "says"),
        [
            (r.id, "derived" if r.derived else "written", r.policy, r.severity, r.expectation, r.says)
            for r in rules
        ],
    )
