"""The launch record put together from what the stages left: ledger, findings, records, decisions.

Sections only; how they look is `handoff`'s.
"""
