"""Field mappings and value maps compiled to one SELECT per entity, and the facts of each column.

Only text becomes SQL here and SQL becomes counts; reading files and judging rows are other rooms'.
"""
