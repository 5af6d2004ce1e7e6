"""What stands behind `#` in a new customer's defs.yaml holds as it is once the mark is taken away."""

import re
from pathlib import Path

from aformity_pipelines.config.destinations import load_destination
from aformity_pipelines.config.load import check
from aformity_pipelines.orchestration.templates import defs_text
from tests.builders.two_sources import REPOSITORY

SECTION = re.compile(r"^  # (field_groups|approvals):$")


def test_the_rules_that_a_new_file_proposes_load_without_a_problem(tmp_path: Path) -> None:
    for name in ("expectations", "dbt_like_transforms"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    text = defs_text("initech", load_destination(REPOSITORY, "b2b_saas"))
    uncommented = re.sub(r"^( +)# ((?:moment|group)\..*)$", r"\1\2", text, flags=re.MULTILINE)
    lines, is_inside = [], False
    for line in uncommented.splitlines():
        is_inside = bool(SECTION.match(line)) or (is_inside and line.startswith("  # "))
        lines.append(line.replace("# ", "", 1) if is_inside else line)
    home = tmp_path / "customers" / "initech"
    home.mkdir(parents=True)
    (home / "defs.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    found = check(tmp_path, "initech")

    assert "\n  approvals:\n" in "\n".join(lines)
    assert {each.says.rpartition(" ")[0] for each in found} == {"no mapping reads source"}
