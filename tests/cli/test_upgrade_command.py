"""`aformity upgrade` as people type it, and two versions of one destination in one code location."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from orchestration.tiny_customer import ACCOUNT, add_customer, tiny_project

from aformity_pipelines.cli.main import main
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.location import BROKEN, location
from aformity_pipelines.stages.published import current_version
from tests.builders.versions import add_version_2, read_region

pytestmark = pytest.mark.slow

WITH_REGION = ACCOUNT + "      region: {from: Status}\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """`acme` published under version 1, `bolt` under version 2, both from the same models."""
    workspace = tiny_project(tmp_path_factory.mktemp("versions"))
    add_version_2(workspace)
    read_region(workspace)
    add_customer(workspace, "acme")
    bolt = add_customer(workspace, "bolt")
    pin(bolt, "2")
    (bolt / "mapping/account.yaml").write_text(WITH_REGION, encoding="utf-8")
    for slug in ("acme", "bolt"):
        with pytest.raises(SystemExit) as ended:
            main(["run", slug, *_at(workspace)])
        assert not ended.value.code, slug
    return workspace


def pin(home: Path, version: str) -> None:
    text = (home / "defs.yaml").read_text(encoding="utf-8")
    (home / "defs.yaml").write_text(text.replace('version: "1"', f'version: "{version}"'), encoding="utf-8")


def _at(workspace: Workspace) -> list[str]:
    return ["--root", str(workspace.root), "--storage", str(workspace.storage), "--as-of", "2026-12-01"]


def said(
    capsys: pytest.CaptureFixture[str], workspace: Workspace, *command: str
) -> tuple[int, dict[str, Any], str]:
    """Return the exit code of a command, what it says as JSON, and what it says to people on the side."""
    capsys.readouterr()
    at = _at(workspace)[: 4 if command[0] == "check" else None]
    with pytest.raises(SystemExit) as ended:
        main([*command, *at, "--json"])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), json.loads(out), err


def columns(workspace: Workspace, slug: str) -> set[str]:
    current = current_version(workspace.published(slug, "wave_1"))
    assert current is not None
    described = duckdb.execute(f"describe select * from '{current}/01_account.parquet'")
    return {row[0] for row in described.fetchall()}


def test_customers_of_two_versions_run_side_by_side_in_one_code_location(published: Workspace) -> None:
    assert columns(published, "bolt") - columns(published, "acme") == {"region"}
    keys = location(published.root, published.storage).resolve_asset_graph().get_all_asset_keys()
    assert {key.path[0] for key in keys} == {"acme", "bolt"}
    assert BROKEN not in {key.path[-1] for key in keys}


def test_the_command_shows_first_and_then_moves(
    published: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mapping = tmp_path / "account.yaml"
    mapping.write_text(WITH_REGION, encoding="utf-8")
    defs = published.customer("acme") / "defs.yaml"
    before = defs.read_bytes()
    asked = ("upgrade", "acme", "--wave", "wave_1", "--file", f"mapping/account.yaml={mapping}")

    code, shown, _ = said(capsys, published, *asked)
    assert (code, shown["recorded"], shown["upgrade"]["problems"]) == (0, None, [])
    assert "account.region" in [each["part"] for each in shown["upgrade"]["changes"]]
    (effect,) = shown["upgrade"]["effects"]
    assert "region" in [each["field"] for each in effect["cells"]]
    assert defs.read_bytes() == before

    code, refused, _ = said(capsys, published, *asked, "--apply")
    assert code == 1
    assert "--by PERSON" in refused["says"]

    code, moved, _ = said(capsys, published, *asked, "--apply", "--by", "ina", "--why", "Regions are wanted.")
    assert (code, moved["recorded"]["kind"]) == (0, "destination_upgraded")
    assert load_migration(published.root, "acme").destination.version == "2"
    code, history, _ = said(capsys, published, "check", "acme")
    assert (code, history["problems"]) == (0, [])


def test_a_pin_changed_by_hand_is_told_by_check_and_stops_a_run(
    published: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    home = published.customer("bolt")
    kept = (home / "defs.yaml").read_bytes(), (home / "mapping/account.yaml").read_bytes()
    (home / "defs.yaml").write_bytes(kept[0].replace(b'version: "2"', b'version: "1"'))
    (home / "mapping/account.yaml").write_text(ACCOUNT, encoding="utf-8")
    try:
        code, checked, _ = said(capsys, published, "check", "bolt")
        (problem,) = checked["problems"]
        assert code == 1
        assert "nobody decided to move it" in problem["says"]
        with pytest.raises(SystemExit) as ended:
            main(["run", "bolt", *_at(published)])
        assert ended.value.code == 1
        assert "nobody decided to move it" in "".join(capsys.readouterr())
    finally:
        (home / "defs.yaml").write_bytes(kept[0])
        (home / "mapping/account.yaml").write_bytes(kept[1])


def test_a_new_folder_pins_the_version_that_was_asked_for(
    published: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, asked, version in (("one", "b2b_saas@1", "1"), ("newest", "b2b_saas", "2")):
        with pytest.raises(SystemExit) as ended:
            main(["new", name, "--destination", asked, "--root", str(published.root)])
        assert not ended.value.code
        assert f'version: "{version}"' in (published.customer(name) / "defs.yaml").read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["new", "none", "--destination", "b2b_saas@9", "--root", str(published.root)])
    assert "there is '1', '2'" in " ".join("".join(capsys.readouterr()).split())
