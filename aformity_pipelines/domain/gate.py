"""The verdict of a gate: what the suite found, held against the decisions that stand.

Pure: counts in, verdict out.  Which rows a decision covers is worked out by `review`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, RuleResult, RuleState


class Standing(StrEnum):
    """Where one rule stands after decisions."""

    PASSED = "passed"
    DECIDED = "decided"
    """Every failing row is covered by a decision."""
    HELD = "held"
    """Some failing rows are unresolved work; the others go on."""
    REPORTED = "reported"
    BLOCKED = "blocked"
    """Somebody must decide before anything goes on."""
    NOTHING_CHECKED = "nothing_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One rule's result with the decisions that cover its failing rows."""

    result: RuleResult
    accepted: int = 0  # failing rows whose breach a standing decision accepts
    followed: int = 0  # failing rows that an open follow-up holds, with owner and date
    decisions: tuple[str, ...] = ()  # ids of those decisions
    uncovered_examples: tuple[str, ...] = ()  # row ids, at most three
    stale: tuple[str, ...] = ()  # decisions that covered rows of this rule whose values have changed
    stale_because: Mapping[str, str] = field(default_factory=dict)  # those decisions -> why, in words
    idle: tuple[
        str, ...
    ] = ()  # decisions about it that have no effect: `D-007 waits: needs a second person (...)`
    settles: str = ""  # who settles it and by when, as a sentence

    @property
    def uncovered(self) -> int:
        """Failing rows that no decision covers."""
        return self.result.failing - self.accepted - self.followed

    @property
    def standing(self) -> Standing:
        """Where this rule stands."""
        rule, state = self.result.rule, self.result.state
        if state is RuleState.PASSED:
            return Standing.PASSED
        if state is RuleState.NOTHING_CHECKED:
            is_needed = rule.policy is Policy.BLOCK or rule.id.endswith(".required")
            return Standing.BLOCKED if is_needed else Standing.NOTHING_CHECKED
        if not self.result.failing:
            return Standing.REPORTED if rule.policy is Policy.REPORT else Standing.BLOCKED
        if not self.uncovered:
            return Standing.HELD if self.followed else Standing.DECIDED
        return {Policy.BLOCK: Standing.BLOCKED, Policy.HOLD: Standing.HELD, Policy.REPORT: Standing.REPORTED}[
            rule.policy
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A gate's answer: open, or closed with every reason."""

    gate: Gate
    subject: str
    judged: tuple[Judged, ...]
    settle: str = ""  # what opens the gate: the command, as a sentence

    @property
    def is_open(self) -> bool:
        """Whether later stages may go on."""
        return not self.blocking

    @property
    def blocking(self) -> tuple[Judged, ...]:
        """The rules that keep the gate closed."""
        return tuple(each for each in self.judged if each.standing is Standing.BLOCKED)

    def explanation(self) -> str:
        """Say which rules keep the gate closed: rows, an example, who settles it, and which decisions do not help.

        The first line stands alone; the last is the command that settles it.
        """
        if self.is_open:
            return f"{self.gate} gate of {self.subject} is open"
        lines = [f"{self.gate} gate of {self.subject} is closed:"]
        for each in self.blocking:
            lines += [f"- {_reason(each)}", *(f"  {line}" for line in _notes(each))]
        return "\n".join([*lines, self.settle] if self.settle else lines)


def judge(gate: Gate, subject: str, judged: Iterable[Judged]) -> Verdict:
    """Return the verdict over every rule of a suite; a gate without rules cannot be judged."""
    rules = tuple(judged)
    if not rules:
        raise ValueError(f"{gate} gate of {subject} has no rules; an empty gate would pass anything")
    return Verdict(gate=gate, subject=subject, judged=rules)


def _reason(judged: Judged) -> str:
    rule, result = judged.result.rule, judged.result
    if result.state is RuleState.NOTHING_CHECKED:
        return f"{rule.id}: nothing checked ({result.detail or 'no value to check'}). {rule.says}"
    if not result.failing:
        return f"{rule.id}: {result.detail or 'the table as a whole fails'}. {rule.says}"
    example = f", for example {judged.uncovered_examples[0]}" if judged.uncovered_examples else ""
    rows = f"{judged.uncovered} of {result.failing} failing row{'' if result.failing == 1 else 's'} undecided"
    return f"{rule.id}: {rows}{example}. {rule.says}"


def _notes(judged: Judged) -> Iterator[str]:
    """Yield who settles a rule, and each decision about it that does not hold, with why."""
    if judged.settles:
        yield judged.settles
    for decision in judged.stale:
        why = judged.stale_because.get(decision)
        yield f"{decision} no longer fits{f': {why}' if why else ''}."
    yield from (f"{each}." for each in judged.idle)
