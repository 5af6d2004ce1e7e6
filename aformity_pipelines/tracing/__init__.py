"""Why: one record or value followed back from a published wave to file, sheet, row, rule and decision.

Reads outputs and records only; nothing here decides, repairs or writes.
"""
