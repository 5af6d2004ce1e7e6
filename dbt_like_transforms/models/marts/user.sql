-- Users as the product will hold them, pointing at surviving managers and accounts.
WITH linked AS (
    SELECT
        merged.row_ids,
        merged.source,
        merged.wave,
        merged.email,
        merged.full_name,
        merged.role,
        COALESCE(managers.new_key, merged.manager) AS manager,
        COALESCE(accounts.new_key, merged.account) AS account,
        merged.is_active,
        NULLIF(TRIM(LOWER(merged.email)), '') AS match_key
    FROM {{ ref('int_user__merged') }} AS merged
    LEFT JOIN {{ ref('int_user__keys') }} AS managers ON managers.old_key = merged.manager
    LEFT JOIN {{ ref('int_account__keys') }} AS accounts ON accounts.old_key = merged.account
)

SELECT
    row_ids,
    source,
    wave,
    email,
    full_name,
    role,
    -- Merged with the record it pointed at: nothing can point at itself.
    CASE
        WHEN ARRAY_LENGTH(row_ids) > 1 AND manager = email THEN NULL
        ELSE manager
    END AS manager,
    account,
    is_active,
    match_key
FROM linked
