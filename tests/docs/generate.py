"""Writes `docs/` from the code: `python -m tests.docs.generate`; with `--check` it only says what differs."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.docs.asset_graph import picture
from tests.docs.cli_page import cli_page
from tests.docs.config_page import config_page
from tests.docs.destination_page import destination_page
from tests.docs.rules_page import rules_page

FOLDER = ROOT / "docs"
PAGES: dict[str, Callable[[], str]] = {
    "asset_graph.svg": picture,
    "cli.md": cli_page,
    "config.md": config_page,
    "destination_b2b_saas.md": destination_page,
    "rules.md": rules_page,
}


def differing(folder: Path = FOLDER) -> dict[str, str]:
    """Return the pages that are missing or out of date in `folder`, with the text they should have."""
    made = {name: make() for name, make in PAGES.items()}
    return {name: text for name, text in made.items() if _written(folder / name) != text}


def main(arguments: list[str] | None = None) -> int:
    """Write the pages that differ, or with `--check` fail when one does."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page differs")
    is_check = parser.parse_args(arguments).check
    found = differing()
    for name, text in found.items():
        if not is_check:
            FOLDER.mkdir(exist_ok=True)
            (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"docs/{name} {'is out of date; run `make docs`' if is_check else 'written'}\n")
    return 1 if is_check and found else 0


def _written(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
