"""A second version of the real destination, in a project of its own: what tests upgrade to."""

import re
import shutil

from aformity_pipelines.files.workspace import Workspace

WEBSITE = re.compile(r"^.*\bwebsite\b.*\n", re.MULTILINE)
REGION = """\
      region:
        type: text
        max_length: 40
        moment: reporting
        says: The part of the world that the company belongs to.
"""


def add_version_2(workspace: Workspace, *, region: str = REGION, longest_name: int = 6) -> None:
    """Keep version 1 beside the newest, and make that version 2: accounts have a region, and shorter names."""
    home = workspace.root / "expectations/b2b_saas"
    kept = home / "versions" / "1"
    shutil.copytree(home, kept)
    described = home / "destination.yaml"
    text = described.read_text(encoding="utf-8")
    for old, new in (
        ('version: "1"', 'version: "2"'),
        ("      website:\n", f"{region}      website:\n"),
        (
            "        max_length: 200\n        moment: onboarding_completion\n",
            f"        max_length: {longest_name}\n        moment: onboarding_completion\n",
        ),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    described.write_text(text, encoding="utf-8")


def read_region(workspace: Workspace) -> None:
    """Have the SQL models that customers share carry the region as they carry the website, once version 2 is there."""
    for path in (workspace.transforms / "models").glob("*/*account*.sql"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            WEBSITE.sub(lambda line: line[0] + line[0].replace("website", "region"), text), encoding="utf-8"
        )
