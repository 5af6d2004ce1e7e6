"""Replay: a version comes again byte for byte, or what is another one today is named."""

from typing import Any

import pytest

from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.replayed import FileState, Replayed
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.difference.versions import find_version
from aformity_pipelines.stages.replaying import replayed
from tests.builders.two_sources import (
    ACCOUNT,
    COMPANIES,
    PEOPLE,
    SLUG,
    a_run,
    as_yaml,
    decide,
    deliver,
    run_all,
)

WITHOUT = PEOPLE.replace("p5,Max Orr,max@cask.example,009\n", "") + "p6,Noa Lind,noa@acme.example,007\n"


def again(workspace: Workspace, version: str, **more: Any) -> Replayed:
    wave, folder = find_version(workspace, SLUG, "wave_1", version)
    return replayed(a_run(workspace), wave, folder, **more)


def test_an_older_export_comes_again_byte_for_byte_after_later_deliveries_and_decisions(
    published_once: Workspace,
) -> None:
    deliver(published_once, {"people_2.csv": WITHOUT, "companies_2.csv": COMPANIES.replace("lead", "live")})
    run_all(published_once)

    first, second = again(published_once, "v0001"), again(published_once, "v0002")

    assert (first.is_same, first.because) == (True, ())
    assert second.is_same
    assert first.files[-1].path == "manifest.json"


def test_a_version_that_carries_rows_of_an_earlier_delivery_comes_again(published_once: Workspace) -> None:
    deliver(published_once, {"people_2.csv": WITHOUT})
    run_all(published_once)
    deliver(published_once, {"people_3.csv": WITHOUT.replace("Noa", "Noah")})
    run_all(published_once)

    assert again(published_once, "v0003").is_same


def test_a_later_wave_comes_again_on_what_it_builds_on(published_once: Workspace) -> None:
    run_all(published_once, "wave_2")

    result = again(published_once, "wave_2/v0001")

    assert result.version.startswith("wave_2/v0001-")
    assert (result.is_same, result.because) == (True, ())


def test_nothing_of_the_customer_changes_by_a_replay(published_once: Workspace) -> None:
    home = published_once.of_customer(SLUG)

    def stored() -> dict[str, bytes]:
        kept = ("build", "deliveries", "published", "handoff")
        return {
            str(path): path.read_bytes()
            for name in kept
            for path in (home / name).rglob("*")
            if path.is_file()
        }

    before = stored()
    again(published_once, "v0001")

    assert stored() == before
    assert not (home / "scratch" / "whatif").exists()


def test_the_mapping_that_was_edited_since_is_named(published_once: Workspace) -> None:
    mapping: dict[str, Any] = {"entity": "account", "reads": [dict(ACCOUNT["reads"][0])]}
    fields = mapping["reads"][0]["fields"]
    mapping["reads"][0]["fields"] = fields | {"name": {"from": "Name", "rule": "upper"}}
    path = published_once.customer(SLUG) / "mapping" / "account.yaml"
    path.write_text(as_yaml(mapping), encoding="utf-8")

    result = again(published_once, "v0001")

    assert not result.is_same
    assert "account: companies/main/name is another one" in result.because
    differ = {each.path for each in result.files if each.state is FileState.DIFFERS}
    assert {"01_account.csv", "manifest.json"} <= differ
    assert "ledger.parquet" not in differ


def test_a_delivery_that_was_altered_is_never_the_same(published_once: Workspace) -> None:
    copies = published_once.deliveries(SLUG)
    (copy,) = (path for path in copies.glob("*.csv") if b"p1" in path.read_bytes())
    copy.chmod(0o600)
    copy.write_bytes(copy.read_bytes().replace(b"Lou", b"Liu"))

    result = again(published_once, "v0001")

    assert not result.is_same
    assert result.because[0].startswith("a delivery cannot be read: ")
    assert str(published_once.root) not in result.because[0]


def test_a_version_that_was_altered_after_it_was_published_is_never_the_same(
    published_once: Workspace,
) -> None:
    folder = find_version(published_once, SLUG, "wave_1", "v0001")[1]
    path = next(folder.glob("*_account.csv"))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")

    result = again(published_once, "v0001")

    assert [each.path for each in result.files if each.state is not FileState.SAME] == [path.name]
    assert result.because[0].startswith(f"{path.name} in the published folder is not what its manifest names")


def test_what_was_rebuilt_is_copied_where_that_was_wanted(published_once: Workspace) -> None:
    out = published_once.root / "rebuilt"

    result = again(published_once, "v0001", out=out)

    assert {path.name for path in out.iterdir()} == {each.path for each in result.files}
    with pytest.raises(ValueError, match="something is there already"):
        again(published_once, "v0001", out=out)


def test_a_log_that_lost_the_decisions_of_then_is_refused_by_line(published_once: Workspace) -> None:
    decide(
        published_once,
        kind="rows_excluded",
        covers={"subject": "account", "fields": "name", "rows": "companies:011"},
    )
    run_all(published_once)
    log = published_once.log(SLUG)
    log.unlink()
    log.with_suffix(".head").unlink()

    with pytest.raises(ConfigInvalid, match="no longer holds the 2 decisions"):
        again(published_once, "v0003")
