"""How answers quote a text of the customer's: as `aformity why` does, in quotes that the text itself does not close."""

from aformity_pipelines.tracing.words import quoted

PAIRS = (("“", "”"), ("\u2018", "\u2019"), ("`", "`"))
"""What stands around a text that holds a plain quote, in the order in which it is tried."""


def in_quotes(text: str) -> str:
    """Return a text in quotes, every invisible character made visible; a reader always sees where it ends."""
    plain = quoted(text)
    if '"' not in text:
        return plain
    opening, closing = next((pair for pair in PAIRS if not set(pair) & set(text)), PAIRS[0])
    body, _, more = plain.removeprefix('"').rpartition('"')
    for sign in (opening, closing):
        body = body.replace(sign, f"\\u{ord(sign):04x}")
    return f"{opening}{body}{closing}{more}"
