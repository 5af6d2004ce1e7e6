-- The mapped rows of user that are in use; rows set aside upstream stop here.
SELECT
    row_id,
    [row_id] AS row_ids,
    source,
    wave,
    email,
    full_name,
    role,
    manager,
    account,
    is_active
FROM {{ source('mapped', 'user') }}
WHERE set_aside IS NULL
