"""Difference: two states of a wave held against each other, in counts, names and, for the terminal alone, row by row."""
