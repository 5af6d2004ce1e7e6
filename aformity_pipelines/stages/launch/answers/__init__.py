"""What the customer asks, already answered: one module a kind of question, set-wise over the export's tables.

The words are those of `tracing`, so that the record and `aformity why` never contradict each other.  No row is
looked at by itself, and no value of a personal field is shown.
"""
