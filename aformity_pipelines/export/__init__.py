"""Export: files in the destination's import format, their manifest, and publication in one step."""
