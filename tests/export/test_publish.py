"""A version is there whole, verified, and once; the pointer moves last."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.export import publish as publishing
from aformity_pipelines.export.manifest import Manifest, Versions, file_entry, problems_of
from aformity_pipelines.export.publish import keep_back, publish

VERSIONS = Versions(
    package="0", destination="small", destination_version="1", suites={}, models="0" * 64, mappings={}
)


def staged(folder: Path, content: str = "id\n1\n", **changes: Any) -> tuple[Path, Manifest]:
    """Return a staging folder with one file, and its manifest."""
    staging = folder / "scratch" / "export"
    staging.mkdir(parents=True)
    (staging / "01_account.csv").write_text(content)
    described = {
        "customer": "tiny", "wave": "wave_1", "load_order": ("account",),
        "files": (file_entry(staging / "01_account.csv", entity="account", rows=1),),
        "fates": {"account": {"exported": 1}}, "left_out": (), "blanked_links": {}, "decisions": (),
        "log_seq": 0, "log_sha256": "0" * 64, "deliveries": {}, "versions": VERSIONS,
    }  # fmt: skip
    return staging, Manifest.model_validate(described | changes)


def names(published: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in published.iterdir())


def pointed_to(published: Path) -> str:
    return (published / "current").read_text().strip()


def test_a_published_version_verifies_and_is_pointed_to(tmp_path: Path) -> None:
    staging, manifest = staged(tmp_path)

    version = publish(staging, tmp_path / "published", manifest)

    assert version.name == f"v0001-{manifest.content_id()[:8]}" == pointed_to(tmp_path / "published")
    assert problems_of(version) == ()
    assert not staging.exists()


def test_publishing_the_same_content_again_makes_no_new_version(tmp_path: Path) -> None:
    published = tmp_path / "published"
    first = publish(*_args(staged(tmp_path), published))

    assert publish(*_args(staged(tmp_path), published)) == first
    assert names(published) == ["current", "v0001"]


def _args(staged_: tuple[Path, Manifest], published: Path) -> tuple[Path, Path, Manifest]:
    return staged_[0], published, staged_[1]


def test_going_back_to_an_earlier_content_points_to_the_earlier_version(tmp_path: Path) -> None:
    published = tmp_path / "published"
    first = publish(*_args(staged(tmp_path), published))
    publish(*_args(staged(tmp_path, content="id\n2\n"), published))

    publish(*_args(staged(tmp_path), published))

    assert pointed_to(published) == first.name
    assert names(published) == ["current", "v0001", "v0002"]


def test_a_number_is_never_given_twice_though_a_version_was_deleted(tmp_path: Path) -> None:
    published = tmp_path / "published"
    first = publish(*_args(staged(tmp_path), published))
    publish(*_args(staged(tmp_path, content="id\n2\n"), published))
    shutil.rmtree(first)

    publish(*_args(staged(tmp_path, content="id\n3\n"), published))

    assert names(published) == ["current", "v0002", "v0003"]


def test_a_damaged_version_is_not_pointed_to_again(tmp_path: Path) -> None:
    published = tmp_path / "published"
    first = publish(*_args(staged(tmp_path), published))
    (first / "01_account.csv").write_text("id\n9\n")

    again = publish(*_args(staged(tmp_path), published))

    assert again.name.startswith("v0002-")
    assert problems_of(again) == ()


def test_a_kill_before_the_pointer_moves_leaves_the_old_version_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = tmp_path / "published"
    first = publish(*_args(staged(tmp_path), published))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "point_to", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(*_args(staged(tmp_path, content="id\n2\n"), published))
    assert pointed_to(published) == first.name

    monkeypatch.undo()
    second = publish(*_args(staged(tmp_path, content="id\n2\n"), published))
    assert pointed_to(published) == second.name
    assert names(published) == ["current", "v0001", "v0002"]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda folder: (folder / "01_account.csv").unlink(), "01_account.csv is missing"),
        (
            lambda folder: (folder / "01_account.csv").write_text("id\n2\n"),
            "is not the file that was published",
        ),
        (
            lambda folder: (folder / "01_account.csv").write_text("id\n1\n\n"),
            "is not the file that was published",
        ),
        (lambda folder: (folder / "manifest.json").unlink(), "manifest.json is missing"),
    ],
    ids=["a file gone", "a file changed", "a file grown", "the manifest gone"],
)
def test_what_does_not_verify_is_named(tmp_path: Path, damage: Any, problem: str) -> None:
    version = publish(*_args(staged(tmp_path), tmp_path / "published"))

    damage(version)

    (found,) = problems_of(version)
    assert problem in found


def test_what_is_kept_back_is_not_published_and_replaces_what_was_kept(tmp_path: Path) -> None:
    for content in ("id\n1\n", "id\n2\n"):
        staging, manifest = staged(tmp_path, content=content)
        keep_back(staging, tmp_path / "kept_back", manifest)

    assert (tmp_path / "kept_back" / "01_account.csv").read_text() == "id\n2\n"
    assert problems_of(tmp_path / "kept_back") == ()


def test_the_content_id_depends_on_every_part_of_the_manifest(tmp_path: Path) -> None:
    _, manifest = staged(tmp_path)
    others = [
        manifest.model_copy(update=change)
        for change in (
            {"log_sha256": "1" * 64}, {"decisions": ("D-001",)}, {"fates": {}}, {"notes": ("x",)}, {"deliveries": {"a": "b"}},
        )
    ]  # fmt: skip

    assert len({manifest.content_id(), *(other.content_id() for other in others)}) == 6
