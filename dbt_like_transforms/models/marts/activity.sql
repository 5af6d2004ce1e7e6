-- Activities as the product will hold them, pointing at surviving accounts and contacts.
SELECT
    stg.row_ids,
    stg.source,
    stg.wave,
    stg.external_id,
    COALESCE(accounts.new_key, stg.account) AS account,
    COALESCE(contacts.new_key, stg.contact) AS contact,
    stg.kind,
    stg.occurred_on,
    stg.subject
FROM {{ ref('stg_activity') }} AS stg
LEFT JOIN {{ ref('int_account__keys') }} AS accounts ON accounts.old_key = stg.account
LEFT JOIN {{ ref('int_contact__keys') }} AS contacts ON contacts.old_key = stg.contact
