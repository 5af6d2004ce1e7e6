"""What standing decisions do to rows, and which of two wins."""

from tests.properties.settling import World
from tests.review.world import decide, firm, mapped, world


def merges(each: World) -> list[tuple[str, ...]]:
    each.settle()
    return each.connection.execute(
        "select entity, right(row_id, 1), right(survivor, 1), decision from merges order by all"
    ).fetchall()


def test_an_excluded_row_is_set_aside_by_the_decision() -> None:
    each = world(firm("k1"), firm("k2"))
    decide(each, "rows_excluded", 1)

    assert mapped(each, "id", "set_aside") == [("k1", None), ("k2", "D-001")]


def test_a_decision_about_one_entity_leaves_the_others_alone() -> None:
    """Both entities are made of the same source rows."""
    each = world(firm("k1"))
    decide(each, "rows_excluded", 0)
    decide(each, "value_corrected", 0, value="Corrected")

    assert mapped(each, "set_aside", "name", entity="firm") == [("D-001", "Corrected")]
    assert mapped(each, "set_aside", "name", entity="person") == [(None, "Acme")]


def test_a_stale_decision_does_nothing() -> None:
    before = world(firm("k1"), firm("k2"))
    decide(before, "rows_excluded", 0)
    decide(before, "value_corrected", 0)
    decide(before, "rows_deferred", 0)
    decide(before, "merge_approved", 0, 1)

    after = world(firm("k1", name="Acme Ltd"), firm("k2"), log=before.log)

    assert mapped(after, "name", "wave", "set_aside") == [
        ("Acme Ltd", "first", None),
        ("Acme", "first", None),
    ]
    assert merges(after) == []


def test_of_two_corrections_the_later_holds() -> None:
    each = world(firm("k1"))
    decide(each, "value_corrected", 0, value="First")
    decide(each, "value_corrected", 0, value="Second")

    assert mapped(each, "name") == [("Second",)]


def test_a_stale_later_correction_leaves_the_earlier_one_in_force() -> None:
    before = world(firm("k1", kind="live"))
    decide(before, "value_corrected", 0, value="First", fields="name")
    decide(before, "value_corrected", 0, value="Second", fields="kind")

    assert mapped(world(firm("k1", kind="lead"), log=before.log), "name") == [("First",)]


def test_rows_of_one_key_can_be_corrected_without_being_multiplied() -> None:
    each = world(firm("k1", name="Acme"), firm("k1", name="Acme"), firm("k1", name="Bolt"))
    decide(each, "value_corrected", 0, 1, 2, value="Same")

    assert mapped(each, "name") == [("Same",), ("Same",), ("Same",)]


def test_a_stale_later_deferral_leaves_the_earlier_one_in_force() -> None:
    before = world(firm("k1", kind="live"))
    decide(before, "rows_deferred", 0, fields="name")
    decide(before, "rows_deferred", 0, fields="kind")

    assert mapped(world(firm("k1", kind="active"), log=before.log), "wave") == [("second",)]


def test_an_exclusion_and_a_deferral_of_one_row_is_an_exclusion() -> None:
    each = world(firm("k1"))
    decide(each, "rows_deferred", 0)
    decide(each, "rows_excluded", 0)

    assert [row[3] for row in each.settle() if row[0] == "firm"] == ["excluded"]


def test_every_part_of_a_merge_is_listed_under_the_survivor() -> None:
    each = world(firm("k1"), firm("k2"), firm("k3"))
    decide(each, "merge_approved", 0, 2)

    assert merges(each) == [("firm", "2", "2", "D-001"), ("firm", "4", "2", "D-001")]


def test_a_merge_needs_every_part_that_was_shown() -> None:
    before = world(firm("k1"), firm("k2"), firm("k3"))
    decide(before, "merge_approved", 0, 1, 2)

    assert merges(world(firm("k1"), firm("k2"), log=before.log)) == []
    assert merges(world(firm("k1"), firm("k2", name="New"), firm("k3"), log=before.log)) == []


def test_a_row_is_merged_once_by_the_first_decision_that_names_it() -> None:
    each = world(firm("k1"), firm("k2"), firm("k3"))
    decide(each, "merge_approved", 0, 1)
    decide(each, "merge_approved", 1, 2)

    assert {decision for *_, decision in merges(each)} == {"D-001"}


def test_rows_may_be_merged_for_each_entity_that_is_made_of_them() -> None:
    each = world(firm("k1"), firm("k2"))
    decide(each, "merge_approved", 0, 1)
    decide(each, "merge_approved", 0, 1, subject="person")

    assert {(entity, decision) for entity, _, _, decision in merges(each)} == {
        ("firm", "D-001"),
        ("person", "D-002"),
    }


def test_a_merge_with_an_excluded_part_keeps_the_others() -> None:
    each = world(firm("k1"), firm("k2"), firm("k3"))
    decide(each, "merge_approved", 0, 1, 2)
    decide(each, "rows_excluded", 0)

    assert [row[3] for row in each.settle() if row[0] == "firm"] == ["excluded", "exported", "merged"]


def test_a_merge_of_rows_that_share_the_survivors_key_has_one_survivor() -> None:
    each = world(firm("k1", name="Acme"), firm("k1", name="ACME"), firm("k2"))
    decide(each, "merge_approved", 0, 1, 2)

    assert merges(each) == [("firm", place, "2", "D-001") for place in "234"]
