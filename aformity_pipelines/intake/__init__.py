"""The `raw_file` stage: register what a customer sent and read it as exact text.

Nothing is typed, trimmed, repaired or guessed here; what is not clear is refused with what to do.
"""
