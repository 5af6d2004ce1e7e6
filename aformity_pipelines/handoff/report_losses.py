"""The information-loss account as the report groups it: what nobody agreed to first, then what was, then the rest.

Pure, and no markup: the numbers are the record's, and the totals are sums of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.launch.losses import LossLine, LossSort
from aformity_pipelines.domain.launch_record import LaunchRecord

LOSS_WORDS: dict[LossSort, str] = {
    LossSort.COLLAPSED: "Different values became one",
    LossSort.CLEARED: "Became blank",
    LossSort.PRECISION: "Lost digits",
    LossSort.CUT: "Text shortened",
    LossSort.DATE_DECIDED: "Dates read as decided",
    LossSort.ENCODING: "Characters repaired or unreadable",
    LossSort.ZEROS: "Leading zeros gone",
    LossSort.UNREADABLE: "Unreadable, left blank",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LossTotal:
    """One way of losing something, over all field mappings."""

    words: str
    number: int
    mappings: int
    uncovered: int  # field mappings in which nobody agreed to it


@dataclass(frozen=True, slots=True, kw_only=True)
class LossAccount:
    """Field mappings by what they lose."""

    uncovered: tuple[LossLine, ...]
    covered: tuple[LossLine, ...]
    whole: tuple[LossLine, ...]
    totals: tuple[LossTotal, ...]


def loss_account(lines: Sequence[LossLine]) -> LossAccount:
    """Split `lines` into uncovered, covered and lossless, and total every sort of loss, zero included."""
    return LossAccount(
        uncovered=tuple(line for line in lines if not line.is_covered),
        covered=tuple(line for line in lines if line.losses and line.is_covered),
        whole=tuple(line for line in lines if not line.losses),
        totals=tuple(_total(sort, lines) for sort in LossSort),
    )


def losses_digest(record: LaunchRecord) -> str:
    """Return the account in one sentence."""
    account = loss_account(record.losses)
    if not record.losses:
        return "Nothing has been counted yet"
    if account.uncovered:
        return f"{len(account.uncovered):,} of {len(record.losses):,} field mappings lose something that nobody agreed to"
    if account.covered:
        return f"{len(account.covered):,} of {len(record.losses):,} field mappings lose something, all of it agreed"
    return f"Zero: all {len(record.losses):,} field mappings hold everything that was delivered"


def _total(sort: LossSort, lines: Sequence[LossLine]) -> LossTotal:
    found = [loss for line in lines for loss in line.losses if loss.sort is sort]
    return LossTotal(
        words=LOSS_WORDS[sort],
        number=sum(loss.number for loss in found),
        mappings=len(found),
        uncovered=sum(1 for loss in found if not loss.covered_by),
    )
