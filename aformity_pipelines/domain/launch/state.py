"""The launch state in a few words: one rule for the report of a wave and for the site of all customers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchState:
    """The state of the launch in a few words; `tone` picks its look: `ready`, `partly` or `waiting`."""

    words: str
    tone: str


def launch_state(*, is_exported: bool, is_whole: bool, has_open_work: bool) -> LaunchState:
    """Return the state of a wave.

    `is_whole`: no entity is left out, no gate is closed, no file waits.  `has_open_work`: somebody must act, or rows
    are held back.
    """
    if not is_exported:
        return LaunchState(words="Waiting: nothing is exported yet", tone="waiting")
    if not is_whole:
        return LaunchState(words="Launching in part", tone="partly")
    if has_open_work:
        return LaunchState(words="Ready, with unresolved work", tone="partly")
    return LaunchState(words="Ready: every row is settled", tone="ready")
