-- One row per contact after the approved merges: the survivor's values win, its blanks are
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
    FROM {{ ref('stg_contact') }} AS stg
    INNER JOIN {{ source('review', 'merges') }} AS merges
        ON merges.row_id = stg.row_id AND merges.entity = 'contact'
),

merged AS (
    SELECT
        parts.survivor,
        MAX(stg.row_id) FILTER (WHERE parts.place = 1) AS row_id,
        LIST_SORT(LIST(stg.row_id) FILTER (WHERE parts.place > 1)) AS other_row_ids,
        MAX(stg.source) FILTER (WHERE parts.place = 1) AS source,
        MAX(stg.wave) FILTER (WHERE parts.place = 1) AS wave,
        MIN_BY(stg.external_id, parts.place) FILTER (WHERE stg.external_id IS NOT NULL) AS external_id,
        MIN_BY(stg.full_name, parts.place) FILTER (WHERE stg.full_name IS NOT NULL) AS full_name,
        MIN_BY(stg.email, parts.place) FILTER (WHERE stg.email IS NOT NULL) AS email,
        MIN_BY(stg.phone, parts.place) FILTER (WHERE stg.phone IS NOT NULL) AS phone,
        MIN_BY(stg.job_title, parts.place) FILTER (WHERE stg.job_title IS NOT NULL) AS job_title,
        MIN_BY(stg.account, parts.place) FILTER (WHERE stg.account IS NOT NULL) AS account,
        MIN_BY(stg.is_billing_contact, parts.place) FILTER (WHERE stg.is_billing_contact IS NOT NULL) AS is_billing_contact
    FROM parts
    INNER JOIN {{ ref('stg_contact') }} AS stg ON stg.row_id = parts.row_id
    GROUP BY parts.survivor
)

SELECT
    row_id,
    LIST_CONCAT([row_id], other_row_ids) AS row_ids,
    source,
    wave,
    external_id,
    full_name,
    email,
    phone,
    job_title,
    account,
    is_billing_contact
FROM merged
UNION ALL
SELECT
    stg.row_id,
    stg.row_ids,
    stg.source,
    stg.wave,
    stg.external_id,
    stg.full_name,
    stg.email,
    stg.phone,
    stg.job_title,
    stg.account,
    stg.is_billing_contact
FROM {{ ref('stg_contact') }} AS stg
LEFT JOIN parts ON parts.row_id = stg.row_id
WHERE parts.row_id IS NULL
