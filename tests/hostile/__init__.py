"""Files that are made to do harm, written by code: bombs, lies and damage, one module for each kind of format.

Each is small enough to be written in seconds; none is kept in the repository.
"""
