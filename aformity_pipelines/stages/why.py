"""why: opens a published wave and the records behind it, and asks `tracing`."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import ExportLoaded
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.domain.tokens import NoToken, typed
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.intake.register import all_deliveries
from aformity_pipelines.mapping.casts import MACROS
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.fate_history import fate_history
from aformity_pipelines.stages.gates import taken_in
from aformity_pipelines.stages.graph import EXPORT, PACKAGE, sources_behind
from aformity_pipelines.stages.open_since import of_export, open_since
from aformity_pipelines.stages.outputs import StageMissing, read_record, require
from aformity_pipelines.stages.published_order import exported_files, published_in_order, versions_named
from aformity_pipelines.stages.resolving import resolve
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.waiting import waiting_files
from aformity_pipelines.tracing.answer import Answer
from aformity_pipelines.tracing.sources import Delivered, Exported, Sources
from aformity_pipelines.tracing.why import trace

SHOWN = 5
"""Decisions that a notice names before it counts the rest."""


def why(run: Run, entity: str, key: str, field: str | None = None) -> Answer:
    """Answer why a record, or one field of it, is the way it is in the wave's current published version.

    `key` may be a token of the report as well.  What went into the product before is answered with what the product
    shows, whichever version brought it.  Raises StageMissing where the wave was never exported or the raw tables are
    not there.
    """
    answer = trace(open_sources(run), entity, key, field)
    if not answer.is_found and (rows := _rows_named(run, entity, key)):
        others = f"; {key} also stands in {', '.join(rows[1 : SHOWN + 1])}" if rows[1:] else ""
        named = why(run, entity, rows[0], field)
        notices = (*named.notices, f"{key} was looked up{others}.") if others else named.notices
        return named.model_copy(update={"asked": key, "notices": notices})
    return answer


def newest_wave(run: Run) -> str:
    """Return the wave whose published version is the newest, and knows what became of every row; the run's where none is."""
    versions = published_in_order(run)
    return versions[-1].wave if versions else run.wave


def _rows_named(run: Run, entity: str, text: str) -> tuple[str, ...]:
    """Return the rows of an entity's sources whose value a token stands for, those of its own key first; else none."""
    described = run.migration.destination.entities.get(entity)
    try:
        token = typed(text)
    except NoToken:
        return ()
    if described is None:
        return ()
    read = {each.source for each in run.migration.reads_of(entity)}
    meanings = sorted(resolve(run, token).meanings, key=lambda each: each.of != f"{entity}.{described.key}")
    rows = (row.row_id for each in meanings for row in each.rows)
    return tuple(dict.fromkeys(row for row in rows if row.partition("@")[0] in read))


def open_sources(run: Run) -> Sources:
    """Open the wave's current export, the raw tables and the log as far as that export read it."""
    package = read_record(run, EXPORT, PACKAGE)
    folder = package_folder(run, package) if package else None
    if folder is None:
        raise StageMissing(f"{run.wave} of {run.slug} has not been exported; run it first")
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    behind = (sources_behind(run.migration, entity) for entity in run.migration.entities())
    names = taken_in(run, (source for sources in behind for source in sources))
    create_digest_macro(run.connection, run.digest_key())
    for macro in MACROS:
        run.connection.execute(macro)
    own, live = f"{run.wave}/{folder.name}", versions_named(run, manifest.builds_on)
    loaded = {f"{e.wave}/{e.version}": e for e in in_force(run.migration) if isinstance(e, ExportLoaded)}
    log = tuple(entry for entry in run.migration.log if entry.seq <= manifest.log_seq)
    delivered = {source: _delivered(run, source) for source in names}
    return Sources(
        migration=dataclasses.replace(run.migration, log=log),
        connection=run.connection,
        wave=run.wave,
        as_of=run.as_of,
        folder=folder,
        coverage=run.workspace.coverage(run.slug),
        exports=exported_files(folder, manifest),
        raw=open_all(run, names),
        delivered=delivered,
        rules=_rules(run),
        live=tuple(
            Exported(
                wave=each.wave,
                folder=each.folder,
                files=exported_files(each.folder, each.manifest),
                as_of=each.as_of,
                loaded=loaded.get(each.name),
            )
            for each in live
        ),
        earlier=_ever_delivered(run, delivered),
        loaded=loaded.get(own),
        handed_over=next((each.as_of for each in versions_named(run, [own])), None),
        follow=partial(fate_history, run),
        opened=_opened(run, folder),
        notices=(
            *_waiting(run),
            *_notices(run.migration, manifest, {name: each.sha256 for name, each in delivered.items()}),
        ),
    )


def _opened(run: Run, folder: Path) -> Callable[[str, str], date | None]:
    """Return what says since when rows of an export have been open by a rule; worked out when it is first asked."""
    first_days = cache(lambda: open_since(run, of_export(folder)))
    return lambda subject, rule: first_days().get(f"{subject}/{rule}")


def _ever_delivered(run: Run, delivered: Mapping[str, Delivered]) -> dict[str, Delivered]:
    """Return `source@12345678` -> the delivery that row ids call so, for every one ever registered."""
    return {
        each.row_id_prefix().removesuffix("#"): Delivered(
            file_name=each.file_name,
            sheet=delivered[each.source].sheet if each.source in delivered else None,
            sha256=each.sha256,
            received_on=each.received_on,
        )
        for each in all_deliveries(run.workspace.deliveries(run.slug))
    }


def _delivered(run: Run, source: str) -> Delivered:
    record = require(run, "raw_file", source).delivery
    assert record is not None
    return Delivered(
        file_name=record.file_name,
        sheet=record.sheet,
        sha256=record.sha256,
        received_on=record.received_on,
    )


def _rules(run: Run) -> dict[tuple[str, str, str], RuleRecord]:
    names = [("validated", source) for source in run.migration.customer.sources]
    names += [(stage, e) for stage in ("mapped", "transformed", EXPORT) for e in run.migration.entities()]
    records = [(stage, name, read_record(run, stage, name)) for stage, name in names]
    return {
        (stage, name, rule.rule): rule
        for stage, name, record in records
        if record and record.verdict
        for rule in record.verdict.rules
    }


def _waiting(run: Run) -> Iterator[str]:
    """Say which files were not taken in: no row of them can be found."""
    for file in waiting_files(run):
        what = "another file" if file.refused else "an answer"
        behind = f", and {', '.join(file.entities)} with it" if file.entities else ""
        yield (
            f"{file.file} ({file.source}), received on {file.received_on}, waits for {what}{behind};"
            f" {file.owner.name} settles it by {file.due}.  None of its rows is known yet."
        )


def _notices(migration: Migration, manifest: Manifest, deliveries: dict[str, str]) -> Iterator[str]:
    """Say what has changed since the version was published: the answer is about then."""
    later = [entry.id for entry in migration.log if entry.seq > manifest.log_seq]
    if later:
        more = f" and {len(later) - SHOWN} more" if len(later) > SHOWN else ""
        listed = f"{', '.join(later[:SHOWN])}{more}"
        yield f"Recorded since this version was published: {listed}; run the wave to see what they change."
    changed = [
        e
        for e, m in migration.mappings.items()
        if digest_of(m.model_dump(mode="json")) != manifest.versions.mappings.get(e)
    ]
    if changed:
        yield f"The mapping of {', '.join(changed)} has changed since this version was published; run the wave again."
    for source, sha256 in deliveries.items():
        if manifest.deliveries.get(source) != sha256:
            yield f"{source} was delivered again since this version was published; run the wave again."
