"""One service for every reading of customer bytes.  Keep out: what is read, and how."""

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.read import read_file
from aformity_pipelines.intake.reading import Reading


def read_contained(job: Job) -> Reading:
    """Return what reading the job's file gives; raises what the reader raises."""
    job.into.mkdir(parents=True, exist_ok=True)
    return read_file(job)
