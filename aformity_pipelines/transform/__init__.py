"""Models: SQL files that reshape, merge and re-point mapped rows, read and run as dbt would.

Belongs here: reading `dbt_like_transforms/`, its lint, its order, its lineage.  What a model does
belongs in its SQL; where results are stored and published belongs to the stages.
"""
