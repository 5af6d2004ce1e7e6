"""XML reads to exact text; entities never reach the parser's output."""

import pytest

from aformity_pipelines.intake.job import Limits
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, QuestionKind

CUSTOMERS = b"""<?xml version="1.0"?>
<customers>
  <customer id="007"><name> A &amp; B </name><address kind="home"><city>K</city></address></customer>
  <customer id="8"><name/><note><![CDATA[<b>]]></note></customer>
</customers>"""


def test_children_attributes_and_deeper_values_are_columns(see) -> None:
    seen = see(CUSTOMERS)
    assert seen.headers == ("@id", "name", "address.@kind", "address.city", "note")
    assert seen.rows == ((1, "007", " A & B ", "home", "K", None), (2, "8", "", None, None, "<b>"))
    assert seen.reading.questions == ()


def test_a_path_of_records_may_leave_out_the_root(see) -> None:
    content = b"<r><a><x>1</x></a><a><x>2</x></a><b><y>1</y></b><b><y>2</y></b><b/></r>"
    seen = see(content)
    assert [(q.kind, q.proposal.records) for q in seen.reading.questions] == [(QuestionKind.RECORDS, "r.b")]
    for told in ("a", "r.a"):
        again = see(content, records=told)
        assert (again.rows, again.reading.questions) == (((1, "1"), (2, "2")), ())
    with pytest.raises(NotUnderstood, match=r"'r\.b'"):
        see(content, records="c")


def test_a_child_that_repeats_gets_a_numbered_column_and_a_question(see) -> None:
    content = b"<r><a><p>1</p><p>2</p></a><a><p>3</p></a></r>"
    seen = see(content)
    assert (seen.headers, seen.cells) == (("p", "p[2]"), (("1", "2"), ("3", None)))
    (question,) = seen.reading.questions
    again = see(content, paths=question.proposal.paths)
    assert (again.headers, again.rows, again.reading.questions) == (seen.headers, seen.rows, ())


def test_a_single_record_is_read(see) -> None:
    assert see(b"<r><a><x>1</x><y>2</y></a></r>").rows == ((1, "1", "2"),)


def test_nil_has_no_value_and_empty_text_has(see) -> None:
    seen = see(b'<r><a><x xsi:nil="true"/><y></y></a><a><x>1</x><y>2</y></a></r>')
    assert seen.rows == ((1, None, ""), (2, "1", "2"))


def test_values_outside_of_the_records_are_warned_of(see) -> None:
    seen = see(b"<r><total>2</total><a><x>1</x></a><a><x>2</x></a></r>")
    assert "'r.total'" in seen.table.warnings[0].example


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "iso-8859-15", "shift_jis"])
def test_the_declared_encoding_is_followed(see, encoding: str) -> None:
    name = "日本" if encoding == "shift_jis" else "Käthe"
    text = f'<?xml version="1.0" encoding="{encoding}"?><r><a><x>{name}</x></a><a><x>2</x></a></r>'
    assert see(text.encode(encoding)).rows == ((1, name), (2, "2"))


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "content",
    [
        f'<!DOCTYPE r [<!ENTITY a0 "ha">{LAUGHS}]><r><a><x>&a11;</x></a></r>'.encode(),
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><a><x>&x;</x></a></r>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><r><a><x>&x;</x></a></r>',
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><r/>',
        f'<!DOCTYPE r [<!ENTITY q "{"q" * 50_000}">]><r><a><x>{"&q;" * 5_000}</x></a></r>'.encode(),
    ],
    ids=["laughs", "file", "network", "parameter", "quadratic"],
)
def test_entities_are_refused(see, content: bytes) -> None:
    with pytest.raises(DeliveryRefused, match="ask for a file without it"):
        see(content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<r><a><x>1</x></a><a><x>2", "line 1, column"),
        (b"<?xml version='1.0'?>\n<r><a><x>1</y></a></r>", "line 2, column"),
        (b"<?xml version='1.0' encoding='utf-8'?><r><a><x>\xe9</x></a></r>", "well-formed"),
        (b"<?xml version='1.0' encoding='klingon'?><r><a><x>1</x></a></r>", "klingon"),
        (b"<a>" * 50_000 + b"</a>" * 50_000, "100 deep"),
    ],
)
def test_broken_xml_is_refused_with_its_place(see, content: bytes, says: str) -> None:
    with pytest.raises(DeliveryRefused, match=says):
        see(content, "in.xml")


def test_a_long_text_is_refused_before_it_is_whole(see) -> None:
    content = b"<r><a><x>" + b"x" * 100_000 + b"</x></a><a><x/></a></r>"
    with pytest.raises(DeliveryRefused, match="limit of a cell"):
        see(content, limits=Limits(cell_bytes=1_000))
