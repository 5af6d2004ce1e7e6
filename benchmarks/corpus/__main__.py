"""`python -m benchmarks.corpus [--only NAME,...] [--markdown FILE]`: print the table; exit 1 if a figure does not hold."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import benchmarks.corpus
from benchmarks.corpus.figure import Figure

BEGIN, END = "<!-- corpus: begin -->", "<!-- corpus: end -->"
_HEADINGS = ("corpus", "measure", "at least", "a naive reader", "ours", "")


def main() -> int:
    """Measure what was asked for and return the exit code."""
    asked = _arguments()
    reached: list[Figure] = []
    for name in asked.only:
        for figure in _figures(name):
            reached.append(figure)
            print(_line(figure), flush=True)
    if asked.markdown is not None:
        _rewrite(asked.markdown, _markdown(reached, asked.on))
    missed = [figure for figure in reached if not figure.holds]
    if missed or not reached:
        print(f"{len(missed)} of {len(reached)} figures do not hold", file=sys.stderr)
    return 1 if missed or not reached else 0


def modules() -> tuple[str, ...]:
    """Return the names of the modules here that offer `figures`, by name."""
    found = (module.name for module in pkgutil.iter_modules(benchmarks.corpus.__path__))
    return tuple(name for name in sorted(found) if name != "__main__" and hasattr(_module(name), "figures"))


def _module(name: str) -> object:
    return importlib.import_module(f"benchmarks.corpus.{name}")


def _figures(name: str) -> Iterator[Figure]:
    figures: Iterator[Figure] = getattr(_module(name), "figures")()  # noqa: B009 - mypy knows no module by name
    return figures


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.corpus", description="How well intake reads files that nobody here wrote."
    )
    known = modules()
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=list(known), help=f"some of {','.join(known)}"
    )
    parser.add_argument(
        "--markdown", type=Path, help=f"rewrite the table between {BEGIN} and {END} in this file"
    )
    parser.add_argument(
        "--on", type=date.fromisoformat, default=datetime.now(tz=UTC).date(), help="the date in that table"
    )
    asked = parser.parse_args()
    if unknown := sorted(set(asked.only) - set(known)):
        parser.error(f"--only {unknown[0]}: there is only {', '.join(known)}")
    if asked.markdown is not None and len(asked.markdown.read_text(encoding="utf-8").split(BEGIN)) != 2:
        parser.error(f"--markdown {asked.markdown}: the line {BEGIN} must stand in it once")
    return asked


def _line(figure: Figure) -> str:
    verdict = "holds" if figure.holds else "MISSED"
    return f"{figure.corpus:<44} {figure.measure:<40} {figure.floor:>14} {figure.ours:>14} {verdict:<7} {figure.naive}"


def _markdown(reached: list[Figure], on: date) -> str:
    lines = [
        f"Measured on {on.isoformat()} with `make corpus`.",
        "",
        _row(_HEADINGS),
        _row(["---"] * len(_HEADINGS)),
    ]
    for figure in reached:
        verdict = "holds" if figure.holds else "missed"
        lines.append(_row((figure.corpus, figure.measure, figure.floor, figure.naive, figure.ours, verdict)))
    return "\n".join(lines)


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _rewrite(page: Path, table: str) -> None:
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
