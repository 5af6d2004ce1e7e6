"""Benchmarks: `python -m benchmarks` prints what each stage costs, in units measured in the same run.

Development only, no part of the installed package.  They print and never fail: a floor that is missed is
a line in the table, and whoever reads it decides.
"""
