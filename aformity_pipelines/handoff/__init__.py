"""The handoff: the launch record as one HTML file that opens offline, without a login.

Everything here is a pure function of the launch record.  What the record says is decided elsewhere.
"""
