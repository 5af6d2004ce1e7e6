"""The pages of the site: hostile words stay words, risks and open work never share an element, links stay inside."""

from collections import Counter
from datetime import date
from xml.etree.ElementTree import Element

import html5lib

from aformity_pipelines.domain.launch.review import LogEnd
from aformity_pipelines.domain.launch.state import LaunchState
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.site import CustomerLine, Freshness, HandoffLine, RecordHead, Site, WaveLine
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.site_render import render_customer, render_index
from tests.handoff.builders import full_record
from tests.handoff.hostile import GROUPS, POLYGLOT, blotted

AS_OF = date(2026, 12, 1)


def site(words: str = "Tiny Traders", *, freshness: Freshness | None = None) -> Site:
    """Return a site in which every text that customers or people may write is `words`."""
    handoff = HandoffLine(
        wave="wave_1",
        name="2026-11-20-aaaaaaaa",
        as_of=date(2026, 11, 20),
        log=LogEnd(seq=4, sha256="ab" * 32),
        version="v0002-bbbbbbbb",
        state=LaunchState(words="Launching in part", tone="partly"),
        headline=words,
        accepted=2,
        unresolved=3,
        overdue=1,
        since="v0001-aaaaaaaa",
        changes=(Statement(says=words, evidence=("ledger",)),),
        freshness=freshness or Freshness(),
        files=("handoff.html", "launch_record.json"),
    )
    wave = WaveLine(
        name="wave_1",
        says=words,
        launches_on=date(2026, 12, 12),
        handoffs=(handoff,),
        since=date(2026, 11, 20),
        overdue=1,
    )
    shown = CustomerLine(slug="tiny", label=words, problems=(words,), waves=(wave,))
    return Site(as_of=AS_OF, customers=(shown, CustomerLine(slug="old", label=words, is_archived=True)))


def pages(words: str) -> list[str]:
    found = site(words)
    return [render_index(found), *(render_customer(each, AS_OF) for each in found.customers)]


def nodes(html: str) -> list[Element]:
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    return [node for node in tree.iter() if isinstance(node.tag, str)]


def shape(html: str) -> Counter[tuple[str, tuple[str, ...]]]:
    return Counter((node.tag, tuple(sorted(map(str, node.attrib)))) for node in nodes(html))


def links(html: str) -> list[str]:
    return [node.attrib["href"] for node in nodes(html) if "href" in node.attrib]


def text(html: str) -> str:
    return " ".join(" ".join("".join(node.itertext()) for node in nodes(html) if node.tag == "body").split())


def test_no_payload_adds_an_element_an_attribute_or_a_link() -> None:
    plain = [(shape(page), links(page)) for page in pages(blotted(POLYGLOT))]

    for name, group in GROUPS.items():
        shown = [(shape(page), links(page)) for page in pages(" ".join((*group, POLYGLOT)))]
        assert shown == plain, name


def test_signs_that_hide_or_reorder_are_seen() -> None:
    assert all("⟦U+202E⟧" in page for page in pages("Tiny \u202e Traders"))


def test_links_lead_to_files_of_the_site_only() -> None:
    index, customer, _ = pages("Tiny Traders")

    assert links(index) == [
        "#list",
        "tiny/index.html",
        "tiny/wave_1/2026-11-20-aaaaaaaa/handoff.html",
        "old/index.html",
    ]
    assert links(customer) == [
        "#list",
        "../index.html",
        "wave_1/2026-11-20-aaaaaaaa/handoff.html",
        "wave_1/2026-11-20-aaaaaaaa/launch_record.json",
    ]


def test_accepted_risks_and_open_work_share_no_element_class_or_word() -> None:
    for page in pages("Tiny Traders")[:2]:
        figures = [
            node for node in nodes(page) if node.tag == "p" and node.attrib.get("class") in ("work", "risk")
        ]
        words = [" ".join("".join(node.itertext()).split()) for node in figures]
        assert words == ["3 unresolved, 1 overdue", "2 accepted risks"]
        assert not {word for word in words[0].split() if word.isalpha()} & set(words[1].split())


def test_a_stale_page_says_of_which_day_it_is_and_what_came_since() -> None:
    stale = Freshness(decisions=("D-036", "D-037"), deliveries=("people",))

    shown = text(render_index(site(freshness=stale)))

    assert "As of 1 Dec 2026" in shown
    assert "Out of date: 2 decisions (D-036, D-037) and a new delivery (people) since." in shown


def test_what_changed_is_readable_without_a_script() -> None:
    page = render_index(site("12 accounts are exported now."))

    assert "What changed since the last one 12 accounts are exported now." in text(page)
    assert [node.attrib.get("hidden") for node in nodes(page) if node.tag == "form"] == [""]


def test_every_page_is_bound_to_its_own_style_and_script() -> None:
    for page in pages("Tiny Traders"):
        policy = next(node.attrib["content"] for node in nodes(page) if node.attrib.get("http-equiv"))
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert ("script-src 'sha256-" in policy) is any(node.tag == "script" for node in nodes(page))


def test_the_site_and_the_report_say_the_same_of_a_launch() -> None:
    full = full_record()
    waiting = full.model_copy(update={"export": None})
    assert full.export is not None
    whole = full.model_copy(
        update={"gates": (), "waiting": (), "export": full.export.model_copy(update={"left_out": ()})}
    )
    settled = whole.model_copy(update={"unresolved": (), "fates": ()})

    for record in (full, waiting, whole, settled):
        head = RecordHead.model_validate_json(record.model_dump_json())
        assert head.state == ReportView(record=record).state
    assert len({ReportView(record=record).state.words for record in (full, waiting, whole, settled)}) == 4
