-- Accounts as the product will hold them, pointing at surviving parents and owners.
WITH linked AS (
    SELECT
        merged.row_ids,
        merged.source,
        merged.wave,
        merged.external_id,
        merged.name,
        COALESCE(parents.new_key, merged.parent_account) AS parent_account,
        COALESCE(owners.new_key, merged.owner) AS owner,
        merged.lifecycle_stage,
        merged.industry,
        merged.country,
        merged.website,
        merged.phone,
        merged.postal_code,
        merged.city,
        names.match_key
    FROM {{ ref('int_account__merged') }} AS merged
    LEFT JOIN {{ ref('int_account__keys') }} AS parents ON parents.old_key = merged.parent_account
    LEFT JOIN {{ ref('int_user__keys') }} AS owners ON owners.old_key = merged.owner
    LEFT JOIN {{ ref('int_account__match_key') }} AS names ON names.row_id = merged.row_id
)

SELECT
    row_ids,
    source,
    wave,
    external_id,
    name,
    -- Merged with the record it pointed at: nothing can point at itself.
    CASE
        WHEN ARRAY_LENGTH(row_ids) > 1 AND parent_account = external_id THEN NULL
        ELSE parent_account
    END AS parent_account,
    owner,
    lifecycle_stage,
    industry,
    country,
    website,
    phone,
    postal_code,
    city,
    match_key
FROM linked
