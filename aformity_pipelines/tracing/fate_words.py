"""What became of rows at one step of their way, in words that "it" or "they" can stand before."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aformity_pipelines.domain.decisions import DECISION_ID
from aformity_pipelines.domain.fate_history import FateStep
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.tracing.words import day, sentence, told, wave_words

HOLDING = {
    Reason.GATE: "all records of {their} kind waited for something that had to be decided first",
    Reason.PARTNER: "{they} waited for the rows that {they} {are} merged with",
    Reason.UNREADABLE: "{their} lines of the file could not be read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the words rest on, and whether they are about one row or several."""

    migration: Migration
    rules: Mapping[str, RuleRecord]  # by id, as they are judged today
    launched: Mapping[str, str] = field(default_factory=dict)  # version in the product -> how rows came there
    is_many: bool = False

    @property
    def was(self) -> str:
        """The verb."""
        return "were" if self.is_many else "was"

    @property
    def its(self) -> str:
        """The pronoun before what belongs to them."""
        return "their" if self.is_many else "its"

    def spelled(self, words: str) -> str:
        """Return words about several rows as they are said of these."""
        they, are = ("they", "are") if self.is_many else ("it", "is")
        return words.format(they=they, their=self.its, are=are)


def fate_words(telling: Telling, step: FateStep) -> str:
    """Say what became of rows at one step of their way."""
    was = telling.was
    match step.fate, step.reason:
        case Fate.EXPORTED, Reason.UPDATE:
            return f"{was} updated in the product"
        case ((Fate.EXPORTED | Fate.MERGED), Reason.LIVE):
            return f"{was} in the product already, and nothing new went out"
        case Fate.EXPORTED, _:
            return _launched(telling, step)
        case Fate.MERGED, _:
            return f"{was} merged into another record: {because_words(telling, step.because)}"
        case Fate.EXCLUDED, Reason.VANISHED:
            return f"{was} left out, since a later file no longer held {'them' if telling.is_many else 'it'}"
        case Fate.EXCLUDED, _:
            return f"{was} left out: {because_words(telling, step.because)}"
        case Fate.DEFERRED, Reason.DECISION:
            return f"{was} put off to {_launch(telling, step.until)}: {because_words(telling, step.because)}"
        case Fate.DEFERRED, Reason.PARENT:
            return f"waited with {telling.its} {_label(telling, step.because)}, which was to launch later"
        case Fate.DEFERRED, _:
            return f"{was} planned for {_launch(telling, step.until)}"
        case _:
            held = _held(telling, step)
    return f"{held}; what the product showed stayed as it was" if step.live_since else held


def _held(telling: Telling, step: FateStep) -> str:
    if step.reason is Reason.PARENT:
        return f"{telling.was} held back with {telling.its} {_label(telling, step.because)}"
    if step.reason in HOLDING:
        return f"{telling.was} held back: {telling.spelled(HOLDING[step.reason])}"
    return f"{telling.was} held back by a rule ({because_words(telling, step.because)})"


def _launched(telling: Telling, step: FateStep) -> str:
    entered = telling.launched.get(f"{step.wave}/{step.version}")
    if entered is None:
        return f"{telling.was} ready to go into the product"
    return f"{entered}, as {'new records' if telling.is_many else 'a new record'}"


def _launch(telling: Telling, wave: str) -> str:
    known = {each.name: each.launches_on for each in telling.migration.customer.waves}
    return f"{wave_words(wave)} on {day(known[wave])}" if wave in known else wave_words(wave)


def _label(telling: Telling, because: str) -> str:
    described = telling.migration.destination.entities.get(because.partition(" ")[0])
    return described.label.lower() if described else "other record"


def because_words(telling: Telling, because: str) -> str:
    """Return what settled or held a row: a decision's own words with its signature, a rule's, or the like."""
    if re.match(DECISION_ID, because):
        entry = next((each for each in telling.migration.log if each.id == because), None)
        return told(entry) if entry else "somebody decided so"
    if because in telling.rules:
        return sentence(telling.rules[because].says)
    if because.partition(" ")[0] in telling.migration.destination.entities:
        return f"the {_label(telling, because)} that it belongs to is not ready"
    return (
        "the mapping leaves it out"
        if because in ("", Reason.MAPPING)
        else "something had to be settled first"
    )
