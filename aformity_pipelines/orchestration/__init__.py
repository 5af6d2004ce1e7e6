"""The six stages as Dagster assets, and what starts them.  No stage decides anything here."""
