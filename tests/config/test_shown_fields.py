"""`show_personal_values`: all, none, or the fields that are listed; a name that is no field is said with its place."""

from pathlib import Path

import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.problems import ConfigInvalid
from tests.builders.two_sources import DEFS, SLUG, project


def policy(folder: Path, written: str) -> bool | tuple[str, ...]:
    workspace = project(folder / "project", defs=DEFS)
    defs = workspace.customer(SLUG) / "defs.yaml"
    text = defs.read_text(encoding="utf-8")
    defs.write_text(text + f"    show_personal_values: {written}\n", encoding="utf-8")
    return load_migration(workspace.root, SLUG).customer.policies.show_personal_values


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("true", True),
        ("false", False),
        ("[contact.email]", ("contact.email",)),
        ("contact.email", ("contact.email",)),
        ("[]", ()),
    ],
)
def test_yes_no_and_a_list_of_fields_are_read(
    tmp_path: Path, written: str, read: bool | tuple[str, ...]
) -> None:
    assert policy(tmp_path, written) == read


def test_a_name_that_is_no_field_is_said_at_its_line_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        policy(tmp_path, "[contact.email, contact.emial]")

    says = str(refused.value)
    assert "defs.yaml:" in says
    assert "'contact.emial'" in says
    assert "contact.email" in says.partition("contact.emial")[2]


def test_a_text_that_is_neither_yes_nor_a_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"which is no `entity\.field`"):
        policy(tmp_path, '"true"')
