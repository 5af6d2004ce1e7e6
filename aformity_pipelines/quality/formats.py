"""What each text format of a destination looks like, as RE2 patterns that match a whole value."""

from aformity_pipelines.domain.destination import Format

_LOCAL = r"[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?"
_TOP_LEVEL = r"(?:[\p{L}\p{M}]{2,}|xn--[a-z0-9-]+)"

# ISO 3166-1 alpha-2, the officially assigned elements.
_COUNTRIES = (
    "AD|AE|AF|AG|AI|AL|AM|AO|AQ|AR|AS|AT|AU|AW|AX|AZ|BA|BB|BD|BE|BF|BG|BH|BI|BJ|BL|BM|BN|BO|BQ|BR|BS|"
    "BT|BV|BW|BY|BZ|CA|CC|CD|CF|CG|CH|CI|CK|CL|CM|CN|CO|CR|CU|CV|CW|CX|CY|CZ|DE|DJ|DK|DM|DO|DZ|EC|EE|"
    "EG|EH|ER|ES|ET|FI|FJ|FK|FM|FO|FR|GA|GB|GD|GE|GF|GG|GH|GI|GL|GM|GN|GP|GQ|GR|GS|GT|GU|GW|GY|HK|HM|"
    "HN|HR|HT|HU|ID|IE|IL|IM|IN|IO|IQ|IR|IS|IT|JE|JM|JO|JP|KE|KG|KH|KI|KM|KN|KP|KR|KW|KY|KZ|LA|LB|LC|"
    "LI|LK|LR|LS|LT|LU|LV|LY|MA|MC|MD|ME|MF|MG|MH|MK|ML|MM|MN|MO|MP|MQ|MR|MS|MT|MU|MV|MW|MX|MY|MZ|NA|"
    "NC|NE|NF|NG|NI|NL|NO|NP|NR|NU|NZ|OM|PA|PE|PF|PG|PH|PK|PL|PM|PN|PR|PS|PT|PW|PY|QA|RE|RO|RS|RU|RW|"
    "SA|SB|SC|SD|SE|SG|SH|SI|SJ|SK|SL|SM|SN|SO|SR|SS|ST|SV|SX|SY|SZ|TC|TD|TF|TG|TH|TJ|TK|TL|TM|TN|TO|"
    "TR|TT|TV|TW|TZ|UA|UG|UM|US|UY|UZ|VA|VC|VE|VG|VI|VN|VU|WF|WS|YE|YT|ZA|ZM|ZW"
)

PATTERNS: dict[Format, str] = {
    Format.EMAIL: rf"\A{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+{_TOP_LEVEL}\z",
    # 6 to 15 digits (E.164's most), separators between them, an extension after them.
    Format.PHONE: r"\A\+?(?:[ ().\-/]*[0-9]){6,15}(?: *(?:x|ext\.?) *[0-9]{1,6})?\z",
    Format.COUNTRY_CODE: rf"\A(?:{_COUNTRIES})\z",
}

PHRASES: dict[Format, str] = {
    Format.EMAIL: "a valid e-mail address",
    Format.PHONE: "a valid phone number",
    Format.COUNTRY_CODE: "a two-letter ISO country code such as DE or US",
}
