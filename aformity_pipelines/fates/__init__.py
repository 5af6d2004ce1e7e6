"""Every source row to its one fate, and the proof that none was lost, copied or routed twice."""
