"""docs/cli.md: the help of every command, as the command prints it."""

from functools import cache

from typer.testing import CliRunner

from aformity_pipelines.cli.main import app
from tests.docs.markdown import page, table

WIDTH = {"COLUMNS": "96", "TERM": "dumb", "NO_COLOR": "1"}
EXIT_CODES = (
    ("0", "done"),
    ("1", "invalid or refused input, lock held, or a fault"),
    ("2", "wrong usage"),
    (
        "3",
        "a person must decide first: a gate is closed, or a file can be read in more than one way; work that stays open is no reason",
    ),
)


def commands() -> tuple[str, ...]:
    """Return the names of all subcommands, in the order of the help."""
    return (*(str(command.name) for command in app.registered_commands), *groups())


def groups() -> dict[str, tuple[str, ...]]:
    """Return the subcommands that have subcommands of their own -> the names of these."""
    return {
        str(group.name): tuple(str(command.name) for command in group.typer_instance.registered_commands)
        for group in app.registered_groups
        if group.typer_instance
    }


def lines() -> tuple[tuple[str, ...], ...]:
    """Return what is typed for each command that has a help of its own, the whole command first."""
    below = [(name, each) for name, names in groups().items() for each in names]
    return ((), *((name,) for name in commands()), *below)


@cache
def help_of(*words: str) -> str:
    """Return what `aformity <words> --help` prints, 96 columns wide."""
    shown = CliRunner().invoke(app, [*words, "--help"], prog_name="aformity", env=WIDTH)
    assert shown.exit_code == 0, shown.output
    return "\n".join(line.rstrip() for line in shown.output.strip().splitlines())


def cli_page() -> str:
    """Return the page."""
    return page(
        "The command `aformity`",
        "the command's own help",
        "Every command takes `--json`: one document on standard output and nothing else.",
        table(("exit code", "means"), EXIT_CODES),
        *(f"## `{' '.join(('aformity', *words))}`\n\n```text\n{help_of(*words)}\n```" for words in lines()),
    )
