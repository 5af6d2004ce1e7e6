"""Delimited text: from a file to its tables.  Keep out: deciding how (`propose`), and reading one table (`table`)."""

import tempfile
from pathlib import Path

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Reading
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format
from aformity_pipelines.intake.text.encoding import as_utf8
from aformity_pipelines.intake.text.plan import Proposal
from aformity_pipelines.intake.text.propose import propose
from aformity_pipelines.intake.text.table import read_table


def read_text(job: Job) -> Reading:
    """Read the job's file by the best guess, or by its hints; of several tables all, or the one they name.

    Raises NotUnderstood where there is not even a guess, DeliveryRefused beyond a limit, ReadersDisagree for a fault
    of ours.
    """
    with tempfile.TemporaryDirectory(dir=job.into, prefix=".reading-") as folder:
        text = as_utf8(job.file, job.hints.encoding, scratch=Path(folder, "text.csv"), name=job.name)
        proposal = propose(text, job.hints, name=job.name)
        plans = proposal.plans
        tables = tuple(
            read_table(text, plans[number - 1], job, number, others=(*plans[: number - 1], *plans[number:]))
            for number in _asked_for(proposal, job)
        )
    return Reading(file_name=job.name, format="csv", tables=tables, questions=proposal.questions)


def _asked_for(proposal: Proposal, job: Job) -> tuple[int, ...]:
    """Return the numbers of the tables to read.  Raises NotUnderstood if there is none of the number told."""
    count, told = len(proposal.plans), job.hints.table
    if told is None:
        return tuple(range(1, count + 1))
    if told > count:
        what = f"table {told} is asked for, the file has {count}"
        raise NotUnderstood(
            job.name, (Question(kind=QuestionKind.TABLE, what=what, answer=put_format(table=count)),)
        )
    return (told,)
