-- The mapped rows of activity that are in use; rows set aside upstream stop here.
SELECT
    row_id,
    [row_id] AS row_ids,
    source,
    wave,
    external_id,
    account,
    contact,
    kind,
    occurred_on,
    subject
FROM {{ source('mapped', 'activity') }}
WHERE set_aside IS NULL
