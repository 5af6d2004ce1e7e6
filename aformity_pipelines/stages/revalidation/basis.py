"""What a re-validation was made from, and what of that is another one than the last time, in sentences without values."""

from collections.abc import Iterator, Mapping

from aformity_pipelines import __version__
from aformity_pipelines.domain.decisions import links_of
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.stages import export
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.suites import entity_suite, intake_suite
from aformity_pipelines.transform.project import load_project

DELIVERY, RULES, FIELD_MAP, EXPORTED, SETTING = "delivery ", "rules ", "field map ", "export ", "setting "
STAGES, DESTINATION, VERSION, MODELS = "stages", "destination", "destination version", "models"
PACKAGE = "package"
NOTHING = "none"

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "owners": ("owners", "people", "field_groups"),
    "waves": ("waves",),
    "policies": ("policies",),
    "approvals": ("approvals",),
    "sources": ("sources",),
}
"""Part of defs.yaml that decides about rows -> its keys."""
SETTING_CHANGED: Mapping[str, str] = {
    "owners": "Who owns which work, or how long they have, was changed.",
    "waves": "Which rows go with which wave was changed.",
    "policies": "A policy of the migration was changed.",
    "approvals": "Who may decide what was changed.",
    "sources": "How the files are described was changed.",
}


def basis_of(run: Run) -> dict[str, str]:
    """Return what the result depends on, by name; `stages` stands for all of it once every stage has run."""
    migration, entities = run.migration, run.migration.entities()
    declared = migration.customer.model_dump(mode="json")
    gates = (Gate.MAPPED, Gate.TRANSFORMED, Gate.EXPORT)
    models = load_project(run.workspace.transforms).models
    return {
        STAGES: digest_of([export.inputs_of(run), digest_of(run.digest_key().hex())]),
        DESTINATION: digest_of(migration.destination.model_dump(mode="json", exclude={"version"})),
        VERSION: migration.destination.version,
        MODELS: fingerprint(*(model.sql for model in models)),
        PACKAGE: __version__,
        **{DELIVERY + source: _delivered(run, source) for source in migration.customer.sources},
        **{
            RULES + source: digest_of(intake_suite(run.workspace, migration, source))
            for source in migration.customer.sources
        },
        **{
            RULES + entity: digest_of([entity_suite(run.workspace, migration, entity, g) for g in gates])
            for entity in entities
        },
        **{FIELD_MAP + e: digest_of(migration.mappings[e].model_dump(mode="json")) for e in entities},
        **{EXPORTED + wave: name for wave, name in _exports(run).items()},
        **{
            SETTING + name: digest_of({key: declared[key] for key in keys}) for name, keys in SETTINGS.items()
        },
    }


def changes_since(then: Revalidation, now: Mapping[str, str], migration: Migration) -> tuple[str, ...]:
    """Return what changed since a re-validation, one sentence each: files first, then decisions, rules and settings."""
    before = then.inputs
    differing = tuple(n for n in (*now, *before) if before.get(n, NOTHING) != now.get(n, NOTHING))
    names = tuple(dict.fromkeys(differing))
    return (
        *_of_deliveries(names, before),
        *_of_decisions(then, migration),
        *_of_destination(names, before, now),
        *(f"The rules about {n.removeprefix(RULES)} were changed." for n in names if n.startswith(RULES)),
        *(f"The {n} was changed." for n in names if n.startswith(FIELD_MAP)),
        *(("How records are reshaped and merged was changed.",) if MODELS in names else ()),
        *(f"{n.removeprefix(EXPORTED)} was exported again." for n in names if n.startswith(EXPORTED)),
        *(("The software was updated.",) if PACKAGE in names else ()),
        *(SETTING_CHANGED[n.removeprefix(SETTING)] for n in names if n.startswith(SETTING)),
    )


def decisions_since(
    then: Revalidation | None, migration: Migration
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of what was decided since a re-validation, and of what these ended; none without one."""
    if then is None:
        return (), ()
    added = [entry for entry in migration.log if entry.seq > then.log_seq]
    ended = [link.target for entry in added for link in links_of(entry) if link.ends]
    return tuple(entry.id for entry in added), tuple(dict.fromkeys(ended))


def _delivered(run: Run, source: str) -> str:
    record = read_record(run, RAW_FILE, source)
    found = (record.delivery or record.waits) if record else None
    return found.sha256 if found else NOTHING


def _exports(run: Run) -> dict[str, str]:
    waves = [wave.name for wave in run.migration.customer.waves]
    found = {wave: current_version(run.workspace.published(run.slug, wave)) for wave in waves}
    return {wave: folder.name for wave, folder in found.items() if folder}


def _of_deliveries(names: tuple[str, ...], before: Mapping[str, str]) -> Iterator[str]:
    for name in names:
        if name.startswith(DELIVERY):
            is_first = before.get(name, NOTHING) == NOTHING
            what = "was delivered for the first time" if is_first else "was delivered again"
            yield f"{name.removeprefix(DELIVERY)} {what}."


def _of_decisions(then: Revalidation, migration: Migration) -> Iterator[str]:
    added, ended = decisions_since(then, migration)
    if added:
        yield f"{_number(len(added), 'decision was', 'decisions were')} recorded."
    if ended:
        yield f"{_number(len(ended), 'decision was', 'decisions were')} ended or replaced."


def _of_destination(
    names: tuple[str, ...], before: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[str]:
    if VERSION in names:
        yield f"The destination moved from version {before.get(VERSION, '?')} to version {now[VERSION]}."
    elif DESTINATION in names:
        yield "What the destination demands was changed."


def _number(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
