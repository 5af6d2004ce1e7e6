"""Imports go one way: `aformity_pipelines/adr/0001-rooms-and-arrows.md`, and the one list of arrows in the middle."""

import pytest

from tests.architecture import directions
from tests.architecture.sources import Module, package

ARROWS = {
    "intake -> files": "a delivery is copied and its table written so that a crash leaves nothing half done",
    "export -> files": "a version is published by one rename, and named by its fingerprint",
    "handoff -> files.exact_sheet": "a workbook's texts come back as they were, here as in an export",
    "profile -> files": "a table's profile is stored beside it as its other files are",
    "review -> files": "a line of the log, a coverage file and a workbook are written whole or not at all",
    "review -> mapping": "a decision covers the values that the mapping's SELECT reads, row by row",
    "review -> config.decision_log": "a new line is read back by the code that will read it later",
    "review -> config.log_head": "what an append commits is what a reader asks for",
    "review -> config.log_lines": "a line is written in the one form that is read",
    "review -> config.problems": "a coverage file that was changed is the person's to restore, as any line is",
    "tracing -> mapping": "a value is explained by running its own mapping again on its one row",
    "tracing -> review": "the same, with the decisions that changed that row",
}
"""The imports between rooms in the middle, each with its reason."""

ONLY = {
    "great_expectations": ("quality",),
    "duckdb_sqlalchemy": ("quality",),
    "sqlalchemy": ("quality",),
    "dagster": ("orchestration", "definitions"),
    "dagster_duckdb": ("orchestration",),
    "jinja2": ("handoff",),
    "markupsafe": ("handoff",),
    "typer": ("cli",),
    "click": ("cli",),
    "rich": ("cli",),
    "yaml": ("config", "transform/schema_files.py"),
    "polars": ("intake", "review"),
    "fastexcel": ("intake",),
    "fsspec": ("intake",),
    "xlrd": ("intake",),
    "xlsxwriter": (
        "export",
        "review/workbook/write.py",
        "review/workbook/pen.py",
        "files/exact_sheet.py",
    ),
    "sqlglot": ("config", "mapping", "transform"),
}
"""Where a library may be imported; `transform` reads dbt's own schema.yml."""

NEVER = {
    "domain": ("duckdb", "polars", "pyarrow", "pathlib", "os", "io", "tempfile", "shutil", "subprocess"),
    "config": ("duckdb", "polars", "pyarrow"),
    "handoff": ("duckdb", "polars", "pyarrow", "pathlib"),
}
"""What a room must do without."""


def planted(path: str, text: str) -> list[Module]:
    return [Module(path=path, text=text)]


def test_imports_go_one_way() -> None:
    assert directions.wrong_directions(package(), ARROWS) == []


def test_every_named_arrow_is_still_needed() -> None:
    assert directions.unused_arrows(package(), ARROWS) == []


def test_no_room_imports_itself_through_others() -> None:
    assert directions.room_cycles(package()) == []


def test_no_module_imports_itself_through_others() -> None:
    assert directions.module_cycles(package()) == []


def test_each_library_stays_in_its_rooms() -> None:
    assert directions.strange_libraries(package(), only=ONLY, never=NEVER) == []


def test_the_engine_asks_no_clock_no_chance_and_no_surroundings() -> None:
    assert directions.clocks_and_chance(package()) == []


def test_the_package_was_read_at_all() -> None:
    rooms = {module.room for module in package()}

    assert {*directions.MIDDLE, "domain", "stages", "orchestration", "cli", "definitions"} <= rooms
    assert rooms <= set(directions.REACH), "a new room needs a place in the order"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("domain/fates.py", "from aformity_pipelines.config.load import check"),
        ("domain/fates.py", "import aformity_pipelines.files.atomic"),
        ("mapping/compile.py", "from aformity_pipelines.stages.run import Run"),
        ("handoff/render.py", "from aformity_pipelines.mapping.sql import literal"),
        ("quality/suites.py", "def later():\n    from aformity_pipelines.review.judging import judge"),
        ("stages/run.py", "from aformity_pipelines.orchestration.keys import key"),
        ("orchestration/keys.py", "from aformity_pipelines import cli"),
        ("review/record.py", "from aformity_pipelines.config.load import check"),
        ("review/record.py", "from aformity_pipelines.config.decision_log_too import line_of"),
        ("drawer/things.py", "from aformity_pipelines.domain.fates import Fate"),
    ],
)
def test_a_wrong_direction_is_found(path: str, line: str) -> None:
    assert len(directions.wrong_directions(planted(path, line), ARROWS)) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("mapping/compile.py", "from aformity_pipelines.domain.fates import Fate"),
        ("review/record.py", "from aformity_pipelines.config.decision_log import line_of"),
        ("cli/run.py", "from aformity_pipelines.orchestration.in_process import run"),
        ("stages/run.py", "from aformity_pipelines import __version__"),
    ],
)
def test_a_right_direction_is_left_alone(path: str, line: str) -> None:
    assert directions.wrong_directions(planted(path, line), ARROWS) == []


def test_a_wrong_direction_says_where_and_what() -> None:
    module = planted("domain/fates.py", "\nfrom aformity_pipelines.config.load import check")

    assert directions.wrong_directions(module, ARROWS) == [
        "domain/fates.py:2: 'domain' may not import 'config.load.check'"
    ]


def test_an_arrow_that_nothing_follows_is_found() -> None:
    module = planted("review/record.py", "from aformity_pipelines.mapping.sql import literal")

    assert directions.unused_arrows(module, ["review -> mapping.sql", "review -> files"]) == [
        "review -> files"
    ]


def test_a_circle_of_rooms_is_found() -> None:
    modules = [
        Module(path="review/record.py", text="from aformity_pipelines.mapping.sql import literal"),
        Module(path="mapping/sql.py", text="def f():\n    import aformity_pipelines.review.record"),
    ]

    assert len(directions.room_cycles(modules)) == 1
    assert len(directions.module_cycles(modules)) == 1


def test_a_circle_of_modules_in_one_room_is_found() -> None:
    modules = [
        Module(path="stages/plan.py", text="from aformity_pipelines.stages.run import Run"),
        Module(path="stages/run.py", text="from aformity_pipelines.stages import plan"),
    ]

    assert directions.room_cycles(modules) == []
    assert len(directions.module_cycles(modules)) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("stages/gating.py", "import great_expectations as gx"),
        ("mapping/compile.py", "from dagster import asset"),
        ("stages/run.py", "def f():\n    import dagster"),
        ("quality/sentences.py", "from jinja2 import Template"),
        ("stages/run.py", "from rich.console import Console"),
        ("orchestration/step.py", "import typer"),
        ("mapping/compile.py", "import yaml"),
        ("transform/project.py", "import yaml"),
        ("domain/base.py", "import duckdb"),
        ("domain/base.py", "from pathlib import Path"),
        ("config/headers.py", "import duckdb"),
        ("handoff/render.py", "import duckdb"),
    ],
)
def test_a_library_in_the_wrong_room_is_found(path: str, line: str) -> None:
    assert len(directions.strange_libraries(planted(path, line), only=ONLY, never=NEVER)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from random import choice",
        "import uuid",
        "from os import environ",
        "import os\nos.environ['HOME']",
        "import os\nos.getenv('HOME')",
        "import datetime as d\nd.datetime.now()",
        "from datetime import date\ndate.today()",
        "from datetime import datetime\nask = datetime.now",
    ],
)
def test_a_clock_or_chance_in_the_engine_is_found(text: str) -> None:
    assert len(directions.clocks_and_chance(planted("stages/run.py", text))) == 1
    assert directions.clocks_and_chance(planted("cli/options.py", text)) == []
