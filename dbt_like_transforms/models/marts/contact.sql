-- Contacts as the product will hold them, pointing at surviving accounts.
SELECT
    merged.row_ids,
    merged.source,
    merged.wave,
    merged.external_id,
    merged.full_name,
    merged.email,
    merged.phone,
    merged.job_title,
    COALESCE(accounts.new_key, merged.account) AS account,
    merged.is_billing_contact,
    NULLIF(TRIM(LOWER(merged.email)), '') AS match_key
FROM {{ ref('int_contact__merged') }} AS merged
LEFT JOIN {{ ref('int_account__keys') }} AS accounts ON accounts.old_key = merged.account
