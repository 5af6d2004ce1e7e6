"""`aformity replay`: rebuild a published version from what it was made of, and say whether every byte is the same."""

from pathlib import Path
from typing import Annotated

import typer

from aformity_pipelines.cli.failures import FAILED
from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import (
    AsOfOption,
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.domain.replayed import FileState, Replayed

NAME = "replay"
EXAMPLE = "aformity replay lumen_labs v0003 --out rebuilt"


def command(
    customer: CustomerArgument,
    version: Annotated[str, typer.Argument(help="The published version: v0003, or wave_1/v0003.")],
    wave: WaveOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new folder that gets a copy of what was rebuilt.")
    ] = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rebuild a version from its deliveries, decisions and what it builds on; exit 1 where a byte differs."""
    from aformity_pipelines.stages.difference.versions import (  # noqa: PLC0415 - imports the stages
        find_version,
    )
    from aformity_pipelines.stages.replaying import replayed  # noqa: PLC0415 - imports the stages

    with opened(workspace_of(root, storage), customer, wave, date_of(as_of)) as run:
        of_wave, folder = find_version(run.workspace, run.slug, run.wave, version)
        result = replayed(run, of_wave, folder, out)
    if as_json:
        put_json(result.model_dump(mode="json") | {"is_same": result.is_same})
    else:
        _show(result, out)
    if not result.is_same:
        raise typer.Exit(FAILED)


def _show(result: Replayed, out: Path | None) -> None:
    others = [each for each in result.files if each.state is not FileState.SAME]
    if result.is_same:
        say(f"{result.version} of {result.customer}: same bytes, {len(result.files)} files.")
    else:
        say(f"{result.version} of {result.customer}: {len(others)} of {len(result.files)} files differ.")
        put_table("", ("file", ""), [(each.path, each.state) for each in others])
        for why in result.because:
            say(f"Because {why}.")
    if out and out.is_dir():
        say(f"What was rebuilt lies in {out}.")
