import unicodedata
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.render import render
from tests.handoff.builders import full_record
from tests.handoff.hostile import PAYLOADS, rewritten

MAY_HOLD_A_URL = {
    "href",
    "src",
    "srcset",
    "action",
    "formaction",
    "data",
    "poster",
    "cite",
    "ping",
    "background",
    "style",
}


def elements(html: str) -> Iterator[Element]:
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    return (node for node in tree.iter() if isinstance(node.tag, str))


def shape(nodes: list[Element]) -> Counter[tuple[str, tuple[str, ...]]]:
    """Each element with the names of its attributes; cut labels have a title more, which is ours."""
    return Counter(
        (node.tag, tuple(sorted(map(str, node.attrib)))) for node in nodes if not node.tag.endswith("title")
    )


@pytest.fixture(scope="module")
def harmless() -> Counter[tuple[str, tuple[str, ...]]]:
    # As long as the longest payload, so that the same labels are cut.
    return shape(list(elements(render(rewritten(full_record(), lambda text: text + "x" * 60)))))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_in_every_field_adds_no_element_attribute_or_url(
    payload: str, harmless: Counter[tuple[str, tuple[str, ...]]]
) -> None:
    html = render(rewritten(full_record(), lambda text: text + payload))
    nodes = list(elements(html))

    assert shape(nodes) == harmless
    urls = [value for node in nodes for name, value in node.attrib.items() if str(name) in MAY_HOLD_A_URL]
    assert urls
    assert all(url.startswith("#") for url in urls)


def test_hostile_text_reaches_the_reader_as_text() -> None:
    html = render(rewritten(full_record(), lambda text: text + "<script>alert(1)</script>"))

    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 300
    assert "<script" not in html


def test_a_field_that_starts_with_a_payload_stays_text_too() -> None:
    html = render(rewritten(full_record(), lambda text: '"><script>' + text))

    assert not [node for node in elements(html) if node.tag == "script"]


def test_every_text_field_of_the_record_is_rewritten_by_the_walk() -> None:
    before, after = full_record(), rewritten(full_record(), lambda text: text + "!")

    assert isinstance(after, LaunchRecord)
    unchanged = {text for text in texts(after) if not text.endswith("!")}
    assert unchanged == {"2", "done", "closed", "missing"}
    assert len(list(texts(before))) > 500


def texts(record: LaunchRecord) -> Iterator[str]:
    def walk(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for item in value.values():
                yield from walk(item)
        elif isinstance(value, list | tuple):
            for item in value:
                yield from walk(item)
        elif type(value) is str:
            yield value

    return walk(record.model_dump())


def test_no_character_that_hides_or_reorders_reaches_the_page() -> None:
    hidden = "\x00\x1b\u00ad\u200b\u200d\u2028\u202e\u2066\ufeff\ufff9\U000e0041\r\n\t"

    html = render(rewritten(full_record(), lambda text: text[:2] + hidden + text[2:]))

    left = {char for char in html if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")}
    assert left == {"\n"}
    assert "⟦U+202E⟧" in html
