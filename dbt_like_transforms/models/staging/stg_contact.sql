-- The mapped rows of contact that are in use; rows set aside upstream stop here.
SELECT
    row_id,
    [row_id] AS row_ids,
    source,
    wave,
    external_id,
    full_name,
    email,
    phone,
    job_title,
    account,
    is_billing_contact
FROM {{ source('mapped', 'contact') }}
WHERE set_aside IS NULL
