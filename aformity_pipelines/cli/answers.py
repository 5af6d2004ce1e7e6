"""Answers that somebody wrote down: a file or standard input, YAML or JSON, as drafts that know where they stand."""

import sys
from pathlib import Path

from aformity_pipelines.config.documents import Written, read_document, read_text
from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.drafts import DraftFile
from aformity_pipelines.stages.refusing import DraftRefused

STANDARD_INPUT = "-"


def read_answers(path: Path) -> Written[DraftFile]:
    """Return the drafts in a file, or on standard input where `path` is `-`; ConfigInvalid carries every problem.

    A file named .json is JSON, another one YAML; standard input is JSON where it begins with a brace.
    """
    if str(path) == STANDARD_INPUT:
        try:
            text, name = sys.stdin.buffer.read().decode("utf-8-sig"), "standard input"
        except UnicodeDecodeError as error:
            says = f"byte {error.start + 1} is not UTF-8"
            raise ConfigInvalid([Problem(path="standard input", says=says, do="send UTF-8")]) from None
        is_json = text.lstrip().startswith("{")
    else:
        text, name = read_text(Path.cwd(), str(path)), str(path)
        is_json = path.suffix.lower() == ".json"
    return read_document(text, name, DraftFile, is_json=is_json)


def placed(refusal: DraftRefused, written: Written[DraftFile]) -> ConfigInvalid:
    """Return the refusal of some drafts with the line of each fault."""
    return ConfigInvalid(
        written.problem(("decide", *fault.at), fault.says, fault.do or "put it right here")
        for fault in refusal.faults
    )
