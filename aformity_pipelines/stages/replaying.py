"""Replay: a published version rebuilt in a shadow, from its deliveries, its decisions and what it builds on.

The register, the log and the published versions are cut to what there was then; the configuration is today's, since no
other is kept: where that makes a difference, it is named.  Nothing but scratch files is written.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from aformity_pipelines.config.log_head import LogCommit, head_path
from aformity_pipelines.config.problems import ConfigInvalid, Problem
from aformity_pipelines.domain.difference import Measure
from aformity_pipelines.domain.kept_stages import KeptStages
from aformity_pipelines.domain.replayed import FileState, Replayed, ReplayedFile
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST, POINTER
from aformity_pipelines.files.atomic import point_to, write_bytes
from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.register import REGISTER
from aformity_pipelines.stages.difference.counted import names
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.kept_stages import read_kept_stages
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.whatif.played import Played, play, shadow_run
from aformity_pipelines.stages.whatif.shadow import create_shadow, shadow_place

NOT_NAMED = (
    "no configuration that the version names is another one today: a delivery, the register or a version that it builds"
    " on was changed, or this is a fault of ours; report it"
)

ALTERED = (
    "{path} in the published folder is not what its manifest names: it was altered after it was published"
)


def replayed(run: Run, wave: str, version: Path, out: Path | None = None) -> Replayed:
    """Rebuild the version that lies in the folder `version` and compare every file with its manifest.

    With `out`, what was rebuilt is copied to that new or empty folder.  ConfigInvalid where the log no longer holds the
    version's decisions, LockHeld where a preview goes on.
    """
    _refuse_filled(out)
    run.digest_key()  # the shadow points to it: say here, by its real path, that it is missing
    manifest = Manifest.model_validate_json((version / MANIFEST).read_bytes())
    kept = read_kept_stages(version)
    with shadow_place(run.workspace, run.slug) as place:
        shadow = create_shadow(run.workspace, run.slug, place / "then")
        _cut(run, shadow, manifest, kept)
        try:
            with shadow_run(shadow, replace(run, wave=wave)) as then:
                played = play(then)
        except ConfigInvalid as unfit:
            why = f"today's configuration does not fit the decisions of then: {unfit.problems[0].headline()}"
            return _result(run, wave, version, manifest, None, (why,))
        except DeliveryRefused as altered:
            why = f"a delivery cannot be read: {str(altered).replace(f'{shadow.storage}/', '')}"
            return _result(run, wave, version, manifest, None, (why,))
        rebuilt = played.package
        because = tuple(_because(manifest, kept, rebuilt, played))
        if out and rebuilt:
            shutil.copytree(rebuilt, out, dirs_exist_ok=True)
        return _result(run, wave, version, manifest, rebuilt, because)


def _refuse_filled(out: Path | None) -> None:
    if out and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out}: something is there already; name a new or an empty folder with --out")


def _result(
    run: Run, wave: str, version: Path, manifest: Manifest, rebuilt: Path | None, because: tuple[str, ...]
) -> Replayed:
    files = tuple(_files(version, manifest, rebuilt))
    is_same = all(each.state is FileState.SAME for each in files)
    altered = [ALTERED.format(path=path) for path in _altered(version, manifest)]
    because = (*altered, *because)
    return Replayed(
        customer=run.slug,
        version=f"{wave}/{version.name}",
        files=files,
        because=() if is_same else because or (NOT_NAMED,),
    )


def _files(version: Path, manifest: Manifest, rebuilt: Path | None) -> Iterator[ReplayedFile]:
    """Yield every file of the version and of what was rebuilt, compared by the hash that the manifest names."""
    expected = {entry.path: entry.sha256 for entry in manifest.files}
    expected[MANIFEST] = sha256_of(version / MANIFEST)
    altered = set(_altered(version, manifest))
    found = {path.name: sha256_of(path) for path in sorted(rebuilt.iterdir())} if rebuilt else {}
    for path in sorted({*expected, *found}, key=lambda each: (each == MANIFEST, each)):
        if path not in found:
            state = FileState.MISSING
        elif path not in expected:
            state = FileState.NEW
        else:
            is_same = expected[path] == found[path] and path not in altered
            state = FileState.SAME if is_same else FileState.DIFFERS
        yield ReplayedFile(path=path, state=state)


def _altered(version: Path, manifest: Manifest) -> Iterator[str]:
    """Yield the files of a published version that are gone or not what its manifest names."""
    for entry in manifest.files:
        path = version / entry.path
        if not path.is_file() or sha256_of(path) != entry.sha256:
            yield entry.path


def _cut(run: Run, shadow: Workspace, manifest: Manifest, kept: KeptStages | None) -> None:
    """Take out of a shadow everything that came after a version, and the files that wait to be taken in."""
    shutil.rmtree(shadow.of_customer(run.slug) / "build", ignore_errors=True)
    intake = shadow.intake(run.slug)
    shutil.rmtree(intake, ignore_errors=True)
    intake.mkdir(parents=True)
    _cut_register(shadow.deliveries(run.slug) / REGISTER, manifest, kept)
    _cut_log(run, shadow.log(run.slug), manifest)
    _cut_published(shadow, run.slug, manifest)


def _cut_register(register: Path, manifest: Manifest, kept: KeptStages | None) -> None:
    """Keep of each source the deliveries up to the one that counted; no line of a source that had none."""
    whole = register.read_bytes().splitlines(keepends=True)
    own: dict[str, list[str]] = {}
    counts = {each.name: each.registered for each in kept.stages if each.stage == RAW_FILE} if kept else None
    left: list[bytes] = []
    for line in whole:
        delivery = json.loads(line)
        source, before = delivery["source"], own.setdefault(delivery["source"], [])
        is_needed = (
            len(before) < counts.get(source, 0)
            if counts is not None
            else source in manifest.deliveries and manifest.deliveries[source] not in before
        )
        before.append(delivery["sha256"])
        if is_needed:
            left.append(line)
    register.write_bytes(b"".join(left))


def _cut_log(run: Run, log: Path, manifest: Manifest) -> None:
    entries, seq = run.migration.log, manifest.log_seq
    last = (
        run.migration.head.sha256 if seq == len(entries) else entries[seq].prev if seq < len(entries) else ""
    )
    if seq and last != manifest.log_sha256:
        says = f"the log no longer holds the {seq} decisions that this version was made with"
        path = "/".join(log.parts[-3:])
        do = "restore the log; then the version can be rebuilt"
        raise ConfigInvalid([Problem(path=path, line=seq, says=says, do=do)])
    head_path(log).unlink(missing_ok=True)
    if not seq:
        log.unlink(missing_ok=True)
        return
    content = b"".join(log.read_bytes().splitlines(keepends=True)[:seq])
    write_bytes(log, content)
    write_bytes(head_path(log), LogCommit(seq=seq, sha256=manifest.log_sha256, size=len(content)).line())


def _cut_published(shadow: Workspace, slug: str, manifest: Manifest) -> None:
    """Keep the versions that a version builds on; of each wave the last of them is the current one."""
    home = shadow.of_customer(slug) / "published"
    last = {name.partition("/")[0]: name.partition("/")[2] for name in manifest.builds_on}
    for folder in sorted(home.glob("*/v*-*")):
        if f"{folder.parent.name}/{folder.name}" not in manifest.builds_on:
            shutil.rmtree(folder)
    for pointer in home.glob(f"*/{POINTER}"):
        pointer.unlink()
    for wave, version in last.items():
        point_to(shadow.published(slug, wave) / POINTER, version)


def _because(
    manifest: Manifest, kept: KeptStages | None, rebuilt: Path | None, played: Played
) -> Iterator[str]:
    """Yield what is another one today than the version says of itself."""
    for (stage, name), why in played.failed.items():
        yield f"{stage} {name} cannot be rebuilt: {str(why).splitlines()[0]}"
    if rebuilt is None:
        yield "nothing could be rebuilt"
        return
    now = Manifest.model_validate_json((rebuilt / MANIFEST).read_bytes())
    old, new = manifest.versions, now.versions
    if manifest.schema_version != now.schema_version:
        yield f"versions have form {now.schema_version} today, and this one has form {manifest.schema_version}"
    if old.package != new.package:
        yield f"the package is version {new.package} today, and was {old.package}"
    if old.destination_version != new.destination_version:
        yield f"the destination is version {new.destination_version} today, and was {old.destination_version}"
    kept_now = read_kept_stages(rebuilt)
    functions = _functions(kept, kept_now) if kept and kept_now else ()
    yield from functions
    yield from (f"mapping/{name}.yaml is another one" for name in _others(old.mappings, new.mappings))
    yield from (f"the suite {name} is another one" for name in _others(old.suites, new.suites))
    if old.models != new.models and not any("model" in each for each in functions):
        yield "the SQL models are others"
    if kept and kept_now:
        parts = _others(kept.config, kept_now.config)
        yield from (f"{part} in defs.yaml is another one" for part in parts if part != "destination")
        if "destination" in parts and old.destination_version == new.destination_version:
            yield "destination.yaml is another one, under the same version"


def _functions(then: KeptStages, now: KeptStages) -> tuple[str, ...]:
    """Return each mapping, value map and model that is another one, by name."""
    words = {"added": "is new", "removed": "is gone", "changed": "is another one"}
    return tuple(
        f"{each.subject}: {each.name} {words[each.change]}"
        for each in names(then, now)
        if each.measure is Measure.FUNCTIONS
    )


def _others(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys((*then, *now)) if then.get(name) != now.get(name)]
