-- The mapped rows of account that are in use; rows set aside upstream stop here.
SELECT
    row_id,
    [row_id] AS row_ids,
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
FROM {{ source('mapped', 'account') }}
WHERE set_aside IS NULL
