"""raw_file: the delivery registered, copied while hashed, and read as exact text.

Nothing is typed, trimmed or judged here.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.delivered import read_delivery
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.intake.refusal import DeliveryAltered, DeliveryRefused, NotUnderstood
from aformity_pipelines.intake.register import all_deliveries, copy_of, deliveries, find_deliveries, register
from aformity_pipelines.profile.table import write_profile
from aformity_pipelines.stages.intake_answers import NOT_REGISTERED, QUESTIONS, HowToRead, how_to_read
from aformity_pipelines.stages.outputs import TABLE, folder_of, read_record, reuse_or, write_record
from aformity_pipelines.stages.raw_kept import delivery_record, keep
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.waiting import NotTakenIn, let_wait

STAGE = "raw_file"


class NoDelivery(Exception):
    """No file of a source has been delivered."""


class NotRegistered(Exception):
    """A file in the intake folder that cannot even be copied, such as a symlink."""

    def __init__(self, file_name: str, why: str) -> None:
        self.file_name = file_name
        super().__init__(why)


def register_new(run: Run, source: str) -> Delivery:
    """Register every file in `intake/` that is new for `source`; return the delivery that counts.

    The latest registered delivery counts; files that arrive together are registered in name order.  Raises
    NotRegistered for a file that is none, NoDelivery where there is no file.
    """
    declared = run.migration.customer.sources[source]
    into = run.workspace.deliveries(run.slug)
    for path in find_deliveries(run.workspace.intake(run.slug), declared.file):
        try:
            register(path, into=into, received_on=run.as_of, received_by=run.by, source=source)
        except DeliveryRefused as refusal:
            raise NotRegistered(path.name, str(refusal).replace(str(path), path.name)) from refusal
    known = [delivery for delivery in deliveries(into) if delivery.source == source]
    if not known:
        raise NoDelivery(
            f"customers/{run.slug}/intake: no file matches {declared.file!r} (source {source}); put the file there,"
            " or correct `file` in defs.yaml"
        )
    return known[-1]


def known_deliveries(run: Run, source: str) -> frozenset[str]:
    """Return the SHA-256 of every delivery of a source that was registered."""
    into = run.workspace.deliveries(run.slug)
    return frozenset(each.sha256 for each in all_deliveries(into) if each.source == source)


def run_raw_file(run: Run, source: str) -> tuple[StageRecord, bool]:
    """Read the source's delivery; return the stage's record and whether anything was done.

    Raises DeliveryWaits where a person must answer first, or another file is needed; the questions are stored.
    """
    told = how_to_read(run.migration, source)
    folder_of(run, STAGE, source).mkdir(parents=True, exist_ok=True)
    try:
        delivery = register_new(run, source)
    except NotRegistered as refusal:
        return _refuse(run, source, told, refusal)
    inputs = {"delivery": delivery.sha256, **told.inputs()}
    return reuse_or(run, STAGE, source, inputs, lambda: _take_in(run, source, inputs, delivery, told))


def _refuse(run: Run, source: str, told: HowToRead, refusal: NotRegistered) -> tuple[StageRecord, bool]:
    """Let a file wait that nothing is known of but its name; it came when it was first refused so."""
    inputs = {"delivery": NOT_REGISTERED, "refusal": digest_of([refusal.file_name, str(refusal)])}
    stored = read_record(run, STAGE, source)
    came = stored.waits.received_on if stored and stored.waits and stored.inputs == inputs else run.as_of
    seen = Delivery(
        source=source,
        file_name=refusal.file_name,
        sha256="",
        size=0,
        received_on=came,
        received_by=run.by,
    )
    why = NotTakenIn(refused=str(refusal))
    return reuse_or(
        run, STAGE, source, inputs, lambda: let_wait(run, source, inputs, seen, why, told.decisions)
    )


def _take_in(
    run: Run, source: str, inputs: dict[str, str], delivery: Delivery, told: HowToRead
) -> StageRecord:
    """Read the delivery into the stage's folder, or let it wait."""
    folder = folder_of(run, STAGE, source)
    copy = copy_of(delivery, run.workspace.deliveries(run.slug))
    try:
        with TemporaryDirectory(dir=folder, prefix=".reading-") as reading:
            raw = read_delivery(copy, told.hints, delivery=delivery, into=Path(reading))
            told.check_columns(delivery.file_name, raw.headers)
            keep(run, source, raw, folder)
    except DeliveryAltered:
        raise
    except NotUnderstood as asked:
        why = NotTakenIn(questions=asked.questions)
    except DeliveryRefused as refusal:
        why = NotTakenIn(refused=str(refusal).replace(str(copy), delivery.file_name))
    else:
        (folder / QUESTIONS).unlink(missing_ok=True)
        write_profile(run.connection, folder / TABLE, raw.headers, delivery=delivery.sha256)
        record = _record(run, source, inputs, delivery, raw, folder)
        return write_record(run, record.model_copy(update={"decisions": told.decisions}))
    return let_wait(run, source, inputs, delivery, why, told.decisions)


def _record(
    run: Run, source: str, inputs: dict[str, str], delivery: Delivery, raw: RawTable, folder: Path
) -> StageRecord:
    return StageRecord(
        stage=STAGE,
        name=source,
        wave=None,
        inputs=inputs,
        output=sha256_of(folder / TABLE),
        rows_in=raw.rows + raw.rejected,
        rows_out=raw.rows,
        columns={header or f"column {number}": "text" for number, header in enumerate(raw.headers, start=1)},
        delivery=delivery_record(run, delivery, raw, folder),
    )
