"""`aformity resolve`: the value behind a token of the report, for people who may see it."""

from typing import Annotated

import typer

from aformity_pipelines.cli.failures import FAILED
from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import (
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    Unknown,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.domain.tokens import NoToken, typed
from aformity_pipelines.stages.resolving import Meaning, Resolved, TokenRow, resolve

NAME = "resolve"
EXAMPLE = "aformity resolve lumen_labs email-mnxaarz0hy"
SHOWN = 20
"""Rows that a person is shown; `--json` has more."""


def command(
    customer: CustomerArgument,
    token: Annotated[str, typer.Argument(help="A token as the report shows it, in any case.")],
    wave: WaveOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the personal value behind a token, its rows and records; needs the customer's key.  Exit 1 where none has it.

    What is printed is personal: do not paste it where the report itself may not say it.
    """
    try:
        asked = typed(token)
    except NoToken as refused:
        raise Unknown(str(refused)) from None
    with opened(workspace_of(root, storage), customer, wave, date_of(None)) as run:
        resolved = resolve(run, asked)
    if as_json:
        put_json(resolved.model_dump(mode="json"))
    elif resolved.meanings:
        _show(resolved)
    else:
        say(_unknown(resolved))
    if not resolved.meanings:
        raise typer.Exit(FAILED)


def _show(resolved: Resolved) -> None:
    for meaning in resolved.meanings:
        what = "the delivered text of" if meaning.is_delivered else ""
        say(
            " ".join(filter(None, (f"{resolved.token} is {meaning.value!r},", what, meaning.of))),
            style="bold",
        )
        for row in meaning.rows[:SHOWN]:
            say(f"  {_place(row)}")
        if meaning.row_count > SHOWN:
            say(f"  and {meaning.row_count - SHOWN:,} more rows{_listed(meaning)}")


def _listed(meaning: Meaning) -> str:
    return (
        f"; --json lists the first {len(meaning.rows)}"
        if len(meaning.rows) > SHOWN
        else "; --json lists them"
    )


def _place(row: TokenRow) -> str:
    sheet = f", sheet {row.sheet}" if row.sheet else ""
    became = f": {row.fate}" if row.fate else ""
    record = f", record {row.record_key}" if row.record_key else ""
    return f"{row.file}{sheet}, row {row.row}{became}{record}"


def _unknown(resolved: Resolved) -> str:
    if not resolved.looked_in:
        field = resolved.token.rpartition("-")[0]
        return f"{resolved.token} is no token of {resolved.customer}: nothing that is migrated is called {field!r}"
    fields = ", ".join(resolved.looked_in)
    return (
        f"No value of {fields} in {resolved.wave} of {resolved.customer} has the token {resolved.token}.  It may be"
        " mistyped, another customer's, made with an earlier key, or of a delivery that has been replaced since."
    )
