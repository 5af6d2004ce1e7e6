"""`stages.json` beside an export, read when two states of a wave are compared.  Loads nothing slow."""

from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.domain.kept_stages import KeptStages

STAGES_FILE = "stages.json"


def read_kept_stages(folder: Path) -> KeptStages | None:
    """Return what a version keeps of its stages; None where it was made before versions did, or in another form."""
    try:
        return KeptStages.model_validate_json((folder / STAGES_FILE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
