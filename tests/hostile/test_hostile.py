"""Crafted files end in a reading or a refusal; the big ones are left to `make corpus`."""

from pathlib import Path

import pytest

from benchmarks.corpus.hostile import Cost, cost_of
from tests.hostile.archives import ARCHIVES
from tests.hostile.crafted import Crafted
from tests.hostile.structures import STRUCTURES, damaged
from tests.hostile.texts import TEXTS
from tests.hostile.workbooks import WORKBOOKS

QUICK = [file for file in (*WORKBOOKS, *TEXTS, *ARCHIVES, *STRUCTURES, *damaged(each=2)) if not file.is_big]


@pytest.mark.slow
@pytest.mark.parametrize("file", QUICK, ids=lambda file: file.name)
def test_a_crafted_file_never_reaches_the_parent(file: Crafted, tmp_path: Path) -> None:
    cost = cost_of(file, tmp_path)

    assert cost.is_held, cost


def test_a_file_that_breaks_out_or_costs_too_much_is_seen() -> None:
    assert Cost(name="a", seconds=29, peak=1_400_000_000).is_held
    assert not Cost(name="a", seconds=31, peak=0).is_held
    assert not Cost(name="a", seconds=1, peak=1_600_000_000).is_held
    assert not Cost(name="a", seconds=1, peak=0, reached="MemoryError").is_held


def test_no_two_crafted_files_have_one_name() -> None:
    names = [file.name for file in QUICK]

    assert len(names) == len(set(names))
