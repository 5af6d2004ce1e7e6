"""Signs in a text that stand for bytes which were read in the wrong encoding, or not at all: `Ã¼` for `ü`.

A regular expression for DuckDB, to look at delivered text with.  What to do about it is a person's.
"""

_SECOND = r"[\x{80}-\x{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
MISREAD = rf"\x{{fffd}}|[ÃÂÐÑ]{_SECOND}|â€|ï»¿"
"""The sign for a character that was lost, and UTF-8 that was read as Windows-1252."""
