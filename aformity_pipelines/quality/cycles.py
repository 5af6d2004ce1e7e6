"""The SQL that finds links which lead back to where they started."""

from aformity_pipelines.domain.sql_text import identifier


def on_a_cycle(table: str, key_column: str, link_column: str) -> str:
    """Return a query for the links (key, link) of `table` that lead back to their own key.

    Rows that only hang below a cycle are not among them.  First everything that descends from a row
    without a known parent is set aside, one pass per level; only the rest is walked.
    """
    key, link, rows = identifier(key_column), identifier(link_column), identifier(table)
    return f"""
WITH RECURSIVE links AS (
    SELECT DISTINCT {key} AS here, {link} AS there FROM {rows} WHERE {key} IS NOT NULL AND {link} IS NOT NULL
),
single AS (
    -- a key that two rows share may end well by one link and come back by the other
    SELECT here, any_value(there) AS there FROM links GROUP BY here HAVING count(*) = 1
),
settled AS (
    SELECT here FROM single WHERE there NOT IN (SELECT here FROM links)
    UNION
    SELECT single.here FROM single JOIN settled ON single.there = settled.here
),
unsettled AS (
    SELECT here, there FROM links WHERE here NOT IN (SELECT here FROM settled)
),
walked AS (
    SELECT here AS start, there AS first_link, there AS at_key FROM unsettled
    UNION
    SELECT walked.start, walked.first_link, unsettled.there
    FROM walked JOIN unsettled ON unsettled.here = walked.at_key
    WHERE walked.start <> walked.at_key
)
SELECT start, first_link FROM walked WHERE start = at_key"""
