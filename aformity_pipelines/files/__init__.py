"""Writing, naming and locking files so that a kill at any instant leaves nothing half done.

Knows bytes, paths and hashes only; what the files mean belongs elsewhere.
"""
