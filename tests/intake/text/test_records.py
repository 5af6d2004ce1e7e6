"""The strict walk: the records of the csv module, whatever the blocks; every breach placed; a fault costs one record."""

import csv
import io
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aformity_pipelines.intake.text import records
from aformity_pipelines.intake.text.plan import Grammar, LineEnd
from aformity_pipelines.intake.text.records import walk
from aformity_pipelines.intake.text.stretch import Region
from aformity_pipelines.intake.text.tokens import Breach

COMMA = Grammar(delimiter=b",", quote=b'"')
CRLF = Grammar(delimiter=b",", quote=b'"', line_end=LineEnd.CRLF)


def seen(
    path: Path, content: bytes, block_bytes: int, grammar: Grammar = COMMA, region: Region | None = None
):
    """Row, record, width and breach of every record."""
    path.write_bytes(content)
    found = []
    for stretch in walk(path, grammar, region=region, block_bytes=block_bytes):
        breaches = dict(stretch.breaches)
        for index in range(len(stretch)):
            record = stretch.record(index)
            # The fields of an empty line are nobody's business.
            width = int(stretch.widths[index]) if record else 0
            found.append((stretch.first_row + index, record, width, breaches.get(index)))
    return found


def broken(found) -> list[tuple[int, Breach]]:
    return [(row, breach) for row, _, _, breach in found if breach]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.text(alphabet='a,"\nö', max_size=5), min_size=2, max_size=4), max_size=8),
    block_bytes=st.integers(1, 40),
)
def test_records_are_those_of_the_csv_module(tmp_path, rows, block_bytes) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    found = seen(tmp_path / "x", out.getvalue().encode(), block_bytes)
    assert [width for _, _, width, _ in found] == [len(row) for row in rows]
    texts = [record.decode() for _, record, _, _ in found]
    assert [next(csv.reader(io.StringIO(text, newline=""))) for text in texts] == rows
    assert broken(found) == []


PIECES = [b",", b'"', b"\n", b"\r\n", b"\r", b"a", b"#", b'""', b',"', b'",', b"1,2\n", "ö".encode(), b"\xff"]
PIECES += [b"\n#", b"\r#", b"\\", b'\\"', b'"1",2\r', b'#"\n']


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=30),
    line_end=st.sampled_from(list(LineEnd)),
    signs=st.sampled_from(
        [(b",", b'"', b"", b""), (b",", b"", b"#", b""), (b"", b'"', b"#", b""), (b",", b'"', b"#", b"\\")]
    ),
    region=st.builds(Region, width=st.integers(1, 3), first_row=st.integers(1, 3), last_row=st.just(4)),
    block_bytes=st.sampled_from([1, 7, 1000]),
)
def test_blocks_and_single_records_are_found_alike(tmp_path, pieces, line_end, signs, region, block_bytes):
    delimiter, quote, comment, escape = signs
    grammar = Grammar(delimiter=delimiter, quote=quote, comment=comment, escape=escape, line_end=line_end)
    content = b"".join(pieces)
    with mock.patch.object(records, "is_simple", return_value=False):
        one_by_one = seen(tmp_path / "x", content, 1000, grammar, region)
    assert seen(tmp_path / "x", content, block_bytes, grammar, region) == one_by_one


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'a,b\n"x"y,1\n', [(2, Breach.QUOTE)]),
        (b'a,b\nx"y",1\n', [(2, Breach.QUOTE)]),
        (b'a,b\n"x""y","",""""\n', []),
        (b'a,b\n1,2\n"x,2\n3,4', [(3, Breach.UNCLOSED)]),
        (b'"x', [(1, Breach.UNCLOSED)]),
        (b"a\n1\r\n2\n", [(2, Breach.LINE_END)]),
        (b'a\n"1\r\n"\n2\n', []),
        (b"a\n\xff\n2\n", [(2, Breach.BYTES)]),
        (b'a\n"\xff",\xfe\n\xc3\xb6\n\xc3', [(2, Breach.BYTES), (4, Breach.BYTES)]),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 7, 1000])
def test_breaches_of_the_grammar_are_placed(tmp_path, content, expected, block_bytes) -> None:
    assert broken(seen(tmp_path / "x", content, block_bytes)) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\r\n1\n2\r\n", [(2, Breach.LINE_END)]),
        (b"a\r\n1\r2\r\n", [(2, Breach.LINE_END)]),
        (b'a\r\n"1\n2\r3\r\n4"\r\n', []),
        (b"\na\r\n", [(1, Breach.LINE_END)]),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 1000])
def test_line_ends_of_another_kind_are_placed(tmp_path, content, expected, block_bytes) -> None:
    assert broken(seen(tmp_path / "x", content, block_bytes, CRLF)) == expected


ENDS = {
    "a stray quote takes no line along": (b'1,"x\n2,"y"\n3,z\n', [b'1,"x', b'2,"y"', b"3,z"]),
    "a span of another width is left for its lines": (b'1,"x\n2,y\n3",z,4\n', [b'1,"x', b"2,y", b'3",z,4']),
    "a broken record of two lines is one": (b'1,"two\nli"nes"\n2,x\n', [b'1,"two\nli"nes"', b"2,x"]),
    "a long record of two lines is one": (b'1,"two\nlines",3\n2,x\n', [b'1,"two\nlines",3', b"2,x"]),
    "a legal record of two lines is one": (b'1,"two\n2,x\nlines"\n2,x\n', [b'1,"two\n2,x\nlines"', b"2,x"]),
}


@pytest.mark.parametrize(("content", "expected"), ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("block_bytes", [1, 9, 1000])
def test_a_broken_record_ends_where_another_begins(tmp_path, content, expected, block_bytes) -> None:
    region = Region(width=2, first_row=1, last_row=None)
    found = seen(tmp_path / "x", content, block_bytes, region=region)
    assert [record for _, record, _, _ in found] == expected


def test_of_an_endless_line_only_the_start_is_kept(tmp_path: Path) -> None:
    content = b"a,b\n" + b"x" * 5_000_000 + b",1\n1,2\n"
    found = seen(tmp_path / "x", content, 1 << 19)
    assert broken(found) == [(2, Breach.LENGTH)]
    assert 2_000_000 < len(found[1][1]) < 3_000_000
    assert found[2] == (3, b"1,2", 2, None)


def test_a_quote_that_never_closes_costs_one_line_of_a_long_file(tmp_path: Path) -> None:
    content = b'a,b\n1,"x\n' + (b"2," + b"y" * 97 + b"\n") * 30_000
    region = Region(width=2, first_row=2, last_row=None)
    found = seen(tmp_path / "x", content, 1 << 19, region=region)
    assert (len(found), broken(found)) == (30_002, [(2, Breach.UNCLOSED)])
