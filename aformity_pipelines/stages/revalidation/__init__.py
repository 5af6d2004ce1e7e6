"""A later wave tested again without exporting: what is ready, what is held, by what, and who was told.

Keep out: when it happens (the schedule's), and how one row's state follows from two results (`domain.revalidation`).
"""
