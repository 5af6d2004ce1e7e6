-- Retired user keys and the key that took over.  One row per retired key, so that a join
-- never multiplies rows: a key that still names a record, or that went two ways, is left alone.
WITH parts AS (
    SELECT
        merged.email,
        part.row_id
    FROM {{ ref('int_user__merged') }} AS merged
    CROSS JOIN UNNEST(merged.row_ids) AS part(row_id)
    WHERE ARRAY_LENGTH(merged.row_ids) > 1
)

SELECT
    retired.email AS old_key,
    MIN(parts.email) AS new_key
FROM parts
INNER JOIN {{ ref('stg_user') }} AS retired ON retired.row_id = parts.row_id
LEFT JOIN {{ ref('int_user__merged') }} AS live ON live.email = retired.email
WHERE retired.email IS NOT NULL AND live.email IS NULL
GROUP BY retired.email
HAVING COUNT(DISTINCT parts.email) = 1
