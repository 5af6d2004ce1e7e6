-- Subscriptions as the product will hold them, pointing at surviving accounts.
SELECT
    stg.row_ids,
    stg.source,
    stg.wave,
    stg.external_id,
    COALESCE(accounts.new_key, stg.account) AS account,
    stg.plan,
    stg.status,
    stg.start_date,
    stg.end_date,
    stg.seats,
    stg.monthly_amount
FROM {{ ref('stg_subscription') }} AS stg
LEFT JOIN {{ ref('int_account__keys') }} AS accounts ON accounts.old_key = stg.account
