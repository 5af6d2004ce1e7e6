-- One row per account after the approved merges: the survivor's values win, its blanks are
-- filled from the other parts in row_id order.  Rows that no merge names pass as they are.
WITH parts AS (
    -- The window sees two narrow columns; the wide ones are joined back below.
    SELECT
        stg.row_id,
        merges.survivor,
        ROW_NUMBER() OVER (
            PARTITION BY merges.survivor
            ORDER BY CASE WHEN stg.row_id = merges.survivor THEN 0 ELSE 1 END, stg.row_id
        ) AS place
    FROM {{ ref('stg_account') }} AS stg
    INNER JOIN {{ source('review', 'merges') }} AS merges
        ON merges.row_id = stg.row_id AND merges.entity = 'account'
),

merged AS (
    SELECT
        parts.survivor,
        MAX(stg.row_id) FILTER (WHERE parts.place = 1) AS row_id,
        LIST_SORT(LIST(stg.row_id) FILTER (WHERE parts.place > 1)) AS other_row_ids,
        MAX(stg.source) FILTER (WHERE parts.place = 1) AS source,
        MAX(stg.wave) FILTER (WHERE parts.place = 1) AS wave,
        MIN_BY(stg.external_id, parts.place) FILTER (WHERE stg.external_id IS NOT NULL) AS external_id,
        MIN_BY(stg.name, parts.place) FILTER (WHERE stg.name IS NOT NULL) AS name,
        MIN_BY(stg.parent_account, parts.place) FILTER (WHERE stg.parent_account IS NOT NULL) AS parent_account,
        MIN_BY(stg.owner, parts.place) FILTER (WHERE stg.owner IS NOT NULL) AS owner,
        MIN_BY(stg.lifecycle_stage, parts.place) FILTER (WHERE stg.lifecycle_stage IS NOT NULL) AS lifecycle_stage,
        MIN_BY(stg.industry, parts.place) FILTER (WHERE stg.industry IS NOT NULL) AS industry,
        MIN_BY(stg.country, parts.place) FILTER (WHERE stg.country IS NOT NULL) AS country,
        MIN_BY(stg.website, parts.place) FILTER (WHERE stg.website IS NOT NULL) AS website,
        MIN_BY(stg.phone, parts.place) FILTER (WHERE stg.phone IS NOT NULL) AS phone,
        MIN_BY(stg.postal_code, parts.place) FILTER (WHERE stg.postal_code IS NOT NULL) AS postal_code,
        MIN_BY(stg.city, parts.place) FILTER (WHERE stg.city IS NOT NULL) AS city
    FROM parts
    INNER JOIN {{ ref('stg_account') }} AS stg ON stg.row_id = parts.row_id
    GROUP BY parts.survivor
)

SELECT
    row_id,
    LIST_CONCAT([row_id], other_row_ids) AS row_ids,
    source,
    wave,
    external_id,
    name,
    parent_account,
    owner,
    lifecycle_stage,
    industry,
    country,
    website,
    phone,
    postal_code,
    city
FROM merged
UNION ALL
SELECT
    stg.row_id,
    stg.row_ids,
    stg.source,
    stg.wave,
    stg.external_id,
    stg.name,
    stg.parent_account,
    stg.owner,
    stg.lifecycle_stage,
    stg.industry,
    stg.country,
    stg.website,
    stg.phone,
    stg.postal_code,
    stg.city
FROM {{ ref('stg_account') }} AS stg
LEFT JOIN parts ON parts.row_id = stg.row_id
WHERE parts.row_id IS NULL
