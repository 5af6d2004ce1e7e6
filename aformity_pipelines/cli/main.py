"""The command's one entry: every subcommand, and what becomes of errors."""

import atexit
import os
import sys

import typer

from aformity_pipelines import __version__
from aformity_pipelines.cli import (
    check,
    decide,
    deliveries,
    demo,
    diff,
    explain,
    history,
    inspect,
    new,
    promote,
    read,
    replay,
    report,
    resolve,
    revalidate,
    review,
    run,
    site,
    status,
    suite,
    ui,
    upgrade,
    whatif,
    why,
)
from aformity_pipelines.cli.failures import FAILED, exit_code, expected_errors, in_words
from aformity_pipelines.cli.output import ERR, put_json, visible

app = typer.Typer(
    name="aformity",
    help="Customer data migrations that can explain every value, every absence and every choice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    new,
    check,
    inspect,
    read,
    run,
    decide,
    promote,
    whatif,
    upgrade,
    history,
    deliveries,
    revalidate,
    status,
    why,
    diff,
    replay,
    resolve,
    report,
    site,
    explain,
    suite,
    ui,
    demo,
):
    app.command(command.NAME, epilog=f"Example: {command.EXAMPLE}")(command.command)

app.add_typer(review.app, name=review.NAME)


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if version:
        sys.stdout.write(f"{__version__}\n")
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 invalid or fault, 2 wrong usage, 3 a person must decide first."""
    given = sys.argv[1:] if arguments is None else arguments
    if arguments is None:
        atexit.register(_end_quietly)
    try:
        app(args=given, prog_name="aformity")
    except BrokenPipeError:
        # The reader of a pipe has left; nobody is there to be told.
        sys.stderr.close()
        sys.exit(FAILED)
    except expected_errors() as refused:
        if "--json" in given:
            put_json({"error": type(refused).__name__, "says": in_words(refused)})
        ERR.print(visible(in_words(refused)), style="red", markup=False, soft_wrap=True)
        sys.exit(exit_code(refused))


def _end_quietly() -> None:
    """Say nothing more: while Python shuts down, DuckDB's binding reports objects that other libraries still hold."""
    if not sys.stderr.closed:
        sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


if __name__ == "__main__":
    main()
