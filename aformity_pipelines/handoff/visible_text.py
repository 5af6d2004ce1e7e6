"""Text that can hide something, made visible: control, bidirectional and zero-width characters.

A customer's value may hold characters that reorder, hide or split what a reader sees.  The report
shows each of them as a token such as `⟦U+202E⟧` and a line break as `⏎`.  HTML escaping is not done here.
"""

import re
import unicodedata

LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
HIDING_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs"})
# Letters and marks by category, yet they take no room: fillers, joiners, variation selectors.
INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE0E)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
EMOJI_STYLE = "\ufe0f"
SPACES_THAT_MATTER = re.compile(r"^ +| +$| {2,}")
ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def visible(text: str) -> str:
    """Return `text` with every character that hides, reorders or breaks the line shown as a token."""
    flat = LINE_BREAK.sub("⏎", text)
    if flat.isascii() and flat.isprintable():
        return flat
    return "".join(_token(char, before) for before, char in zip(" " + flat, flat, strict=False))


def exact(text: str) -> str:
    """Return `visible` text in which spaces that matter are seen too: `␣` at the ends and in runs, odd ones as tokens."""
    plain = ODD_SPACES.sub(lambda space: f"⟦U+{ord(space.group()):04X}⟧", visible(text))
    return SPACES_THAT_MATTER.sub(lambda run: "␣" * len(run.group()), plain)


def shortened(text: str, most: int) -> str:
    """Return `visible` text of at most `most` cells, the end replaced by `…` where it is wider."""
    shown = visible(text)
    if cells(shown) <= most:
        return shown
    end = 0
    while cells(shown[: end + 1]) < most:
        end += 1
    return shown[:end].rstrip() + "…"


def wrapped(text: str, most: int, *, lines: int) -> tuple[str, ...]:
    """Return `visible` text as up to `lines` lines of `most` cells, broken between words; the last is shortened."""
    words = visible(text).split(" ") if text else []
    done: list[str] = []
    while words and len(done) < lines - 1:
        line = words.pop(0)
        while words and cells(f"{line} {words[0]}") <= most:
            line = f"{line} {words.pop(0)}"
        if cells(line) > most:  # one word wider than a line: the last line has the rest of it
            words = [line, *words]
            break
        done.append(line)
    return (*done, shortened(" ".join(words), most)) if words else tuple(done)


def cells(text: str) -> int:
    """Return how much room `text` takes in Latin letters: two for a wide East Asian sign or emoji, none for a mark."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _token(char: str, before: str) -> str:
    if char == EMOJI_STYLE:
        # After a symbol it only asks for the colour form of an emoji.
        return char if unicodedata.category(before) == "So" else f"⟦U+{ord(char):04X}⟧"
    code = ord(char)
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    hides = unicodedata.category(char) in HIDING_CATEGORIES or char in INVISIBLE or is_noncharacter
    return f"⟦U+{code:04X}⟧" if hides else char
