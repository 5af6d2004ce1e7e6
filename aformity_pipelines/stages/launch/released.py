"""Rows that waited and went into the product since, by why they had waited: nobody need remember it."""

from collections.abc import Iterable, Iterator

from aformity_pipelines.domain.fate_history import FateStep
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.changes import Released
from aformity_pipelines.stages.launch.fate_moves import Moved
from aformity_pipelines.stages.launch.previous import Previous
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.tracing.fate_words import Telling, fate_words

WAITED = (Fate.DEFERRED, Fate.UNRESOLVED)
THERE = (Fate.EXPORTED, Fate.MERGED)


def released(sources: Sources, previous: Previous, moved: Iterable[Moved]) -> tuple[Released, ...]:
    """Return the rows among these that waited in an earlier version and do not now, in their order."""
    return tuple(_released(sources, previous, moved))


def _released(sources: Sources, previous: Previous, moved: Iterable[Moved]) -> Iterator[Released]:
    rules = {rule.rule: rule for rule in sources.rules().values()}
    for each in moved:
        if each.before not in WAITED or each.after not in THERE:
            continue
        telling = Telling(migration=sources.run.migration, rules=rules, is_many=each.number != 1)
        step = FateStep(
            wave=previous.wave,
            version=previous.folder.name,
            row=each.rows[0],
            fate=each.before,
            reason=each.reason or Reason.RULE,
            because=each.because,
            until=each.wave,
        )
        is_cited = each.because and each.reason is not Reason.PARENT
        yield Released(
            entity=each.entity,
            fate=each.before,
            is_update=each.is_live,
            says=fate_words(telling, step),
            evidence=("ledger", *((each.because,) if is_cited else ())),
            number=each.number,
            rows=each.rows,
        )
