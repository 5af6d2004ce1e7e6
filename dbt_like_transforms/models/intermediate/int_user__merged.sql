-- One row per user after the approved merges: the survivor's values win, its blanks are
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
    FROM {{ ref('stg_user') }} AS stg
    INNER JOIN {{ source('review', 'merges') }} AS merges
        ON merges.row_id = stg.row_id AND merges.entity = 'user'
),

merged AS (
    SELECT
        parts.survivor,
        MAX(stg.row_id) FILTER (WHERE parts.place = 1) AS row_id,
        LIST_SORT(LIST(stg.row_id) FILTER (WHERE parts.place > 1)) AS other_row_ids,
        MAX(stg.source) FILTER (WHERE parts.place = 1) AS source,
        MAX(stg.wave) FILTER (WHERE parts.place = 1) AS wave,
        MIN_BY(stg.email, parts.place) FILTER (WHERE stg.email IS NOT NULL) AS email,
        MIN_BY(stg.full_name, parts.place) FILTER (WHERE stg.full_name IS NOT NULL) AS full_name,
        MIN_BY(stg.role, parts.place) FILTER (WHERE stg.role IS NOT NULL) AS role,
        MIN_BY(stg.manager, parts.place) FILTER (WHERE stg.manager IS NOT NULL) AS manager,
        MIN_BY(stg.account, parts.place) FILTER (WHERE stg.account IS NOT NULL) AS account,
        MIN_BY(stg.is_active, parts.place) FILTER (WHERE stg.is_active IS NOT NULL) AS is_active
    FROM parts
    INNER JOIN {{ ref('stg_user') }} AS stg ON stg.row_id = parts.row_id
    GROUP BY parts.survivor
)

SELECT
    row_id,
    LIST_CONCAT([row_id], other_row_ids) AS row_ids,
    source,
    wave,
    email,
    full_name,
    role,
    manager,
    account,
    is_active
FROM merged
UNION ALL
SELECT
    stg.row_id,
    stg.row_ids,
    stg.source,
    stg.wave,
    stg.email,
    stg.full_name,
    stg.role,
    stg.manager,
    stg.account,
    stg.is_active
FROM {{ ref('stg_user') }} AS stg
LEFT JOIN parts ON parts.row_id = stg.row_id
WHERE parts.row_id IS NULL
