"""`aformity upgrade`: move a customer to another version of its destination, what-if first."""

from datetime import date
from typing import Annotated

import typer

from aformity_pipelines.cli.effect_view import put_effect
from aformity_pipelines.cli.opened import opened, wave_of
from aformity_pipelines.cli.options import (
    AsOfOption,
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    Unknown,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.cli.whatif import contents
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.destination_changes import PartChange
from aformity_pipelines.domain.drafts import DESTINATION_UPGRADED, Draft
from aformity_pipelines.domain.upgrade import Upgrade
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace

NAME = "upgrade"
EXAMPLE = "aformity upgrade lumen_labs --to 2 --file mapping/account.yaml=account_for_2.yaml"


def command(
    customer: CustomerArgument,
    to: Annotated[
        str | None, typer.Option("--to", help="The version to move to; by default the newest.")
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            help="FILE=PATH: the customer's FILE (mapping/user.yaml, values/role.csv, expectations/crm.json, defs.yaml)"
            " changes together with the version, to what PATH holds; more than one may be given.",
        ),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Change the pin and record the decision.")] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who decides: one of `people`.")] = None,
    why: Annotated[str | None, typer.Option("--why", help="The reason, in a sentence.")] = None,
    how_known: Annotated[
        str, typer.Option("--how-known", help="How we know who decided, such as `mail of 3 November`.")
    ] = "told at the command",
    evidence: Annotated[
        list[str] | None, typer.Option("--evidence", help="What it rests on; more than one may be given.")
    ] = None,
    wave: WaveOption = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what another version of the destination changes and moves; with --apply, move there and record who decided."""
    workspace, day = workspace_of(root, storage), date_of(as_of)
    if apply and workspace.upgrade(customer).is_file():
        _put(workspace, customer, None, _finished(workspace, customer), as_json=as_json)
        return
    if apply and not (by and why):
        raise Unknown("--apply records a decision: add --by PERSON and --why 'the reason'")
    changed = contents(files or [])
    seen = shown(workspace, customer, wave, day, to, changed)
    if not as_json:
        put_upgrade(seen)
    recorded = None
    if apply:
        draft = _draft(seen, by=by or "", why=why or "", how_known=how_known, evidence=tuple(evidence or ()))
        recorded = applied(workspace, customer, day, draft, changed)
    _put(workspace, customer, seen, recorded, as_json=as_json)


def shown(
    workspace: Workspace, slug: str, wave: str | None, day: date, to: str | None, files: dict[str, bytes]
) -> Upgrade:
    """Return what the move would change, in one wave or in all of them; nothing is written."""
    from aformity_pipelines.stages.upgrading import planned, upgrade_of  # noqa: PLC0415 - imports the stages

    with opened(workspace, slug, wave, day) as run:
        waves = tuple(each.name for each in run.migration.customer.waves)
        chosen = (wave_of(run.migration, wave),) if wave else waves
        return upgrade_of(run, planned(run, to, files), chosen)


def applied(workspace: Workspace, slug: str, day: date, draft: Draft, files: dict[str, bytes]) -> Entry:
    """Move a customer to the draft's version, all or nothing, and return the decision.

    ConfigInvalid where its folder would be broken then, DraftRefused where the decision cannot be recorded.
    """
    from aformity_pipelines.stages.upgrading import begin, finish, planned  # noqa: PLC0415 - imports the stages

    with (
        customer_lock(workspace.lock(slug), "aformity upgrade"),
        opened(workspace, slug, None, day) as run,
    ):
        begin(run, planned(run, draft.to_version, files), draft)
        return finish(workspace, slug)


def put_upgrade(seen: Upgrade) -> None:
    """Print what the product changed, what that asks of the customer's folder, and what would move."""
    say(f"{seen.customer}: {seen.destination} version {seen.from_version} -> {seen.to_version}", style="bold")
    if seen.from_version == seen.to_version:
        say("The migration is there already: nothing to move.")
        return
    if seen.is_downgrade:
        say("This leads back to an older version: what the newer one can hold may be lost.", style="yellow")
    if seen.is_pinned_already:
        say("defs.yaml names that version already; what is missing is the decision.", style="yellow")
    for note in seen.notes:
        say(f"Note: {note}", style="yellow")
    _put_changes("What the product changed", "part", seen.changes)
    _put_changes("Rules of this customer that would be others", "rule", seen.rules)
    if seen.overridden:
        put_table("Changed, and overridden here", ("part",), [(part,) for part in seen.overridden])
    if seen.problems:
        put_table("To be put right first", ("where and what",), [(each,) for each in seen.problems])
    for effect in seen.effects:
        say(f"What would move in {effect.wave}:", style="bold")
        put_effect(effect)


def _put_changes(title: str, what: str, changes: tuple[PartChange, ...]) -> None:
    if changes:
        rows = [(each.part, each.change, each.before, each.after) for each in changes]
        put_table(title, (what, "", "now", "then"), rows)


def _draft(seen: Upgrade, *, by: str, why: str, how_known: str, evidence: tuple[str, ...]) -> Draft:
    return Draft(
        kind=DESTINATION_UPGRADED,
        by=by,
        how_known=how_known,
        says=f"The migration moves from version {seen.from_version} to version {seen.to_version} of the product.",
        why=why,
        evidence=evidence,
        from_version=seen.from_version,
        to_version=seen.to_version,
    )


def _finished(workspace: Workspace, slug: str) -> Entry:
    """Finish an upgrade that was begun and cut off; return its decision."""
    from aformity_pipelines.stages.upgrading import finish  # noqa: PLC0415 - imports the stages

    with customer_lock(workspace.lock(slug), "aformity upgrade"):
        return finish(workspace, slug)


def _put(
    workspace: Workspace, slug: str, seen: Upgrade | None, recorded: Entry | None, *, as_json: bool
) -> None:
    waits = _waits(workspace, slug, recorded)
    if as_json:
        put_json(
            {
                "upgrade": seen.model_dump(mode="json") if seen else None,
                "recorded": recorded.model_dump(mode="json") if recorded else None,
                "without_effect": waits,
            }
        )
        return
    if recorded is None and seen and seen.from_version == seen.to_version:
        return
    if recorded is None:
        say("Nothing was written; `--apply --by PERSON --why REASON` moves there.")
        return
    says = f"{recorded.id}: {recorded.says} Next: `aformity run {slug}`."
    say(says if seen else f"An upgrade that was cut off is finished. {says}")
    if waits:
        say(waits, style="yellow")


def _waits(workspace: Workspace, slug: str, recorded: Entry | None) -> str:
    """Return what a recorded decision still waits for, or nothing."""
    if recorded is None:
        return ""
    from aformity_pipelines.stages.allowed import waiting_words  # noqa: PLC0415 - imports the stages

    return waiting_words(load_migration(workspace.root, slug), recorded) or ""
