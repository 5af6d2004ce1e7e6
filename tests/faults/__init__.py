"""Faults of the disk, the system and the power: what was acknowledged stays."""
