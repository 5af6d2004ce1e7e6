import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from markupsafe import Markup
from pydantic import BaseModel

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff import render as render_module
from aformity_pipelines.handoff import svg_elements
from aformity_pipelines.handoff.render import environment
from aformity_pipelines.handoff.render import page_of as render
from tests.handoff.attacked import attacked_record
from tests.handoff.hostile import CORPUS, DERIVED, GROUPS, PAYLOADS, POLYGLOT, blotted, rewritten

MAY_HOLD_A_URL = {
    "action", "archive", "background", "cite", "classid", "codebase", "data", "formaction", "href", "icon",
    "longdesc", "manifest", "ping", "poster", "src", "srcdoc", "srcset", "style", "usemap",
    "{http://www.w3.org/1999/xlink}href", "xlink:href",
}  # fmt: skip
ONLY_AT_ITS_END = 400
"""Signs after which no label of a picture wraps or cuts differently any more."""

Shape = Counter[tuple[str, tuple[str, ...]]]


def elements(html: str) -> list[Element]:
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    return [node for node in tree.iter() if isinstance(node.tag, str)]


def shape(nodes: list[Element]) -> Shape:
    """Each element with the names of its attributes; cut labels have a title more, which is ours."""
    return Counter(
        (node.tag, tuple(sorted(map(str, node.attrib)))) for node in nodes if not node.tag.endswith("title")
    )


def urls(nodes: list[Element]) -> list[str]:
    return [value for node in nodes for name, value in node.attrib.items() if str(name) in MAY_HOLD_A_URL]


def page_with(addition: str) -> list[Element]:
    return elements(render(rewritten(attacked_record(), lambda text: text + addition)))


@pytest.fixture(scope="module")
def harmless() -> Shape:
    return shape(page_with(blotted(POLYGLOT)))


@pytest.fixture(scope="module")
def attacked() -> list[Element]:
    return page_with(POLYGLOT)


def test_the_corpus_holds_more_than_a_hundred_different_payloads() -> None:
    assert len(PAYLOADS) >= 150
    assert len({payload.strip().lower() for payload in PAYLOADS}) >= 150
    assert all(len(group) >= 8 for group in GROUPS.values())


def test_text_that_leaves_every_context_adds_no_element_and_no_attribute(
    attacked: list[Element], harmless: Shape
) -> None:
    assert shape(attacked) == harmless


def test_a_field_that_starts_with_hostile_text_stays_text_too() -> None:
    before, after = (
        shape(elements(render(rewritten(attacked_record(), lambda text: f"{start} {text}"))))  # noqa: B023 - used at once
        for start in (POLYGLOT, blotted(POLYGLOT))
    )

    assert before == after


@pytest.mark.slow
def test_the_whole_corpus_in_every_field_adds_nothing_and_leads_nowhere() -> None:
    nodes = page_with(CORPUS)

    assert shape(nodes) == shape(page_with(blotted(CORPUS[:ONLY_AT_ITS_END])))
    assert [url for url in urls(nodes) if not url.startswith("#")] == []


def test_hostile_text_makes_no_url_but_places_of_this_page(attacked: list[Element]) -> None:
    found = urls(attacked) + urls(
        elements(render(rewritten(attacked_record(), lambda text: f"javascript:alert(1){text}")))
    )

    assert len(found) > 40
    assert [url for url in found if not url.startswith("#")] == []


def test_a_template_that_does_not_escape_would_be_found(
    harmless: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    naive = environment().overlay(autoescape=False)
    monkeypatch.setattr(render_module, "environment", lambda: naive)

    nodes = page_with(POLYGLOT)

    assert shape(nodes) != harmless
    assert [url for url in urls(nodes) if not url.startswith("#")] != []


def test_a_picture_that_does_not_escape_would_be_found(
    harmless: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(svg_elements, "escape", Markup)

    assert shape(page_with(POLYGLOT)) != harmless


def test_hostile_text_reaches_the_reader_as_text() -> None:
    html = render(rewritten(attacked_record(), lambda text: text + "<script>alert(1)</script>"))

    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 300
    assert "<script>alert" not in html


def test_every_text_field_of_the_record_is_rewritten_by_the_walk() -> None:
    before, after = attacked_record(), rewritten(attacked_record(), lambda text: text + "!")

    assert isinstance(after, LaunchRecord)
    names_of_counts = {count.name for count in before.counts}
    unchanged = {text for text in texts(after) if not text.endswith("!")} - names_of_counts
    assert unchanged == {"3", "done", "closed", "missing"}
    assert len(list(texts(before))) > 500


def texts(record: LaunchRecord) -> Iterator[str]:
    def walk(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            told = (item for name, item in value.items() if name not in DERIVED)
            yield from itertools.chain.from_iterable(map(walk, told))
        elif isinstance(value, list | tuple):
            yield from itertools.chain.from_iterable(map(walk, value))
        elif type(value) is str and value:
            yield value

    return walk(record.model_dump())


def test_the_record_that_is_attacked_fills_every_field_of_every_part() -> None:
    filled: set[tuple[str, str]] = set()
    known: set[tuple[str, str]] = set()

    def walk(value: object) -> None:
        if isinstance(value, BaseModel):
            for name in type(value).model_fields:
                known.add((type(value).__name__, name))
                inner = getattr(value, name)
                if inner not in ("", None, (), {}):
                    filled.add((type(value).__name__, name))
                walk(inner)
        elif isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, tuple):
            for item in value:
                walk(item)

    walk(attacked_record())

    assert known - filled == set()


def test_no_character_that_hides_or_reorders_reaches_the_page() -> None:
    hidden = "\x00\x1b\u00ad\u200b\u200d\u2028\u202e\u2066\ufeff\ufff9\U000e0041\r\n\t"

    html = render(rewritten(attacked_record(), lambda text: text[:2] + hidden + text[2:]))

    left = {char for char in html if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")}
    assert left == {"\n"}
    assert "⟦U+202E⟧" in html
