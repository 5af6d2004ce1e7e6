"""What a reader sees first, and what they check last: outcomes, gates, deliveries, history, graph."""

from aformity_pipelines.domain.approval import ended, without_effect
from aformity_pipelines.domain.decisions import (
    AboutOthers,
    DestinationUpgraded,
    Entry,
    FollowUpReassigned,
    IntakeAnswered,
    QuestionAnswered,
    RuleWaived,
    ValuesReplaced,
    links_of,
)
from aformity_pipelines.domain.delivery_line import DeliveryLine
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.format_words import in_words
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch.count_names import blanked_count
from aformity_pipelines.domain.launch.export_files import Export, ExportFile, Graph, GraphNode
from aformity_pipelines.domain.launch.outcomes import EntityOutcome, FateRow, GateState
from aformity_pipelines.domain.launch.review import HistoryLine
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.stages.graph import before, steps
from aformity_pipelines.stages.launch.source import Sources, day
from aformity_pipelines.stages.launch.stale import stale_because
from aformity_pipelines.transform.project import load_project


def fate_rows(sources: Sources) -> tuple[FateRow, ...]:
    """Return the ledger's counts by entity, source, fate and reason."""
    rows = sources.query(
        "select entity, source, fate, reason, count(*) from {ledger} group by all order by all"
    )
    return tuple(
        FateRow(entity=entity, source=source, fate=Fate(fate), reason=Reason(reason), rows=number)
        for entity, source, fate, reason, number in rows
    )


def outcomes(sources: Sources) -> tuple[EntityOutcome, ...]:
    """Return what became of each entity's rows, in load order."""
    migration = sources.run.migration
    records = {
        file.entity: file.rows for file in sources.manifest.files if file.entity and file.format == "parquet"
    }
    waiting: dict[str, int] = dict(
        sources.query(
            "select entity, count(*) from {ledger} where fate = ? and live_since is not null group by 1",
            [Fate.UNRESOLVED],
        )
    )
    changed = {
        file.updates: file.rows
        for file in sources.manifest.files
        if file.updates and file.format == "parquet"
    }
    return tuple(
        EntityOutcome(
            entity=entity,
            label=migration.destination.entities[entity].label,
            plural=migration.destination.entities[entity].plural,
            delivered=sum(sources.manifest.fates[entity].values()),
            fates={fate: sources.manifest.fates[entity].get(fate.value, 0) for fate in Fate},
            records=records.get(entity, 0),
            updated=changed.get(entity, 0),
            held_updates=waiting.get(entity, 0),
        )
        for entity in migration.entities()
    )


def gates(sources: Sources) -> tuple[GateState, ...]:
    """Return every gate that was judged, in the order of the stages."""
    found = []
    for (_, name), record in sources.records.items():
        if record.verdict:
            failing = [
                r for r in record.verdict.rules if r.standing not in (Standing.PASSED, Standing.DECIDED)
            ]
            reasons = record.verdict.explanation.splitlines()[1:] if not record.verdict.is_open else []
            found.append(
                GateState(
                    gate=record.verdict.gate.value,
                    subject=name,
                    is_open=record.verdict.is_open,
                    rules=len(record.verdict.rules),
                    failing_rules=len(failing),
                    reasons=tuple(reason.removeprefix("- ") for reason in reasons),
                )
            )
    return tuple(found)


def deliveries(sources: Sources) -> tuple[DeliveryLine, ...]:
    """Return the files that this wave was built from."""
    found = []
    for name, source in sources.run.migration.customer.sources.items():
        record = sources.records.get(("raw_file", name))
        if record and record.delivery:
            delivery = record.delivery
            found.append(
                DeliveryLine(
                    source=name,
                    says=source.says,
                    file=delivery.file_name,
                    sha256=delivery.sha256,
                    size=delivery.size,
                    received_on=delivery.received_on,
                    received_by=delivery.received_by,
                    rows=record.rows_out,
                    rejected=delivery.rejected,
                    rejected_because=delivery.rejected_because,
                    carried=delivery.carried_rows,
                    skipped=delivery.skipped,
                    file_rows=record.rows_in + sum(delivery.skipped.values()),
                    warnings=delivery.warnings,
                    columns=len(delivery.headers),
                    how_read=delivery.how_read,
                    lookup_only=source.lookup_only,
                )
            )
    return tuple(found)


def history(sources: Sources) -> tuple[HistoryLine, ...]:
    """Return the decision log, oldest first."""
    in_force = {entry.id for entry in sources.standing()}
    migration = sources.run.migration
    idle = {each.entry.id: each.words for each in without_effect(migration)}
    ended_by, stale = ended(migration), stale_because(sources)
    return tuple(
        HistoryLine(
            seq=entry.seq,
            id=entry.id,
            kind=entry.kind,
            on=entry.on,
            by=entry.by,
            says=entry.says,
            why=entry.why,
            stands=entry.id in in_force,
            about=_about(entry),
            concerns=_concerns(entry),
            supersedes=entry.supersedes,
            supersedes_because=entry.supersedes_because or "",
            ended_by=None if entry.id in in_force or entry.id in idle else ended_by.get(entry.id),
            idle=idle.get(entry.id, ""),
            stale=stale.get(entry.id, "") if entry.id in in_force else "",
        )
        for entry in migration.log
    )


def _about(entry: Entry) -> str:
    """Return what a decision settles, where its own words may leave it out; no value of the customer's rows."""
    match entry:
        case IntakeAnswered():
            columns = ", ".join(entry.covers.headers)
            return f"{entry.covers.file_name}: {in_words(entry.format)}; its columns then are {columns}"
        case DestinationUpgraded():
            return f"From version {entry.from_version} to version {entry.to_version}"
        case QuestionAnswered():
            return f"The answer: {entry.answer}"
        case FollowUpReassigned():
            return f"{entry.owner.name} settles it by {day(entry.due)}"
        case RuleWaived():
            return f"Not asked of any row of {entry.covers.subject}, now or later: {entry.covers.says}"
        case ValuesReplaced():
            number = len(entry.replacements)
            texts = "1 text is replaced" if number == 1 else f"{number} texts are replaced"
            return f"In {entry.field.replace('_', ' ')}, {texts} in every covered row that holds one"
        case _:
            return ""


def _concerns(entry: Entry) -> str | None:
    if not isinstance(entry, AboutOthers):
        return None
    return next(link.target for link in links_of(entry) if link.key != "supersedes")


def export_of(sources: Sources) -> Export | None:
    """Return what was published, or None where nothing was."""
    manifest = sources.manifest
    if not manifest.load_order:
        return None
    return Export(
        version=sources.folder.name,
        manifest_sha256=sha256_of(sources.folder / "manifest.json"),
        load_order=manifest.load_order,
        files=tuple(
            ExportFile(
                path=file.path,
                entity=file.entity or "",
                updates=file.updates or "",
                format=file.format,
                rows=file.rows,
                size=file.size,
                sha256=file.sha256,
            )
            for file in manifest.files
        ),
        left_out=tuple(
            Statement(says=f"{sources.label(each.entity)}: {each.why}", evidence=("manifest",))
            for each in manifest.left_out
        ),
    )


def graph(sources: Sources) -> Graph:
    """Return the asset graph with the state of each stage."""
    migration = sources.run.migration
    project = load_project(sources.run.workspace.transforms)
    nodes, edges = [], []
    for step in steps(migration):
        stage, name = step
        record = sources.records.get(step)
        is_closed = bool(record and record.verdict and not record.verdict.is_open)
        is_here = record is not None or stage == "handoff_report"
        waits = record is not None and record.waits is not None
        state = "waits" if waits else "closed" if is_closed else "done" if is_here else "missing"
        nodes.append(GraphNode(stage=stage, name=name, state=state, rows=record.rows_out if record else None))
        edges += [("/".join(earlier), "/".join(step)) for earlier in before(migration, project, step)]
    return Graph(nodes=tuple(nodes), edges=tuple(edges))


def _overridden(sources: Sources) -> list[Statement]:
    """Return one sentence for each field or moment that is another one for this customer than for others."""
    migration = sources.run.migration
    return [
        Statement(
            says=f"{_called(migration, name)} is not as in every migration to this product: “{override.why}”",
            evidence=("defs.yaml",),
        )
        for name, override in migration.customer.overrides.items()
    ]


def _called(migration: Migration, name: str) -> str:
    """Return how people call what an override names: `Account: postal code`, `Billing`."""
    whole, _, part = name.partition(".")
    if whole in migration.destination.entities:
        return f"{migration.destination.entities[whole].label}: {part.replace('_', ' ')}"
    return migration.destination.moments[part].label


def notices(sources: Sources) -> tuple[Statement, ...]:
    """Return what a reader should know that has no section of its own."""
    found = [Statement(says=note, evidence=("manifest",)) for note in sources.manifest.notes]
    found += _overridden(sources)
    migration = sources.run.migration
    for name, number in sources.manifest.blanked_links.items():
        entity, field = name.split(".")
        one = migration.destination.entities[entity].label.lower()
        records = f"1 {one} launches" if number == 1 else f"{number:,} {sources.label(entity).lower()} launch"
        says = f"{records} with a blank {field.replace('_', ' ')}: what it points to is not among the live records."
        found.append(Statement(says=says, evidence=(blanked_count(entity, field),)))
    for each, why in stale_because(sources).items():
        is_waiver = isinstance(sources.decision(each), RuleWaived)
        says = (
            f"{each} waived a rule that demands something else now: the rows that break it are asked about again."
            if is_waiver
            else f"{each} no longer holds for all that it was shown: {why}."
        )
        found.append(Statement(says=says, evidence=(each,)))
    return tuple(found)
