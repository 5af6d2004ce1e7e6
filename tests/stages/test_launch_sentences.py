from datetime import date

from aformity_pipelines.stages.launch.glance import _held
from aformity_pipelines.stages.launch.masking import mask
from tests.handoff.builders import unresolved


def test_the_sentence_on_held_rows_tells_them_from_those_that_only_follow() -> None:
    assert _held(29, 36, unresolved()) == (
        "29 rows are held back by 4 open items with 2 owners, 1 of them overdue;"
        " 36 more wait with the records that they belong to."
    )


def test_the_sentence_on_held_rows_speaks_of_one_as_of_one() -> None:
    late = unresolved()[:1]

    assert late[0].due < date(2026, 11, 26)
    assert _held(1, 1, late) == (
        "1 row is held back by 1 open item with 1 owner, 1 of them overdue;"
        " 1 more waits with the records that they belong to."
    )
    assert _held(0, 1, ()) == "1 row waits with the records that they belong to."


def test_a_mask_keeps_the_shape_of_a_value_and_none_of_its_letters() -> None:
    assert mask("J.Berg@x 47") == "X.Xxxx@x 99"
