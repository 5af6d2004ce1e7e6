"""Reading in a process of its own, within limits, so that no file can bring down a run."""
