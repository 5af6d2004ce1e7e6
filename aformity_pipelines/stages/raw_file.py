"""raw_file: the delivery registered, copied while hashed, and read as exact text.

Nothing is typed, trimmed or judged here.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.stage_record import DeliveryRecord, StageRecord
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.delivered import read_delivery
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.intake.refusal import DeliveryAltered, DeliveryRefused, NotUnderstood, QuestionKind
from aformity_pipelines.intake.register import copy_of, deliveries, find_deliveries, register
from aformity_pipelines.profile.table import write_profile
from aformity_pipelines.stages.carried import counted, earlier_of, history_digest, keep_carried
from aformity_pipelines.stages.earlier_delivery import ReadTable, put_aside, told_of
from aformity_pipelines.stages.intake_answers import NOT_REGISTERED, QUESTIONS, HowToRead, how_to_read
from aformity_pipelines.stages.outputs import TABLE, folder_of, read_record, reuse_or, write_record
from aformity_pipelines.stages.raw_kept import delivery_record, keep
from aformity_pipelines.stages.redelivered import keep_comparison
from aformity_pipelines.stages.renamed import check_names, needed_digest
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.waiting import NotTakenIn, let_wait

STAGE = "raw_file"
NEEDED = "needed"
"""Input of a delivery that waits because of its columns' names: which columns are needed."""


class NoDelivery(Exception):
    """No file of a source has been delivered."""


class NotRegistered(Exception):
    """A file in the intake folder that cannot even be copied, such as a symlink."""

    def __init__(self, file_name: str, why: str) -> None:
        self.file_name = file_name
        super().__init__(why)


def register_new(run: Run, source: str) -> Delivery:
    """Register every file in `intake/` that is new for `source`, if the run takes files in; return what counts.

    The latest registered delivery counts; files that arrive together are registered in name order.  Raises
    NotRegistered for a file that is none, NoDelivery where there is no file.
    """
    declared = run.migration.customer.sources[source]
    into = run.workspace.deliveries(run.slug)
    waiting = find_deliveries(run.workspace.intake(run.slug), declared.file) if run.takes_in else ()
    for path in waiting:
        try:
            register(path, into=into, received_on=run.as_of, received_by=run.by, source=source)
        except DeliveryRefused as refusal:
            raise NotRegistered(path.name, str(refusal).replace(str(path), path.name)) from refusal
    known = [delivery for delivery in deliveries(into) if delivery.source == source]
    if not known and not run.takes_in:
        raise NoDelivery(
            f"customers/{run.slug}: nothing is registered for source {source} yet; the sensor of deliveries does that"
            " once a file is complete, or run the wave"
        )
    if not known:
        raise NoDelivery(
            f"customers/{run.slug}/intake: no file matches {declared.file!r} (source {source}); put the file there,"
            " or correct `file` in defs.yaml"
        )
    return known[-1]


def run_raw_file(run: Run, source: str) -> tuple[StageRecord, bool]:
    """Read the source's delivery; return the stage's record and whether anything was done.

    Raises DeliveryWaits where a person must answer first, or another file is needed; the questions are stored.
    """
    folder_of(run, STAGE, source).mkdir(parents=True, exist_ok=True)
    try:
        delivery = register_new(run, source)
    except NotRegistered as refusal:
        return _refuse(run, source, how_to_read(run.migration, source), refusal)
    told = told_of(run, source, delivery.sha256)
    inputs = inputs_of(run, source, delivery.sha256)
    return reuse_or(run, STAGE, source, inputs, lambda: _take_in(run, source, inputs, delivery, told))


def inputs_of(run: Run, source: str, delivery: str) -> dict[str, str]:
    """Return the fingerprints of all that reading the latest delivery depends on; `delivery` is its SHA-256."""
    inputs = {"delivery": delivery, **told_of(run, source, delivery).inputs()}
    if earlier_of(run, source):
        inputs["earlier"] = history_digest(run, source)
    if _waits_for_a_name(read_record(run, STAGE, source)):
        inputs[NEEDED] = needed_digest(run, source)
    return inputs


def _waits_for_a_name(record: StageRecord | None) -> bool:
    """Whether the delivery waits because a column that is needed is gone: what is needed may change."""
    asked = record.waits.questions if record and record.waits else ()
    return any(each.kind == QuestionKind.RENAMED for each in asked)


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
    put_aside(run, source)
    before = counted(run, source, earlier_of(run, source))
    inputs = {name: value for name, value in inputs.items() if name != NEEDED}
    try:
        with TemporaryDirectory(dir=folder, prefix=".reading-") as reading:
            raw = read_delivery(copy, told.hints, delivery=delivery, into=Path(reading))
            told.check_columns(delivery.file_name, raw.headers)
            check_names(run, source, before, _as_read(raw, delivery, raw.parquet))
            keep(run, source, raw, folder)
    except DeliveryAltered:
        raise
    except NotUnderstood as asked:
        why = NotTakenIn(questions=asked.questions)
        if any(each.kind is QuestionKind.RENAMED for each in asked.questions):
            inputs[NEEDED] = needed_digest(run, source)
    except DeliveryRefused as refusal:
        why = NotTakenIn(refused=str(refusal).replace(str(copy), delivery.file_name))
    else:
        (folder / QUESTIONS).unlink(missing_ok=True)
        write_profile(run.connection, folder / TABLE, raw.headers, delivery=delivery.sha256)
        now = _as_read(raw, delivery, folder / TABLE)
        carried = keep_carried(run, source, before, now)
        keep_comparison(run, source, before, now)
        record = _record(run, source, inputs, delivery_record(run, delivery, raw, folder, carried), raw)
        return write_record(run, record.model_copy(update={"decisions": told.decisions}))
    return let_wait(run, source, inputs, delivery, why, told.decisions)


def _as_read(raw: RawTable, delivery: Delivery, table: Path) -> ReadTable:
    return ReadTable(
        delivery=delivery, headers=raw.headers, table=table, sheet=raw.sheet, header_row=raw.header_row
    )


def _record(
    run: Run, source: str, inputs: dict[str, str], delivery: DeliveryRecord, raw: RawTable
) -> StageRecord:
    return StageRecord(
        stage=STAGE,
        name=source,
        wave=None,
        inputs=inputs,
        output=sha256_of(folder_of(run, STAGE, source) / TABLE),
        rows_in=raw.rows + raw.rejected,
        rows_out=raw.rows,
        columns={header or f"column {number}": "text" for number, header in enumerate(raw.headers, start=1)},
        delivery=delivery,
    )
