"""The site of all customers, as values: what the CSM team sees of each wave, and of each handoff that was kept.

Accepted risks and unresolved work are counted apart, and nothing adds them up.
"""

from datetime import date

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.difference import Difference
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.review import LogEnd
from aformity_pipelines.domain.launch.state import LaunchState, launch_state
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.launch.waves import Loaded
from aformity_pipelines.domain.revalidation import Revalidation


class Part(BaseModel):
    """A part of a launch record, of any version of its form: what the site does not show is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class OpenPart(Part):
    """Work that somebody owes, or a file that waits."""

    due: date


class RiskPart(Part):
    """An accepted risk."""

    decision: str


class GatePart(Part):
    """A gate."""

    is_open: bool


class FatePart(Part):
    """Rows that ended in one place."""

    fate: Fate
    rows: int


class DeliveryPart(Part):
    """A file that a wave was built from, or one that waits."""

    source: str
    sha256: str


class WaitingPart(DeliveryPart, OpenPart):
    """A file that waits."""


class ExportPart(Part):
    """What was published."""

    version: str
    left_out: tuple[Statement, ...] = ()


class ChangesPart(Part):
    """What changed since the version before."""

    since_wave: str
    since_version: str
    since_as_of: date | None = None
    says: tuple[Statement, ...]


class RecordHead(Part):
    """What the site reads of a launch record."""

    schema_version: str
    customer: str
    label: str
    wave: str
    wave_says: str
    launches_on: date
    as_of: date
    log: LogEnd
    glance: tuple[Statement, ...] = Setting(min_length=1)
    gates: tuple[GatePart, ...]
    fates: tuple[FatePart, ...]
    accepted_risks: tuple[RiskPart, ...]
    unresolved: tuple[OpenPart, ...]
    waiting: tuple[WaitingPart, ...] = ()
    deliveries: tuple[DeliveryPart, ...] = ()
    export: ExportPart | None
    changes: ChangesPart | None = None

    @property
    def state(self) -> LaunchState:
        """Where the launch stood on the record's date."""
        is_closed = any(not gate.is_open for gate in self.gates)
        is_left_out = self.export is not None and bool(self.export.left_out)
        is_held = any(each.fate is Fate.UNRESOLVED and each.rows for each in self.fates)
        return launch_state(
            is_exported=self.export is not None,
            is_whole=not (is_left_out or self.waiting or is_closed),
            has_open_work=bool(self.unresolved) or is_held,
        )

    def due_dates(self) -> tuple[date, ...]:
        """Return when each piece of open work is due, files that wait among them, the earliest first."""
        return tuple(sorted(each.due for each in (*self.unresolved, *self.waiting)))


class Freshness(Document):
    """Whether a handoff says what is so now, and what came since."""

    is_newer_there: bool = False
    """Whether a later handoff of the wave is there."""
    decisions: tuple[str, ...] = ()
    """Ids of the entries of the log since, in its order."""
    is_log_replaced: bool = False
    """Whether today's log is not a longer form of the one that the handoff names."""
    deliveries: tuple[str, ...] = ()
    """Sources that have a delivery which the handoff does not know."""
    changed: tuple[str, ...] = ()
    """What else is not as it was: `the customer's configuration`, `the export`."""

    @property
    def is_current(self) -> bool:
        """Whether nothing came since."""
        return not (self.is_newer_there or self.since)

    @property
    def since(self) -> tuple[str, ...]:
        """What came since, in words."""
        found = []
        if self.is_log_replaced:
            found.append("another decision log")
        elif self.decisions:
            number = len(self.decisions)
            named = ", ".join(self.decisions[:5]) + (", …" if number > 5 else "")
            found.append(f"{number:,} {'decision' if number == 1 else 'decisions'} ({named})")
        if self.deliveries:
            number = len(self.deliveries)
            what = "a new delivery" if number == 1 else f"{number:,} new deliveries"
            found.append(f"{what} ({', '.join(self.deliveries)})")
        return (*found, *(f"a change of {each}" for each in self.changed))

    @property
    def words(self) -> str:
        """The freshness in one sentence."""
        if self.is_newer_there:
            return "A newer one exists."
        if not self.since:
            return "Current."
        *others, last = self.since
        before = f"{', '.join(others)} and " if others else ""
        return f"Out of date: {before}{last} since."


class HandoffLine(Document):
    """One handoff that is kept."""

    wave: str
    name: str
    """The name of its folder."""
    as_of: date
    log: LogEnd
    version: str
    """The export's version; empty where nothing was exported."""
    state: LaunchState
    headline: str
    accepted: int
    unresolved: int
    overdue: int
    """Of the unresolved, those due before the day of the handoff."""
    since: str = ""
    """The version that it is compared with; empty at the first."""
    changes: tuple[Statement, ...] = ()
    freshness: Freshness
    files: tuple[str, ...]
    """Names of its files."""


class WaveLine(Document):
    """One wave of a customer and its handoffs, the newest first."""

    name: str
    says: str
    launches_on: date
    handoffs: tuple[HandoffLine, ...]
    since: date | None = None
    """As of when the state of the newest handoff has held; None where there is no handoff."""
    overdue: int = 0
    """Of the newest handoff's unresolved work, what is overdue on the day of the site."""
    loaded: Loaded | None = None
    """Who said that the newest handoff's export was loaded into the product; None where nobody did."""
    tested: Revalidation | None = None
    """The last time that the wave was validated again without exporting."""
    difference: Difference | None = Setting(default=None, exclude=True)
    """What differs from the export before, on a page of its own; None where there is none."""


class CustomerLine(Document):
    """One customer: where its waves stand."""

    slug: str
    label: str
    is_archived: bool = False
    problems: tuple[str, ...] = ()
    """What is wrong with its configuration, one line each; then its handoffs may be out of date in ways nobody knows."""
    waves: tuple[WaveLine, ...] = ()

    @property
    def last(self) -> WaveLine | None:
        """The latest wave in launch order that has a handoff, if any."""
        return next((wave for wave in reversed(self.waves) if wave.handoffs), None)

    @property
    def handoffs(self) -> int:
        """How many handoffs are kept, of all waves."""
        return sum(len(wave.handoffs) for wave in self.waves)

    def next_wave(self, day: date) -> WaveLine | None:
        """Return the first wave that launches on `day` or later, if any."""
        return next((wave for wave in self.waves if wave.launches_on >= day), None)


class Site(Document):
    """Every customer, by name."""

    as_of: date
    customers: tuple[CustomerLine, ...]


class SlugPart(Part):
    """A customer of a site, by name only."""

    slug: str


class SiteHead(Part):
    """What tells a site of ours, of any version, from other folders."""

    as_of: date
    customers: tuple[SlugPart, ...]
