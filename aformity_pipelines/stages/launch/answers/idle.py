"""Open work that no finding of today names: it holds no row, and somebody has it all the same; or a rule about a whole table."""

from collections.abc import Iterator

from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.findings import FOUND
from aformity_pipelines.stages.launch.answers.group import Group
from aformity_pipelines.tracing.words import sentence


def idle_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for each piece of open work that no row's finding leads to; needs `answer_found`."""
    found = basis.query(f"select distinct subject, rule, followed_by from {FOUND} where accepted_by is null")
    named = {(subject, rule, follow_up or rule) for subject, rule, follow_up in found}
    for work in basis.unresolved:
        if (work.entity, work.rule, work.id) not in named:
            owed = basis.owed(work)
            yield Group(
                # Rows that such work holds back are answered where their gate is closed; none of them is missing twice.
                about=AskedAbout.KNOWN,
                entity=work.entity,
                says=f"{sentence(work.says)}: {owed.says}.",
                detail=work.next_step,
                count=work.row_count,
                evidence=owed.evidence,
                rows=tuple(row for row in work.rows if "@" in row and "#" in row),
                moment=work.moment,
                owed=owed,
                is_own=True,
            )
