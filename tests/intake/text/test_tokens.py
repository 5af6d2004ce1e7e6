"""The strict tokenizer: what the cells of a sound record are, by every kind of grammar."""

import pytest

from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.tokens import Tokenizer

COMMA = Grammar(delimiter=b",", quote=b'"')
BACKSLASH = Grammar(delimiter=b",", quote=b'"', escape=b"\\")
PIPES = Grammar(delimiter=b"||", quote=b"'")
PLAIN = Grammar(delimiter=b"\t", quote=b"")
LINES = Grammar(delimiter=b"", quote=b'"')

CELLS = {
    "empty cells": (COMMA, b',"",', (b"", b"", b"")),
    "doubled quotes": (COMMA, b'"a ""b""",""""', (b'a "b"', b'"')),
    "delimiters and line ends in quotes": (COMMA, b'"a,b","c\r\nd"', (b"a,b", b"c\r\nd")),
    "escaped quotes and escapes": (BACKSLASH, rb'"a\"b","c\\","\\\""', (b'a"b', b"c\\", b'\\"')),
    "an escape before anything else is text": (BACKSLASH, rb'"C:\new",C:\new', (rb"C:\new", rb"C:\new")),
    "delimiters of two signs": (PIPES, b"a|b||'c||d'||", (b"a|b", b"c||d", b"")),
    "the first two of three signs": (PIPES, b"a|||b", (b"a", b"|b")),
    "no quotes": (PLAIN, b'"a\t5" x 6"', (b'"a', b'5" x 6"')),
    "no delimiter": (LINES, b'"a,b"', (b"a,b",)),
    "an escape that is the quote is none": (
        Grammar(delimiter=b",", quote=b'"', escape=b'"'),
        b'"a""b"',
        (b'a"b',),
    ),
}


@pytest.mark.parametrize(("grammar", "record", "cells"), CELLS.values(), ids=CELLS)
def test_cells_of_a_record(grammar, record, cells) -> None:
    tokenizer = Tokenizer(grammar)
    assert tokenizer.cells(record) == cells
    assert tokenizer.width(record) == len(cells)


@pytest.mark.parametrize(
    ("grammar", "record"),
    [(COMMA, b'a"b'), (COMMA, b'"a"b'), (COMMA, b'"a'), (BACKSLASH, rb'"a\"'), (PIPES, b"'a'|b")],
)
def test_what_breaks_the_grammar_is_no_sound_record(grammar, record) -> None:
    token = Tokenizer(grammar).token(record + b"\n", 0, is_last=True)
    assert token is not None
    assert token.breach is not None
    assert token.end == len(record)
