import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright
from pypdf import PdfReader

from tests.browser.chromium import Look, opened, requests_of, unfold
from tests.browser.injected import effects, injected

pytestmark = pytest.mark.slow

File = Callable[[str], Path]
EVERY_RECORD = ["full", "empty", "wide", "lumen_labs", "northwind", "second_wave"]


def packed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def lightness(page: Page) -> int:
    """How light the page's ground is, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return max(map(int, re.findall(r"\d+", colour)[:3]))


def section_texts(page: Page) -> dict[str, str]:
    """Each folded section's title and the words in it, as the reader sees them unfolded."""
    unfold(page)
    return {
        section.get_by_role("heading", level=2).inner_text(): section.locator("details > :not(summary)")
        .first.inner_text()
        .strip()
        for section in page.locator("main > section:has(> details)").all()
    }


def test_dark_and_light_follow_the_readers_setting(chromium: Browser, report: File) -> None:
    with (
        opened(chromium, report("full"), Look()) as light,
        opened(chromium, report("full"), Look(is_dark=True)) as dark,
    ):
        assert lightness(light.page) > 230
        assert lightness(dark.page) < 40


@pytest.mark.parametrize("name", EVERY_RECORD)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(chromium: Browser, report: File, name: str, width: int) -> None:
    with opened(chromium, report(name), Look(width=width)) as seen:
        unfold(seen.page)

        assert seen.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", ["full", "lumen_labs", "northwind", "retested", "second_wave"])
def test_the_first_two_sections_fit_one_screen(chromium: Browser, report: File, name: str) -> None:
    with opened(chromium, report(name), Look(width=1280, height=800)) as seen:
        first, second = seen.page.locator("main > section").all()[:2]

        assert first.bounding_box()["y"] >= 0
        assert second.bounding_box()["y"] + second.bounding_box()["height"] <= 800


def test_pictures_keep_their_size_on_a_phone_and_scroll_in_their_own_region(
    chromium: Browser, report: File
) -> None:
    with opened(chromium, report("full"), Look(width=390, height=844)) as seen:
        unfold(seen.page)
        for picture in seen.page.locator("svg[role=img]").all():
            drawn = picture.evaluate("it => [it.getBoundingClientRect().width, it.viewBox.baseVal.width]")
            frame = picture.locator("xpath=..")

            assert drawn[0] == drawn[1]
            assert frame.evaluate("it => it.scrollWidth > it.clientWidth")
            assert frame.get_attribute("tabindex") == "0"
            assert frame.get_attribute("aria-label")


@pytest.mark.parametrize("name", ["full", "wide", "lumen_labs", "northwind"])
def test_no_label_of_a_picture_leaves_the_picture_or_its_box(
    chromium: Browser, report: File, name: str
) -> None:
    with opened(chromium, report(name), Look()) as seen:
        unfold(seen.page)
        outside = seen.page.evaluate(
            """() => [...document.querySelectorAll('svg[role=img] text')].filter(text => {
                 const box = text.getBoundingClientRect(), all = text.ownerSVGElement.getBoundingClientRect()
                 const shape = [...text.parentElement.children].find(it => it.matches('.lineage-pill, .graph-shape'))
                 const own = shape ? shape.getBoundingClientRect() : all
                 return box.left < own.left - 1 || box.right > own.right + 1 || box.bottom > all.bottom + 1
               }).map(text => text.textContent)"""
        )

        assert outside == []


@pytest.mark.parametrize("name", ["full", "lumen_labs"])
def test_the_print_has_every_section_unfolded(chromium: Browser, report: File, name: str) -> None:
    with opened(chromium, report(name), Look()) as seen:
        printed = seen.page.pdf(prefer_css_page_size=True)
        texts = section_texts(seen.page)
    paper = packed("".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages))

    assert len(texts) >= 12
    assert [title for title in texts if packed(title) not in paper] == []
    assert [title for title, text in texts.items() if packed(text.splitlines()[0]) not in paper] == []


def test_the_print_of_a_whole_migration_can_be_carried_to_a_meeting(chromium: Browser, report: File) -> None:
    with opened(chromium, report("lumen_labs"), Look()) as seen:
        printed = PdfReader(io.BytesIO(seen.page.pdf(prefer_css_page_size=True, format="A4")))
    paper = "".join(page.extract_text() for page in printed.pages)

    assert len(printed.pages) <= 25
    assert packed("Not printed: search this report on a screen") in packed(paper)


def test_without_script_every_section_unfolds_and_reads_the_same(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look()) as seen:
        texts = section_texts(seen.page)
    with opened(chromium, report("full"), Look(has_script=False)) as seen:
        for section in seen.page.locator("main > section:has(> details)").all():
            for summary in section.locator("summary").all():
                summary.click()
            title = section.get_by_role("heading", level=2).inner_text()
            shown = section.locator("details > :not(summary)").first.inner_text().strip()

            assert packed(shown) == packed(texts[title])
        assert seen.is_quiet


@pytest.mark.parametrize("name", EVERY_RECORD)
def test_the_page_asks_for_nothing_and_has_nothing_to_complain_about(
    chromium: Browser, report: File, name: str
) -> None:
    with opened(chromium, report(name), Look()) as seen:
        unfold(seen.page)
        seen.page.mouse.wheel(0, 20_000)

        assert (seen.asked, seen.said, seen.popped) == ([], [], [])


def test_no_request_leaves_the_machine(playwright: Playwright, report: File, tmp_path: Path) -> None:
    pages = [report(name) for name in ("full", "empty", "hostile")]

    assert requests_of(playwright, tmp_path / "net-log.json", *pages) == ()


def test_the_network_log_would_show_a_request(playwright: Playwright, tmp_path: Path) -> None:
    path = tmp_path / "leak.html"
    path.write_text("<img src='http://canary.invalid/x.png'>", encoding="utf-8")

    assert requests_of(playwright, tmp_path / "net-log.json", path) == ("http://canary.invalid/x.png",)


@pytest.mark.parametrize(
    ("keeps_policy", "done"), [(True, set()), (False, {"script", "style", "a", "b", "c", "d"})]
)
def test_markup_that_slipped_in_acts_only_without_the_policy(
    chromium: Browser, report: File, tmp_path: Path, keeps_policy: bool, done: set[str]
) -> None:
    path = injected(report("full"), tmp_path / "injected.html", keeps_policy=keeps_policy)

    with opened(chromium, path, Look()) as seen:
        assert effects(seen) == done
        assert any("Content Security Policy" in line for line in seen.said) is keeps_policy


def test_a_link_to_a_decision_unfolds_the_history(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look(has_script=False)) as seen:
        assert not seen.page.locator("#D-006").is_visible()
    with opened(chromium, report("full"), Look(has_script=False), fragment="#D-006") as seen:
        assert seen.page.locator("#D-006").is_visible()


def test_the_keyboard_reaches_the_report_and_unfolds_a_section(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look()) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.textContent") == "Skip to the report"
        fold = seen.page.locator("main > section > details").first
        fold.locator("summary").focus()
        seen.page.keyboard.press("Enter")

        assert fold.get_attribute("open") is not None
