"""Mutation fuzzing: sound files, damaged at random, must end in a reading or a clear refusal, nothing else.

`python -m tests.fuzz --minutes 10 --seed 1`.  Chance comes from the seed alone: the same seed and number, the same
bytes.  What fails is kept in `crashers/`, and every test run reads it again.
"""
