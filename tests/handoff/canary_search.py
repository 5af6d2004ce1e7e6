"""Commands given as a team gives them, and the search for texts in all that they print and leave behind."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.handoff.canaries import texts_in

HOLDS_VALUES = re.compile(
    r"/intake/|/deliveries/|/coverage/|\.parquet$|/published/.+\.(csv|xlsx)$|/kept_back/|/mapped/\w+/examples\.json$"
)
"""Where values belong: what came, tables between stages, files for the product's importer, review evidence."""
ONE_AFTER_THE_OTHER = """
import sys
from aformity_pipelines.cli.main import main
for line in sys.stdin:
    try:
        main([*line.split(), "--root", sys.argv[1]])
    except SystemExit:
        pass
    print(sys.argv[2], flush=True)
"""
DONE = "----- the command has ended -----"


class Terminal:
    """One process that is given command after command, so that what is slow to load is loaded once."""

    def __init__(self, root: Path) -> None:
        self.read = 0
        self.said = (root.parent / f"{root.name}.stderr").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-c", ONE_AFTER_THE_OTHER, str(root), DONE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:
            if self.process.stdin:
                self.process.stdin.close()
        self.said.close()

    def give(self, *lines: str) -> str:
        """Give commands and return all that they print."""
        assert self.process.stdin
        assert self.process.stdout
        printed = []
        for line in lines:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
            for text in iter(self.process.stdout.readline, f"{DONE}\n"):
                assert text, self._errors()
                printed.append(text)
        errors = self._errors()
        assert "Traceback" not in errors, errors[-2000:]
        return "".join(printed) + errors

    def _errors(self) -> str:
        """Return what came on the other stream since the last time."""
        with Path(self.said.name).open(encoding="utf-8") as said:
            said.seek(self.read)
            errors = said.read()
            self.read = said.tell()
        return errors


def seen(root: Path, printed: str, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yield which texts are found, and where: `printed`, or a file's path."""
    whole = re.sub(r"\s+", "", printed)  # a terminal's width cuts lines
    yield from (f"{text}: printed" for text in wanted if text in whole)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not HOLDS_VALUES.search(f"/{name}"):
            content = texts_in(path)
            yield from (f"{text}: {name}" for text in wanted if text.encode() in content)
