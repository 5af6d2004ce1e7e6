import re
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from xml.etree.ElementTree import Element
from zlib import crc32

import html5lib
import jinja2
import pytest

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.render import environment
from aformity_pipelines.handoff.render import page_of as render
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.report_words import SKIPPED_WORDS, lines_of
from aformity_pipelines.intake.reading import SkipKind
from tests.handoff.builders import deliveries, empty_record, full_record, wide_record
from tests.handoff.hostile import rewritten

SECTIONS = (
    "glance",
    "questions",
    "changes",
    "updates",
    "waves",
    "answers",
    "mapping",
    "accepted",
    "unresolved",
    "reported",
    "deferred",
    "excluded",
    "merged",
    "history",
    "fates",
    "lineage",
    "losses",
    "files",
)
LITTLE_WORDS = {
    "a",
    "and",
    "all",
    "an",
    "are",
    "as",
    "at",
    "be",
    "by",
    "for",
    "from",
    "had",
    "has",
    "have",
    "here",
    "if",
    "in",
    "is",
    "it",
    "its",
    "more",
    "most",
    "must",
    "no",
    "of",
    "on",
    "or",
    "that",
    "the",
    "then",
    "there",
    "this",
    "to",
    "was",
    "what",
    "who",
    "with",
    "would",
}


@lru_cache(maxsize=4)
def parsed(html: str) -> Element:
    """Parse a page; many tests ask about the same one, and none changes it."""
    return html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)


def by_id(html: str, id: str) -> Element:
    (found,) = [node for node in parsed(html).iter() if node.get("id") == id]
    return found


def said(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())


def classes(node: Element) -> Iterator[str]:
    return (name for each in node.iter() for name in each.get("class", "").split())


@pytest.fixture(scope="module")
def html() -> str:
    return render(full_record())


@pytest.mark.parametrize(
    "record", [full_record(), empty_record(), wide_record()], ids=["full", "empty", "wide"]
)
def test_every_section_is_there_and_says_something(record: LaunchRecord) -> None:
    report = render(record)

    for section in SECTIONS:
        assert len(said(by_id(report, section))) > 20, section


@pytest.mark.parametrize(
    "record", [full_record(), empty_record(), wide_record()], ids=["full", "empty", "wide"]
)
def test_the_page_is_valid_html_with_one_headline_and_no_id_twice(record: LaunchRecord) -> None:
    report = render(record)
    html5lib.HTMLParser(strict=True).parse(report)
    nodes = list(parsed(report).iter())

    assert len([node for node in nodes if node.tag == "h1"]) == 1
    ids = [node.get("id") for node in nodes if node.get("id")]
    assert len(ids) == len(set(ids))
    targets = {node.get("href", "")[1:] for node in nodes if node.tag == "a"}
    assert targets <= set(ids)


def test_the_policy_allows_the_pages_own_style_and_script_by_hash_and_nothing_else(html: str) -> None:
    nodes = list(parsed(html).iter())
    (policy,) = [n.get("content", "") for n in nodes if n.get("http-equiv") == "Content-Security-Policy"]
    (style,) = [node.text or "" for node in nodes if node.tag == "style"]
    (script,) = [node.text or "" for node in nodes if node.tag == "script"]

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{hashed(style)}'",
        f"script-src 'sha256-{hashed(script)}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not [
        node for node in nodes if node.get("style") or node.tag in ("link", "iframe", "object", "img")
    ]
    assert not [node for node in nodes for name in node.attrib if str(name).startswith("on")]


def hashed(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def test_the_page_names_no_address_and_its_script_writes_no_markup(html: str) -> None:
    (script,) = [node.text or "" for node in parsed(html).iter("script")]
    writes = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|fetch|import"

    assert "http:" not in html.replace("http-equiv", "")
    assert "https:" not in html
    assert "url(" not in html
    assert not re.search(writes, script)


def test_every_table_has_a_caption_and_every_head_a_scope(html: str) -> None:
    for table in parsed(html).iter("table"):
        assert table[0].tag == "caption"
        assert all(head.get("scope") in ("col", "row", "rowgroup") for head in table.iter("th"))


def test_accepted_risks_and_unresolved_work_share_no_class(html: str) -> None:
    accepted, unresolved = set(classes(by_id(html, "accepted"))), set(classes(by_id(html, "unresolved")))

    assert len(accepted) >= 4
    assert len(unresolved) >= 8
    assert not accepted & unresolved


def test_accepted_risks_and_unresolved_work_share_no_word_of_ours() -> None:
    # Every word of the record is blotted out; what remains are headings, labels and sentences of the report.
    html = render(rewritten(full_record(), lambda text: str(crc32(text.encode()))))
    words = {
        id: set(re.findall(r"[a-z]+", said(by_id(html, id)).lower())) - LITTLE_WORDS
        for id in ("accepted", "unresolved")
    }

    # Both name rows, dates, people and the place of the rest as the whole report does.
    assert words["accepted"] & words["unresolved"] <= {"rows", "export", "s", "ledger", "nov", "customer"}
    assert words["accepted"] >= {"agreed", "covers"}
    assert words["unresolved"] >= {"due", "holds", "act"}


def test_fates_add_up_in_every_line_that_is_shown(html: str) -> None:
    (table,) = [node for node in by_id(html, "fates").iter("table") if node.get("class") == "sums"]
    lines = [[int(said(cell).replace(",", "")) for cell in row.iter("td")] for row in table.iter("tr")][1:]

    assert len(lines) == 7
    assert all(sum(line[:-1]) == line[-1] for line in lines)
    assert lines[-1][-1] == sum(outcome.delivered for outcome in full_record().outcomes)


def test_a_glance_tells_the_state_and_the_numbers(html: str) -> None:
    glance = said(by_id(html, "glance"))

    assert "Launching in part" in glance
    assert "1,180 of 1,284 ready" in glance
    assert "38 deferred" in glance


def test_without_derived_questions_the_most_pressing_work_stands_first() -> None:
    record = full_record().model_copy(update={"waiting": (), "open_questions": ()})
    asked = said(by_id(render(record), "questions"))

    assert (
        asked.index("Six invoice addresses")
        < asked.index("Eight sign-ins")
        < asked.index("Twenty-five contacts")
    )


def test_every_statement_shows_its_evidence_and_decisions_link_to_the_log(html: str) -> None:
    glance = by_id(html, "glance")

    assert [node.get("href") for node in glance.iter("a")] == ["#files", "#files", "#D-006", "#files"]
    assert by_id(html, "D-006").tag == "li"


def test_evidence_that_is_no_decision_of_this_log_is_not_a_link() -> None:
    record = full_record().model_copy(update={"history": ()})

    assert "#D-006" not in render(record)
    assert "<code>D-006</code>" in render(record)


def test_long_lists_of_rows_show_thirty_and_say_how_many_more() -> None:
    record = full_record()
    (first, *others) = record.accepted_risks
    long = first.model_copy(update={"rows": tuple(f"row:{n}" for n in range(1, 41)), "row_count": 40})
    report = render(record.model_copy(update={"accepted_risks": (long, *others)}))
    accepted = said(by_id(report, "accepted"))

    assert "row:30" in accepted
    assert "row:31" not in accepted
    assert "and 10 more, in the export's ledger" in accepted


def test_rows_are_named_by_their_label_and_keep_their_id_as_title(html: str) -> None:
    work = by_id(html, "unresolved")

    assert "accounts_nov.csv: A-0012 (row 13). crm_accounts:13" in said(work)
    assert "crm_accounts:12" in {node.get("title") for node in work.iter("span")}
    assert "A-0977accounts_nov.csv, row 978" in said(by_id(html, "merged"))


def test_a_moment_for_which_nothing_is_live_is_not_called_ready(html: str) -> None:
    states = [
        said(node) for node in by_id(html, "glance").iter("span") if node.get("class") == "moment-state"
    ]

    assert states[1] == "Nothing brought"
    assert states[0] == "8 rows held back"
    assert states[4] == "Ready"
    assert "brings no users" in said(by_id(html, "glance"))


def test_corrected_values_are_counted_apart_and_lead_to_their_decision(html: str) -> None:
    field_map = by_id(html, "mapping")

    assert "212 changed, 3 corrected in D-006" in said(field_map)


def test_a_formula_is_named_in_words_and_shown_only_on_demand(html: str) -> None:
    field_map = by_id(html, "mapping")

    assert "CASE WHEN" not in said(field_map)
    assert "CASE WHEN 1 THEN 2 END" in {node.get("title") for node in field_map.iter("code")}


def test_findings_that_are_only_listed_have_their_own_section(html: str) -> None:
    reported = said(by_id(html, "reported"))

    assert "2 Accounts A website is a full address." in reported
    assert "1 field mapping is not approved as it stands: role" in reported
    assert not set(classes(by_id(html, "reported"))) & set(classes(by_id(html, "accepted")))
    assert not set(classes(by_id(html, "reported"))) & set(classes(by_id(html, "unresolved")))


def test_a_launch_without_accepted_risks_still_points_to_what_is_listed() -> None:
    report = render(full_record().model_copy(update={"accepted_risks": ()}))

    assert "nothing here that a customer would have to be told" not in said(by_id(report, "accepted"))
    assert "known and listed" in said(by_id(report, "accepted"))


def test_open_work_that_holds_nothing_back_says_so_and_needs_no_moment() -> None:
    record = full_record()
    (first, *others) = record.unresolved
    idle = first.model_copy(update={"holds": 0, "moment": ""})
    report = render(record.model_copy(update={"unresolved": (idle, *others)}))

    assert "Holds nothing back; it is about 6 rows of Accounts:" in said(by_id(report, "unresolved"))
    assert "needed for :" not in said(by_id(report, "unresolved"))


def test_the_header_names_the_wave(html: str) -> None:
    (header,) = parsed(html).iter("header")

    assert "Launch handoff · First" in said(header)


def test_a_list_that_the_record_itself_cut_is_counted_in_full() -> None:
    record = full_record()
    (first, *others) = record.unresolved
    held = first.model_copy(update={"row_count": 5000, "holds": 5000})
    report = render(record.model_copy(update={"unresolved": (held, *others)}))

    assert "Holds back 5,000 rows" in said(by_id(report, "unresolved"))
    assert "and 4,994 more, in the export's ledger" in said(by_id(report, "unresolved"))


def test_all_but_the_first_screen_starts_folded(html: str) -> None:
    page = parsed(html)
    (main,) = page.iter("main")
    sections = [section for section in main if section.tag == "section"]

    assert [section[0].tag for section in sections] == ["h2", "div"] + ["details"] * (len(SECTIONS) - 2)
    assert not [fold for fold in page.iter("details") if "open" in fold.attrib]


def test_an_empty_record_says_so_without_an_empty_table() -> None:
    report = render(empty_record())

    assert not list(parsed(report).iter("table"))
    assert "No risk had to be accepted" in report
    assert "nobody has to act" in report


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"export": None}, "Waiting: nothing is exported yet"),
        ({}, "Launching in part"),
        ({"gates": (), "unresolved": ()}, "Launching in part"),
    ],
)
def test_the_launch_state_follows_from_export_gates_and_open_work(
    change: dict[str, object], words: str
) -> None:
    assert ReportView(record=full_record().model_copy(update=change)).state.words == words


def test_only_a_launch_without_unresolved_rows_is_called_settled() -> None:
    record = full_record().model_copy(update={"waiting": ()})
    whole = record.export.model_copy(update={"left_out": ()})
    held = record.model_copy(update={"export": whole, "gates": (), "unresolved": ()})
    settled = held.model_copy(update={"fates": tuple(row for row in held.fates if row.fate != "unresolved")})

    assert ReportView(record=held).state.words == "Ready, with unresolved work"
    assert ReportView(record=settled).state.words == "Ready: every row is settled"


def test_the_same_record_gives_the_same_bytes() -> None:
    assert render(full_record()) == render(LaunchRecord.model_validate_json(full_record().model_dump_json()))


def test_a_name_that_the_record_does_not_have_is_an_error() -> None:
    template = environment().from_string("{{ record.no_such_field }}")

    with pytest.raises(jinja2.UndefinedError, match="no_such_field"):
        template.render(record=full_record())


def test_an_absent_value_is_never_printed() -> None:
    template = environment().from_string("{{ record.export }}")

    with pytest.raises(ValueError, match="does not have"):
        template.render(record=empty_record())


def test_every_kind_of_skipped_row_has_words_in_the_report() -> None:
    assert set(SKIPPED_WORDS) == {kind.value for kind in SkipKind}


def test_the_rows_of_each_file_add_up_in_the_report() -> None:
    said = lines_of(deliveries()[1])

    assert (
        said == "5,124 rows: 5,118 read + 2 that could not be read + 2 above the header + 1 header + 1 blank"
    )


def test_an_entity_whose_only_file_waits_says_so_instead_of_nothing() -> None:
    record = full_record()
    none = [one.model_copy(update={"delivered": 0, "fates": {}, "records": 0}) for one in record.outcomes]
    html = render(record.model_copy(update={"outcomes": tuple(none)}))

    assert html.count("contacts_south.csv waits, and nobody can count its rows yet") == 1
    assert html.count("Nothing was delivered") == len(none) - 1
