"""Legacy encodings: which of them turns bytes that are no UTF-8 into words rather than rubbish.

A letter between letters of its own kind speaks for an encoding; a sign in a word, a capital after a small
letter or a control character against it.  Keep out: Unicode encodings, and reading files.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SINGLE = (
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp850",
    "mac_roman",
    "koi8_r",
    "cp866",
    "iso8859_2",
)
_DOUBLE = ("gb18030", "shift_jis", "euc_jp", "euc_kr", "big5")
_SPOT = re.compile(rb"[\x00-\x7f]{0,3}[\x80-\xff]+(?:[A-Za-z]{0,3}[\x80-\xff]+)*[\x00-\x7f]{0,3}")
_SPOTS = 400
_PRIOR = {
    "cp1252": 0.05,
    "cp850": -0.05,
    "mac_roman": -0.1,
    "iso8859_2": -0.05,
    "cp1254": -0.05,
    "gb18030": -0.02,
}
"""What speaks for an encoding before a byte is seen: most legacy files come from Western Windows."""
_CLEAR = 0.1
"""So much better per character must an encoding be to be clear."""
_USUAL = frozenset("äöüßÄÖÜéèêëàâáãåæçíîïñóôõøœúûùýÉÀÂÁÇÑÓØÅÆ€£–—‘’“”„…•°§®©™´«»·½¼¾²³±×µªº¿¡¥\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Legacy:
    """The likeliest encoding, what it makes of an example, and another one that is as likely, if there is one."""

    encoding: str
    example: str
    rival: str | None = None
    rival_example: str = ""


def likeliest(content: bytes) -> Legacy | None:
    """Return the legacy encoding that explains the bytes above 127 in `content` best; None if none does."""
    spots = [match.group() for match, _ in zip(_SPOT.finditer(content), range(_SPOTS), strict=False)]
    scored: list[tuple[float, str, str]] = []
    for encoding in (*_SINGLE, *_DOUBLE):
        try:
            texts = [spot.decode(encoding) for spot in spots]
        except UnicodeDecodeError:
            continue
        score = _plausibility(texts, is_double=encoding in _DOUBLE) + _PRIOR.get(encoding, 0)
        scored.append((score, encoding, "\n".join(texts)))
    if not scored:
        return None
    best_score, best, best_text = max(scored, key=lambda one: one[0])
    rivals = (
        (score, encoding, text) for score, encoding, text in scored if text != best_text and encoding != best
    )
    score, rival, rival_text = max(rivals, default=(-1.0, "", ""))
    if score < best_score - _CLEAR:
        return Legacy(encoding=best, example=_example(best_text))
    return Legacy(encoding=best, example=_example(best_text), rival=rival, rival_example=_example(rival_text))


def _plausibility(texts: list[str], *, is_double: bool) -> float:
    marks = [mark for text in texts for mark in _marks(text, is_double=is_double)]
    return sum(marks) / len(marks) if marks else 0.0


def _marks(text: str, *, is_double: bool) -> Iterator[float]:
    """Yield how plausible each character beyond ASCII is where it stands: 1 for a letter in its word, 0 for rubbish."""
    for before, sign, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if sign.isascii():
            continue
        if is_double:
            yield 0.1 if before.isascii() and before.isalpha() else _of_east_asia(sign)
        elif sign.isalpha():
            yield _of_word(before, sign, after)
        elif unicodedata.category(sign) in {"Cc", "Cn", "Co"} or "\u2500" <= sign <= "\u25ff":
            yield 0.0
        else:
            yield _of_sign(before, sign, after)


def _of_sign(before: str, sign: str, after: str) -> float:
    if sign in "’‘":
        return 1.0
    if before.isalpha() and after.isalpha():
        return 0.8 if sign in "–—" and after.isupper() else 0.2
    if sign == "\u00a0":
        return 1.0
    if sign not in _USUAL:
        return 0.3
    return 0.9 if not after.isalpha() or sign in "“‘«¿¡•·" else 0.4


def _of_word(before: str, sign: str, after: str) -> float:
    is_capital_inside = sign.isupper() and before.isalpha() and (before.islower() or after.islower())
    mixed = any(near.isalpha() and _script(near) != _script(sign) for near in (before, after))
    if is_capital_inside or mixed:
        return 0.1
    if not (before.isalpha() or after.isalpha()):
        return 0.3
    if _script(sign) != "LATIN":
        return 1.0
    if any(near.isalpha() and not near.isascii() for near in (before, after)):
        return 0.5
    return 1.0 if sign in _USUAL else 0.85


def _script(sign: str) -> str:
    return unicodedata.name(sign, "?").split(" ")[0]


def _of_east_asia(sign: str) -> float:
    name = _script(sign)
    if name in {"HIRAGANA", "KATAKANA", "HANGUL"}:
        return 1.0
    if name == "CJK":
        return 0.9 if "\u4e00" <= sign <= "\u9fa5" else 0.3
    return 0.6 if name in {"FULLWIDTH", "IDEOGRAPHIC"} else 0.1


def _example(text: str) -> str:
    return next((part.strip(" ") for part in re.split(r"[\r\n,;\t|]+", text) if not part.isascii()), text)[
        :40
    ]
