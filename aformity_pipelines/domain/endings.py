"""What ended what in a log, where an entry may be without effect: one that waits ends nothing.

Keep out: which rules an entry does not meet; that is `approval`'s.
"""

from dataclasses import dataclass, field

from aformity_pipelines.domain.decisions import Entry, links_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """What was ended, by what; taken up from the end of the log, so that the first ending is the one kept."""

    ended: dict[str, str] = field(default_factory=dict)
    """Id -> the entry in force that ended it."""
    lapsed: dict[str, str] = field(default_factory=dict)
    """Id -> the entry that ended it once, and that no rule of today allows."""
    replaced: set[str] = field(default_factory=set)
    """Those of both that were superseded."""

    def take(self, entry: Entry, *, is_met: bool, waits: bool) -> None:
        """Note what an entry ends, once all that comes after it was taken up; `waits` counts where it is not met."""
        for link in links_of(entry):
            if not link.ends:
                continue
            replaces = link.key == "supersedes"
            # What takes the place of a decision without effect takes the place of what that one was to replace.
            passed_on = replaces and entry.id in self.replaced
            if is_met:
                self.ended[link.target] = entry.id
            elif passed_on and entry.id in self.ended:
                self.ended[link.target] = self.ended[entry.id]
            elif not waits:
                self.lapsed[link.target] = entry.id
            elif passed_on:
                self.lapsed[link.target] = self.lapsed[entry.id]
            else:
                continue
            self.replaced.update({link.target} if replaces else ())
