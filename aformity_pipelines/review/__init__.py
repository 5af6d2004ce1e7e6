"""Decisions applied: which rows they still cover, what they do to them, and how one is recorded.

What a decision is belongs to `domain.decisions`; when a gate asks, to `stages`.
"""
