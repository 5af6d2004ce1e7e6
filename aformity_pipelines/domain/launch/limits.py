"""What a launch record keeps short, by name: a sentence cites these numbers as it cites counts."""

LISTED_ROWS = 12_000
"""Row ids that all answers of a record list together, but for the first few of each: its report must stay small."""

LISTED = "limit.listed_rows"
LIMITS = {LISTED: LISTED_ROWS}
"""Name that evidence uses -> the number."""
