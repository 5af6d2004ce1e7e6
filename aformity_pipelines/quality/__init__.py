"""Quality: the suites that judge a table, and the one place where Great Expectations is imported.

`suites` derives, reads and assembles suites as plain dicts and is fast to import.  `run_suite` runs
one and imports Great Expectations (seconds), so callers import it inside the gate that needs it.
What a verdict means for a gate, and what decisions change about it, does not belong here.
"""
