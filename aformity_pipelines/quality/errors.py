"""What goes wrong in judging, apart from what is wrong with the judged rows."""

from collections.abc import Mapping


class GateBroken(Exception):
    """A rule could not be judged: a fault of ours, neither a finding nor a pass.

    It is raised without the database's error as its cause, which may quote values.  `faults` maps rule ids to what Great Expectations (or our own check of it) said.
    """

    def __init__(self, subject: str, faults: Mapping[str, str]) -> None:
        self.subject = subject
        self.faults = dict(faults)
        lines = "".join(f"\n  {rule}: {message}" for rule, message in self.faults.items())
        count = "1 rule" if len(self.faults) == 1 else f"{len(self.faults)} rules"
        super().__init__(
            f"{subject}: {count} could not be judged; nothing passed and nothing failed.{lines}\n"
            "Correct the rule (see its suite) or the table that it reads, then run the gate again."
        )
