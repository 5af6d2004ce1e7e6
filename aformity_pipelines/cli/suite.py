"""`aformity suite`: the whole suite of one gate, derived rules and written ones in one place."""

from typing import Annotated

import typer

from aformity_pipelines.cli.opened import one_of, opened
from aformity_pipelines.cli.options import (
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, put_table
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.findings import Gate, Rule
from aformity_pipelines.domain.locks import is_within
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
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
    """Print every rule of a gate; with --json, those about rows as Great Expectations reads them."""
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
    if gate is Gate.INTAKE:
        rules = (*rules, *_about_reading(subject))
    if gate is Gate.MAPPED:
        rules = (*rules, *_about_decisions(workspace, customer, subject))
    if gate is Gate.TRANSFORMED:
        rules = (*rules, _about_live(migration, subject))
    put_table(
        f"{suite['name']}: {len(rules)} rules, {sum(rule.derived for rule in rules)} of them derived",
        ("rule", "from", "policy", "severity", "expectation", "says"),
        [
            (r.id, "derived" if r.derived else "written", r.policy, r.severity, r.expectation, r.says)
            for r in rules
        ],
    )
    _put_overridden(migration, subject)


def _put_overridden(migration: Migration, subject: str) -> None:
    """Print where the destination is another one for this customer, which changes the rules above."""
    rows = [
        (each.part, each.before, each.after, each.why)
        for each in migration.overridden
        if is_within(each.part, subject)
    ]
    if rows:
        put_table("Overridden for this customer", ("part", "for all", "here", "why"), rows)


def _about_reading(source: str) -> tuple[Rule, ...]:
    """Return the rules that need no expectation: they ask how the file could be read."""
    from aformity_pipelines.stages.rejected import readable_rule  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.unambiguous import unambiguous_rule  # noqa: PLC0415 - imports the stages

    return readable_rule(source), unambiguous_rule(source)


def _about_live(migration: Migration, entity: str) -> Rule:
    """Return the rule that needs no expectation: it asks what is in the product."""
    from aformity_pipelines.stages.kept_keys import kept_key_rule  # noqa: PLC0415 - imports the stages

    return kept_key_rule(migration, entity)


def _about_decisions(workspace: Workspace, customer: str, entity: str) -> tuple[Rule, ...]:
    """Return the rules that need no expectation: they ask what was decided about the entity."""
    from aformity_pipelines.stages.approving import approval_asked  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.outdated import outdated_rule  # noqa: PLC0415 - imports the stages

    with opened(workspace, customer, None, date_of(None)) as run:
        return approval_asked(run.migration, entity), outdated_rule(run, entity)
