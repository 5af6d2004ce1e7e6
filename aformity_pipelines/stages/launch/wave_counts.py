"""The counts behind what an export updates, and behind the rows that a file no longer holds."""

from collections.abc import Iterator

from aformity_pipelines.domain.customer import Vanished
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch import count_names as names
from aformity_pipelines.domain.launch.statements import Count, Table
from aformity_pipelines.domain.launch.waves import VanishedRows
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.stages.validated import STAGE as VALIDATED
from aformity_pipelines.stages.vanished import delivered_rule_id


def counts_of_waves(record: LaunchRecord) -> Iterator[Count]:
    """Yield what each number about updates and vanished rows asks the export's tables."""
    for update in record.updates:
        where = {"entity": (update.entity,), "field": (update.field,)}
        named = [("", ()), ("filled", ("before",)), ("cleared", ("after",))]
        for figure, absent in named:
            name = names.updated_count(update.entity, update.field, figure=figure)
            yield Count(name=name, value=0, table=Table.UPDATES, where=where, absent=absent)
    excluding = tuple(line.id for line in record.history if line.kind == "rows_excluded")
    for gone in record.vanished:
        yield from _left_out(gone) if gone.policy is Vanished.EXCLUDE else _asked(gone, excluding)


def _asked(gone: VanishedRows, excluding: tuple[str, ...]) -> Iterator[Count]:
    found = {"stage": (VALIDATED,), "subject": (gone.source,), "rule": (delivered_rule_id(gone.source),)}
    one = {"value": 0, "table": Table.FINDINGS, "distinct": ("row_id",)}
    yield Count(name=names.vanished_count(gone.source), where=found, **one)
    if gone.policy is Vanished.ASK:
        yield Count(
            name=names.vanished_count(gone.source, "open"), where=found, absent=("accepted_by",), **one
        )
    if excluding:
        left = found | {"accepted_by": excluding}
        yield Count(name=names.vanished_count(gone.source, "left_out"), where=left, **one)


def _left_out(gone: VanishedRows) -> Iterator[Count]:
    found = {"source": (gone.source,), "because": (str(Reason.VANISHED),)}
    rows = {"value": 0, "table": Table.LEDGER, "distinct": ("source_row",)}
    yield Count(name=names.vanished_count(gone.source), where=found, **rows)
    yield Count(
        name=names.vanished_count(gone.source, "left_out"), where=found | {"fate": (Fate.EXCLUDED,)}, **rows
    )
