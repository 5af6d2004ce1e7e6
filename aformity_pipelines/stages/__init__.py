"""The six stages as plain functions: raw_file, validated, mapped, transformed, export, handoff_report.

A stage reads the records of the stage before, refuses what is closed or altered, works in DuckDB, and writes
its own record last.  No Dagster here: a test, a benchmark and an asset call the same function.
"""
