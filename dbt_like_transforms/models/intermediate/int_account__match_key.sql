-- A key by which likely duplicate accounts meet: 'Größe & Söhne GmbH' and 'GROSSE UND SOHNE'
-- both become 'grosse sohne'.  For comparing only; nobody is shown it and it is never exported.
WITH folded AS (
    SELECT
        row_id,
        row_ids,
        TRANSLATE(
            REPLACE(REPLACE(REPLACE(LOWER(name), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
            'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžøđłħıŧșțǎǐǒǔǧơư',
            'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzodlhitstaiougou'
        ) AS name
    FROM {{ ref('int_account__merged') }}
),

joined AS (
    -- Dots, apostrophes and loose accents go without a gap: 's.a.' is 'sa', 'O''Brien' is 'obrien'.
    SELECT
        row_id,
        row_ids,
        REGEXP_REPLACE(name, '[.''’\x{0300}-\x{036f}]', '', 'g') AS name
    FROM folded
),

words AS (
    SELECT
        row_id,
        row_ids,
        TRIM(REGEXP_REPLACE(name, '[^\p{L}\p{M}\p{N}]+', ' ', 'g')) AS name
    FROM joined
),

linked AS (
    SELECT
        row_id,
        row_ids,
        REGEXP_REPLACE(name, ' (and|und|et) ', ' ', 'g') AS name
    FROM words
)

SELECT
    row_id,
    row_ids,
    -- Legal forms count only behind a name, one or several: 'Limited' alone stays 'limited'.
    NULLIF(
        REGEXP_REPLACE(
            name,
            '( (inc|incorporated|llc|llp|lp|plc|ltd|limited|corp|corporation|co|company|pty|pvt|gmbh|mbh|ag|kg|ohg|ug|ev|sa|sas|sarl|sl|srl|spa|bv|nv|ab|as|aps|oy|oyj|se))+$',
            '',
            'g'
        ),
        ''
    ) AS match_key
FROM linked
