"""The independent walk over records agrees with Python's csv module, whatever the block size."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aformity_pipelines.intake.text.records import Breach, Grammar, walk

COMMA = Grammar(delimiter=b",", quote=b'"', line_end=b"\n")


def seen(path: Path, content: bytes, block_bytes: int, grammar: Grammar = COMMA):
    path.write_bytes(content)
    found, breaches = [], []
    for stretch in walk(path, grammar, block_bytes=block_bytes):
        breaches += [(len(found) + index, breach) for index, breach in stretch.breaches]
        for index, width in enumerate(stretch.widths.tolist()):
            found.append((stretch.text(index), 0 if stretch.is_blank()[index] else width))
    return found, breaches


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.text(alphabet='a,"\nö', max_size=5), min_size=2, max_size=4), max_size=8),
    block_bytes=st.integers(1, 40),
)
def test_records_are_those_of_the_csv_module(tmp_path, rows, block_bytes) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    found, breaches = seen(tmp_path / "x", out.getvalue().encode(), block_bytes)
    assert [width for _, width in found] == [len(row) for row in rows]
    assert [next(csv.reader(io.StringIO(text, newline=""))) for text, _ in found] == rows
    assert breaches == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'a,b\n"x"y,1\n', [(1, Breach.QUOTE)]),
        (b'a,b\nx"y",1\n', [(1, Breach.QUOTE)]),
        (b'a,b\n"x""y","",""""\n', []),
        (b'a,b\n1,2\n"x,2\n3,4', [(2, Breach.UNCLOSED)]),
        (b'"x', [(0, Breach.UNCLOSED)]),
        (b"a\n1\r\n2\n", [(1, Breach.LINE_END)]),
        (b'a\n"1\r\n"\n2\n', []),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 7, 1000])
def test_breaches_of_the_grammar_are_placed(tmp_path, content, expected, block_bytes) -> None:
    assert seen(tmp_path / "x", content, block_bytes)[1] == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\r\n1\n2\r\n", [(1, Breach.LINE_END)]),
        (b"a\r\n1\r2\r\n", [(1, Breach.LINE_END)]),
        (b'a\r\n"1\n2\r3\r\n4"\r\n', []),
        (b"\na\r\n", [(0, Breach.LINE_END)]),
    ],
)
def test_line_ends_of_another_kind_are_placed(tmp_path, content, expected) -> None:
    grammar = Grammar(delimiter=b",", quote=b'"', line_end=b"\r\n")
    assert seen(tmp_path / "x", content, 1000, grammar)[1] == expected


def test_an_endless_record_stops_the_walk(tmp_path: Path) -> None:
    content = b'a,b\n"' + b"x" * 3_000_000 + b'",1\n1,2\n'
    found, breaches = seen(tmp_path / "x", content, 1 << 19)
    assert breaches == [(1, Breach.LENGTH)]
    assert len(found) == 2
