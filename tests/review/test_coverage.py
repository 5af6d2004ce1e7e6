"""What a decision still covers of today's deliveries (promise P3)."""

from tests.review.world import covered, decide, firm, world


def test_a_row_is_covered_while_key_and_shown_cells_are_what_they_were() -> None:
    before = world(firm("k1"), firm("k2"))
    decide(before, "rows_excluded", 0)

    assert covered(world(firm("k9"), firm("k1"), firm("k2"), log=before.log)) == [("D-001", 1, True)]


def test_a_cell_that_was_not_shown_may_change() -> None:
    before = world(firm("k1", kind="live"))
    decide(before, "rows_excluded", 0, fields="name")

    assert covered(world(firm("k1", kind="lead"), log=before.log)) == [("D-001", 0, True)]


def test_a_changed_cell_makes_the_decision_stale_for_that_row_only() -> None:
    before = world(firm("k1"), firm("k2"))
    decide(before, "rows_excluded", 0, 1)

    after = world(firm("k1", name="Acme "), firm("k2"), log=before.log)
    assert covered(after) == [("D-001", 0, False), ("D-001", 1, True)]


def test_a_blank_and_an_absent_cell_are_not_the_same() -> None:
    before = world(firm("k1", Number=""))
    decide(before, "rows_excluded", 0, fields="size")

    assert covered(world(firm("k1"), log=before.log)) == [("D-001", 0, False)]


def test_a_row_that_is_gone_is_said_to_be_gone() -> None:
    before = world(firm("k1"), firm("k2"))
    decide(before, "rows_excluded", 0, 1)

    assert covered(world(firm("k2"), log=before.log)) == [("D-001", 0, True), ("D-001", None, False)]


def test_two_rows_of_one_key_are_told_apart_by_what_they_show() -> None:
    before = world(firm("k1", name="Acme"), firm("k1", name="Bolt"))
    decide(before, "rows_excluded", 1)

    assert covered(before) == [("D-001", 1, True)]


def test_a_record_that_could_not_be_read_is_covered_while_reason_and_text_are_the_same() -> None:
    before = world(firm("k1"), unread=[("2 fields", "k2,Bolt"), ("2 fields", "k3")])
    decide(before, "rows_excluded", 1, 2)

    assert covered(before) == [("D-001", 1, True), ("D-001", 2, True)]
    assert covered(
        world(firm("k1"), unread=[("2 fields", "k2,Bolt"), ("2 fields", "k3 ")], log=before.log)
    ) == [
        ("D-001", 1, True),
        ("D-001", 2, False),
    ]
    assert covered(world(firm("k1"), unread=[("a quote", "k2,Bolt")], log=before.log)) == [
        ("D-001", 1, False),
        ("D-001", None, False),
    ]


def test_both_rows_of_one_key_can_be_covered_once_each() -> None:
    before = world(firm("k1", name="Acme"), firm("k1", name="Bolt"))
    decide(before, "rows_excluded", 0, 1)

    assert covered(before) == [("D-001", 0, True), ("D-001", 1, True)]


def test_an_equal_row_that_comes_later_is_not_covered_and_takes_the_cover_from_the_first() -> None:
    """Nobody can tell which of the two was shown."""
    before = world(firm("k1"))
    decide(before, "rows_excluded", 0)

    assert covered(world(firm("k1"), firm("k1"), log=before.log)) == [
        ("D-001", 0, False),
        ("D-001", 1, False),
    ]


def test_of_two_equal_rows_one_may_go() -> None:
    before = world(firm("k1"), firm("k1"))
    decide(before, "rows_excluded", 0, 1)

    assert covered(before) == [("D-001", 0, True), ("D-001", 1, True)]
    assert covered(world(firm("k1"), log=before.log)) == [("D-001", 0, True), ("D-001", None, False)]


def test_another_key_makes_every_digest_another() -> None:
    from aformity_pipelines.review.digest import create_digest_macro

    before = world(firm("k1"))
    decide(before, "rows_excluded", 0)
    create_digest_macro(before.connection, b"another key")

    assert covered(before) == [("D-001", 0, False)]
