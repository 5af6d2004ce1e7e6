"""What a step of a sample's story decides: the answers in its workbooks, and what it writes down itself."""

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.stages.open_findings import open_findings
from aformity_pipelines.stages.review_import import import_book
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.story import NumberedStep, StoryBroken


def drafts_of(run: Run, numbered: NumberedStep) -> tuple[Draft, ...]:
    """Return what a step decides: the answers in its workbooks, and then what it writes down itself.

    StoryBroken where a workbook does not come back as it should.
    """
    found: list[Draft] = []
    for name in numbered.step.answered:
        imported = import_book(run, numbered.path.parent / name, open_findings)
        if imported.remarks:
            raise StoryBroken(f"{run.slug}, {numbered.path.name}: {name}: {imported.remarks[0].words}")
        found += imported.drafts
    return (*found, *numbered.step.decide)
