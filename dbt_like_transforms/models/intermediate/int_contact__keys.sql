-- Retired contact keys and the key that took over.  One row per retired key, so that a join
-- never multiplies rows: a key that still names a record, or that went two ways, is left alone.
WITH parts AS (
    SELECT
        merged.external_id,
        part.row_id
    FROM {{ ref('int_contact__merged') }} AS merged
    CROSS JOIN UNNEST(merged.row_ids) AS part(row_id)
    WHERE ARRAY_LENGTH(merged.row_ids) > 1
)

SELECT
    retired.external_id AS old_key,
    MIN(parts.external_id) AS new_key
FROM parts
INNER JOIN {{ ref('stg_contact') }} AS retired ON retired.row_id = parts.row_id
LEFT JOIN {{ ref('int_contact__merged') }} AS live ON live.external_id = retired.external_id
WHERE retired.external_id IS NOT NULL AND live.external_id IS NULL
GROUP BY retired.external_id
HAVING COUNT(DISTINCT parts.external_id) = 1
