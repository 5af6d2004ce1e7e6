"""The nouns of a migration and the rules that hold between them.

Standard library and pydantic only: no clock, no files, no frames, no Dagster.
"""
