"""What changed, in sentences: the most visible first, each with what it rests on."""

from collections.abc import Iterator

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.changes import Changes, FateMove
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.stages.launch.source import Sources

BEFORE: dict[Fate, tuple[str, str]] = {
    Fate.EXPORTED: ("was exported", "were exported"),
    Fate.MERGED: ("was merged", "were merged"),
    Fate.EXCLUDED: ("was left out", "were left out"),
    Fate.DEFERRED: ("was planned for a later wave", "were planned for a later wave"),
    Fate.UNRESOLVED: ("was held back", "were held back"),
}
AFTER: dict[Fate, tuple[str, str]] = {
    Fate.EXPORTED: ("is exported", "are exported"),
    Fate.MERGED: ("is merged", "are merged"),
    Fate.EXCLUDED: ("is left out", "are left out"),
    Fate.DEFERRED: ("is planned for a later wave", "are planned for a later wave"),
    Fate.UNRESOLVED: ("is held back", "are held back"),
}
COUNTED = (
    ("decisions_added", "entry was added to the decision log", "entries were added to the decision log"),
    ("work_settled", "follow-up or question was settled", "follow-ups and questions were settled"),
    ("work_opened", "follow-up or question was opened", "follow-ups and questions were opened"),
    ("decisions_ended", "decision that stood then was ended", "decisions that stood then were ended"),
    (
        "decisions_stale",
        "decision covers fewer rows than it did: what it was shown has changed",
        "decisions cover fewer rows than they did: what they were shown has changed",
    ),
)
"""Name of a list of changes, and what is said of one and of several."""


def sentences(sources: Sources, found: Changes) -> tuple[Statement, ...]:
    """Return the changes in sentences; one that says so where there is none."""
    said = (
        *_released(sources, found),
        *_moved(sources, found),
        *_decided(found),
        *_delivered(sources, found),
    )
    return said or (Statement(says="Nothing has changed since then.", evidence=("ledger", "manifest")),)


def _released(sources: Sources, found: Changes) -> Iterator[Statement]:
    """Say of what waited then why it did: that is what people ask about when it appears."""
    for each in sorted(found.released, key=lambda one: -one.number):
        many = each.number != 1
        rows = f"{each.number:,} {_label(sources, each.entity)} {'rows' if many else 'row'}"
        they = "they" if many else "it"
        now = (
            f"show{'' if many else 's'} what changed now"
            if each.is_update
            else f"{'are' if many else 'is'} released"
        )
        yield Statement(says=f"{rows} {now}: {they} {each.says}.", evidence=each.evidence)


def _moved(sources: Sources, found: Changes) -> Iterator[Statement]:
    for move in sorted((each for each in found.moves if not each.is_release), key=_rank):
        yield Statement(says=_move_said(move, _label(sources, move.entity)), evidence=("ledger",))


def _rank(move: FateMove) -> tuple[int, int]:
    """Return how visible a move is: what is released, what is lost, what waits now, the rest; then its size."""
    kinds = (move.is_release, move.before is Fate.EXPORTED, move.after is Fate.UNRESOLVED, True)
    return kinds.index(True), -move.number


def _move_said(move: FateMove, label: str) -> str:
    many = move.number != 1
    rows = f"{move.number:,} {label} {'rows' if many else 'row'}"
    if move.is_live and move.after is Fate.UNRESOLVED:
        return (
            f"Of {rows} in the product, what changed since waits now; what the product shows stays as it was."
        )
    if move.before is None:
        assert move.after is not None, "a move has two ends, or one"
        return f"{rows} that {'were' if many else 'was'} in none of the files read then {AFTER[move.after][many]} now."
    if move.after is None:
        return f"{rows} that {BEFORE[move.before][many]} {'are' if many else 'is'} in none of the files read now."
    return f"{rows} that {BEFORE[move.before][many]} {AFTER[move.after][many]} now."


def _label(sources: Sources, entity: str) -> str:
    entities = sources.run.migration.destination.entities
    return entities[entity].label.lower() if entity in entities else entity.replace("_", " ")


def _decided(found: Changes) -> Iterator[Statement]:
    for name, one, many in COUNTED:
        ids: tuple[str, ...] = getattr(found, name)
        if ids:
            yield Statement(says=f"{len(ids):,} {one if len(ids) == 1 else many}.", evidence=ids)


def _delivered(sources: Sources, found: Changes) -> Iterator[Statement]:
    customer = sources.run.migration.customer
    compared = {each.source: each for each in found.compared}
    for source in found.deliveries:
        label = sources.label(source)
        says = f"{label[:1].upper()}{label[1:]}: a new file was delivered{_differing(compared.get(source))}."
        if not customer.sources[source].key:
            says += " Its rows have no key, so none is taken for a row of the file before."
        yield Statement(says=says, evidence=(f"raw_file/{source}",))


def _differing(compared: Redelivery | None) -> str:
    """Say how a new file differs from the one read then; nothing where nobody can tell any more."""
    if compared is None:
        return ""
    return ", and not a cell of it differs" if compared.is_same else f": {compared.in_counts}"
