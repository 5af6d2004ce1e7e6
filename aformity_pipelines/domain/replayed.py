"""What rebuilding a published version from what it was made of came to: the same bytes, or which file differs and why."""

from enum import StrEnum

from aformity_pipelines.domain.base import Document


class FileState(StrEnum):
    """How a rebuilt file compares with the published one."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"
    """The version has it, and rebuilding it today does not make it."""
    NEW = "new"
    """Rebuilding makes it today, and the version does not have it."""


class ReplayedFile(Document):
    """One file of a version."""

    path: str
    state: FileState


class Replayed(Document):
    """The result of one replay."""

    customer: str
    version: str
    """`wave_1/v0008-4a873acd`."""
    files: tuple[ReplayedFile, ...]
    """Every file of either, the manifest last."""
    because: tuple[str, ...] = ()
    """What is another one today than it was then, where a file differs."""

    @property
    def is_same(self) -> bool:
        """Whether every byte is the same."""
        return bool(self.files) and all(each.state is FileState.SAME for each in self.files)
