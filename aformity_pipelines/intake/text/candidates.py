"""The grammars that a text might have, judged by the characters that stand in it.  Keep out: which one it has."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.text.plan import Grammar, LineEnd

SINGLE = ",;\t|:~^%# *&!$=\x01\x1e\x1f"
_BORDER = rf"[\s{re.escape(SINGLE)}]"
_QUOTED = re.compile(rf'(?:(?<=^)|(?<={_BORDER}))"(?:[^"]|"")*"(?={_BORDER}|$)')
_FEW = 0.02
"""Up to this share, bare CRs are damage rather than line ends."""


def line_end_of(text: str) -> LineEnd:
    """Return what ends the lines of `text` outside of quoted cells; MIXED if several kinds do."""
    bare = _QUOTED.sub("", text) if '"' in text else text
    crlf = bare.count("\r\n")
    cr, lf = bare.count("\r") - crlf, bare.count("\n") - crlf
    if cr and cr <= _FEW * (crlf + lf):
        cr = 0
    found = [end for end, count in ((LineEnd.LF, lf), (LineEnd.CRLF, crlf), (LineEnd.CR, cr)) if count]
    if len(found) > 1:
        return LineEnd.MIXED
    return found[0] if found else LineEnd.LF


def grammars(lines: Sequence[str], hints: FormatHints, line_end: LineEnd) -> Iterator[Grammar]:
    """Yield every grammar worth trying, the usual ones first; what `hints` tell is fixed."""
    comment = (hints.comment or "").encode()
    for delimiter in delimiters_in(lines) if hints.delimiter is None else (hints.delimiter,):
        for quote in _quotes_in(lines, delimiter) if hints.quote is None else (hints.quote,):
            for escape in _escapes_in(lines, quote) if hints.escape is None else (hints.escape,):
                if quote != delimiter:
                    yield Grammar(
                        delimiter=delimiter.encode(),
                        quote=quote.encode(),
                        escape=escape.encode() if quote else b"",
                        line_end=line_end,
                        comment=comment,
                    )


def delimiters_in(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the characters, and runs of them, that stand in enough lines to separate their cells."""
    filled = [line for line in lines if line.strip()]
    counts = Counter(sign for line in filled for sign in set(line) if sign in SINGLE)
    enough = max(1, len(filled) * 0.25)
    singles = [sign for sign in SINGLE if counts[sign] >= enough]
    longer = [wide for sign in singles for wide in _widened(sign, filled)]
    if sum(r"\t" in line for line in filled) >= enough:
        longer.append(r"\t")
    return (*singles, *longer)


def _widened(sign: str, lines: Sequence[str]) -> Iterator[str]:
    """Yield the longer delimiters that every `sign` outside of quotes might be part of."""
    text = "\n".join(re.sub(r'"(?:[^"]|"")*"', '""', line) for line in lines)
    count = text.count(sign)
    if not count:
        return
    if not sign.isspace():
        for wide in (f" {sign} ", f"{sign} "):
            if text.count(wide) + text.count(wide.rstrip() + "\n") >= 0.9 * count and text.count(wide) > 1:
                yield wide
                break
    for times in (2, 3):
        if text.count(sign * times) * times >= 0.95 * count:
            yield sign * times


def _quotes_in(lines: Sequence[str], delimiter: str) -> tuple[str, ...]:
    quotes = ['"']
    if any('"' in line for line in lines):
        quotes.append("")
    sign = re.escape(delimiter)
    whole = re.compile(rf"(?:^|{sign})'[^']*'(?={sign}|$)")
    marked = [line for line in lines if whole.search(line)]
    if len(marked) > 1 or marked == list(lines[:1]):
        quotes.append("'")
    return tuple(quotes)


def _escapes_in(lines: Sequence[str], quote: str) -> tuple[str, ...]:
    if quote and any("\\" + quote in line for line in lines):
        return ("", "\\")
    return ("",)
