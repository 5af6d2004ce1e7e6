"""What people write, read into domain values: YAML, value maps, the decision log.

Every reader reports all problems at once, each with file, line and what to do.
Nothing here looks at deliveries; headers come in as arguments.
"""
