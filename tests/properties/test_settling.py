"""Conservation, order independence and evidence over generated sources, mappings and decisions, without gates."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aformity_pipelines.review.shown import headers_shown
from tests.properties.settling import (
    FIELDS,
    HEADERS,
    SUBJECTS,
    Cells,
    World,
    cells,
    decisions,
    mappings,
    rows,
)

pytestmark = pytest.mark.slow

unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large]
many = settings(max_examples=150, deadline=None, suppress_health_check=unhurried)
some = settings(max_examples=50, deadline=None, suppress_health_check=unhurried)
held = st.frozensets(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from([f"{s}:k{n}" for s in ("firms", "people") for n in (1, 2, 3)])),
    max_size=3,
)  # fmt: skip


def world_of(firms: list[Cells], people: list[Cells], mapped: Any, outlines: list[Any]) -> World:
    world = World(cells={"firms": firms, "people": people}, mappings=mapped)
    for outline in outlines:
        world.decide(outline)
    return world


@many
@given(firms=rows, people=rows, mapped=mappings(), outlines=decisions, held=held, is_closed=st.booleans())
def test_every_row_has_one_fate_and_every_record_its_rows(
    firms: list[Cells], people: list[Cells], mapped: Any, outlines: list[Any], held: Any, is_closed: bool
) -> None:
    """The checks of the product run inside `settle`; here the rows are counted a second time, in Python."""
    world = world_of(firms, people, mapped, outlines)

    settled = world.settle(held=held, closed={"person": "a gate"} if is_closed else {})

    has_desk = len(mapped[1]["reads"]) == 2
    assert Counter(row[0] for row in settled) == Counter(
        {"firm": len(firms), "person": len(people) + (len(firms) if has_desk else 0)}
    )
    exported = world.connection.execute("select count(*) from export_firm").fetchone()
    assert exported == (sum(1 for row in settled if row[0] == "firm" and row[3] == "exported"),)
    assert not is_closed or not any(row[0] == "person" and row[3] == "exported" for row in settled)


rejects = st.lists(
    st.tuples(st.sampled_from(["2 fields", "a quote"]), cells.map(lambda text: text or "")), max_size=3
)


@some
@given(firms=rows, unread=rejects, mapped=mappings(), outlines=decisions, held=held, is_closed=st.booleans())
def test_a_record_that_could_not_be_read_is_unresolved_or_excluded_and_never_exported(
    firms: list[Cells], unread: Any, mapped: Any, outlines: list[Any], held: Any, is_closed: bool
) -> None:
    world = World(cells={"firms": firms, "people": []}, mappings=mapped, rejects={"firms": unread})
    for outline in outlines:
        world.decide({**outline, "kind": "rows_excluded"})

    settled = world.settle(held=held, closed={"person": "a gate"} if is_closed else {})

    reads = 1 + sum(1 for read in mapped[1]["reads"] if read["source"] == "firms")
    fates = Counter((row[3], row[4]) for row in settled if _row(row[1]) >= len(firms) + 2)
    assert sum(fates.values()) == reads * len(unread)
    assert set(fates) <= {("unresolved", "unreadable"), ("excluded", "decision")}
    assert len(settled) == reads * (len(firms) + len(unread))


def _row(row_id: str) -> int:
    """Return the row of a row id; 0 for a business key."""
    prefix, _, row = row_id.partition("#")
    return int(row) if prefix == "firms@00000000" else 0


@some
@given(
    firms=rows,
    people=rows,
    mapped=mappings(),
    outlines=decisions,
    held=held,
    shuffled=st.randoms(use_true_random=False),
)
def test_fates_do_not_depend_on_the_order_of_the_rows(
    firms: list[Cells], people: list[Cells], mapped: Any, outlines: list[Any], held: Any, shuffled: Any
) -> None:
    """By business key; rows without a key are known by their place, so there are none here."""
    firms, people = (list({row[0]: row for row in each if row[0]}.values()) for each in (firms, people))
    world = world_of(firms, people, mapped, outlines)
    shuffled.shuffle(firms)
    shuffled.shuffle(people)
    again = World(cells={"firms": firms, "people": people}, mappings=mapped, log=world.log)

    assert again.settle(held=held) == world.settle(held=held)


@some
@given(firms=rows, mapped=mappings(), outlines=decisions)
def test_settling_twice_gives_the_same(firms: list[Cells], mapped: Any, outlines: list[Any]) -> None:
    world = world_of(firms, [], mapped, outlines)

    assert world.settle() == world.settle()


@some
@given(
    firms=rows,
    mapped=mappings(),
    outlines=decisions,
    place=st.integers(0, 6),
    column=st.integers(1, 6),
    cell=cells,
)
def test_one_changed_cell_makes_stale_what_showed_it_and_nothing_else(
    firms: list[Cells], mapped: Any, outlines: list[Any], place: int, column: int, cell: str | None
) -> None:
    """Promise P3."""
    firms = list({row[0] or "f0": (row[0] or "f0", *row[1:]) for row in firms}.values())
    assume(firms)
    place %= len(firms)
    if firms[place][column] == cell:
        cell = f"{cell or ''}~"
    world = world_of(firms, [], mapped, outlines)
    changed = list(firms)
    changed[place] = (*firms[place][:column], cell, *firms[place][column + 1 :])
    after = World(cells={"firms": changed, "people": []}, mappings=mapped, log=world.log)

    world.cover()
    after.cover()

    everything = "select decision, row_id, matches from covered order by all"
    before_rows = world.connection.execute(everything).fetchall()
    assert all(matches for _, _, matches in before_rows)
    touched = f"firms@00000000#{place + 2:07d}"
    showing = {each.id for each in world.log if shows(world, each, HEADERS[column])}
    expected = [
        (decision, row_id, not (decision in showing and row_id.split("/")[0] == touched))
        for decision, row_id, _ in before_rows
    ]
    assert after.connection.execute(everything).fetchall() == sorted(expected)


def shows(world: World, decision: Any, header: str) -> bool:
    return any(
        header in headers_shown(world.migration, read, decision.covers.fields)
        for read in world.migration.reads_of(decision.covers.subject)
        if read.source == "firms"
    )


@some
@given(firms=rows, more=rows, mapped=mappings(), outlines=decisions)
def test_rows_that_come_later_are_never_covered(
    firms: list[Cells], more: list[Cells], mapped: Any, outlines: list[Any]
) -> None:
    """Promise P3.  Not even where a later row has the key and the cells of one that was shown."""
    world = world_of(firms, [], mapped, outlines)
    later = World(cells={"firms": [*firms, *more], "people": []}, mappings=mapped, log=world.log)

    later.cover()

    covered = later.connection.execute("select distinct row_id from covered where matches").fetchall()
    added = {f"firms@00000000#{number:07d}" for number in range(len(firms) + 2, len(firms) + len(more) + 2)}
    assert not {row_id.split("/")[0] for (row_id,) in covered} & added


TYPED = ("size", "price", "since", "kind", "is_on")


@some
@given(firms=rows)
@pytest.mark.parametrize("name", TYPED)
def test_every_delivered_text_becomes_a_value_or_stands_as_unreadable(name: str, firms: list[Cells]) -> None:
    """Promise P2: without rule or value map nothing turns into a blank by itself."""
    header = {"size": "Number", "price": "Number", "since": "Day", "kind": "Kind", "is_on": "Flag"}[name]
    mapped = {
        "entity": "firm",
        "reads": [{"source": "firms", "fields": {"id": {"from": "Key"}, name: {"from": header}}}],
    }
    world = World(cells={"firms": firms}, mappings=(mapped,))
    world.settle()

    column = f"c{HEADERS.index(header) + 1:04d}"
    found = world.connection.execute(
        f"select r.{column}, m.{name}, m.{name}__bad from raw_firms r join mapped_firm m using (row_id)"
    ).fetchall()

    for delivered, value, bad in found:
        is_blank = delivered in (None, "", "NULL")
        assert (value is None and bad is None) if is_blank else ((value is None) == (bad == delivered))


assert set(TYPED) < set(FIELDS)
