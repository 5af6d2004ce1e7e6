"""Which drafts cannot become decisions: those that would be recorded and then have no effect, or say nothing new.

Nothing is written here; `deciding` asks before it works out any coverage.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.config.yaml_nodes import Loc
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.mapping.columns import internal_names
from aformity_pipelines.stages.outputs import require
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.suites import mapped_fields
from aformity_pipelines.transform.project import load_project

ABOUT_ENTITIES = frozenset(
    {
        *("rows_excluded", "rows_deferred", "value_corrected", "values_replaced"),
        *("merge_approved", "merge_refused"),
    }
)
MERGES = ("review", "merges")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a draft, and where in it."""

    says: str
    do: str = ""
    at: Loc = ()  # the way to it from the draft; from the list of drafts once several were asked for

    @property
    def words(self) -> str:
        """What is wrong, and what to do where that is known."""
        return f"{self.says}; {self.do}" if self.do else self.says


class DraftRefused(ValueError):
    """Drafts that cannot be recorded: they name nobody, nothing, or rows that are not there.  Carries every fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.words for fault in self.faults))


def refused(says: str, do: str = "", at: Loc = ()) -> DraftRefused:
    """Return the refusal of a draft for one fault."""
    return DraftRefused([Fault(says=says, do=do, at=at)])


def refuse_without_effect(run: Run, draft: Draft, subject: str) -> None:
    """Raise DraftRefused with every reason why a decision about rows of `subject` could do nothing."""
    if faults := tuple(_faults(run, draft, subject)):
        raise DraftRefused(faults)


def _faults(run: Run, draft: Draft, subject: str) -> Iterator[Fault]:
    waves = [wave.name for wave in run.migration.customer.waves]
    about = f"{draft.kind} on {subject}:"
    if draft.until_wave is not None and draft.until_wave not in waves:
        says = f"{about} `until_wave` {draft.until_wave!r} is not one of the waves"
        yield Fault(says=says, do=did_you_mean(draft.until_wave, waves), at=("until_wave",))
    if draft.kind == "follow_up_opened" and draft.covers and draft.covers.rule is None:
        yield Fault(
            says=f"{about} it follows up nothing", do="name the `rule` that the rows break", at=("covers",)
        )
    is_entity = subject in run.migration.mappings
    if draft.kind in ABOUT_ENTITIES and not is_entity:
        entities = ", ".join(run.migration.readers_of(subject)) or "none reads it"
        says = f"{about} it acts on an entity that is made of these rows ({entities})"
        yield Fault(says=says, do="name that as `subject`", at=("covers", "subject"))
    yield from _unknown_fields(run, draft, subject)
    project = load_project(run.workspace.transforms)
    if draft.kind == "merge_approved" and is_entity and MERGES not in project.sources_of(subject):
        says = f"{about} the SQL model of {subject} merges nothing"
        yield Fault(says=says, do="exclude the row that should not be there", at=("kind",))


def _unknown_fields(run: Run, draft: Draft, subject: str) -> Iterator[Fault]:
    if subject in run.migration.mappings:
        known: frozenset[str] = mapped_fields(run.migration, subject)
    else:
        delivery = require(run, "raw_file", subject).delivery
        known = frozenset(internal_names(delivery.headers) if delivery else ())
    asked = draft.covers.fields if draft.covers else ()
    named: list[tuple[str, Loc]] = [(name, ("covers", "fields")) for name in asked]
    named += [(draft.field, ("field",))] if draft.field is not None else []
    for name, at in dict(named).items():
        if name not in known:
            says = f"{draft.kind} on {subject}: {name!r} is not delivered for {subject}"
            yield Fault(says=says, do=did_you_mean(name, known), at=at)
