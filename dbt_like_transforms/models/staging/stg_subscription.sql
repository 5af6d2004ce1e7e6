-- The mapped rows of subscription that are in use; rows set aside upstream stop here.
SELECT
    row_id,
    [row_id] AS row_ids,
    source,
    wave,
    external_id,
    account,
    plan,
    status,
    start_date,
    end_date,
    seats,
    monthly_amount
FROM {{ source('mapped', 'subscription') }}
WHERE set_aside IS NULL
