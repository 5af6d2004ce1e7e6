from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Look, opened

pytestmark = pytest.mark.slow

File = Callable[[str], Path]


def box(page: Page) -> Locator:
    return page.get_by_role("searchbox")


def results(page: Page) -> Locator:
    return page.get_by_role("region", name="Search results")


@pytest.mark.parametrize("width", [1280, 390])
def test_typing_a_records_key_finds_its_answer(chromium: Browser, report: File, width: int) -> None:
    with opened(chromium, report("full"), Look(width=width)) as seen:
        box(seen.page).fill("A-0012")

        expect(results(seen.page)).to_contain_text("have no postal code")


def test_letters_accents_and_word_order_do_not_matter(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look()) as seen:
        box(seen.page).fill("DUARTE ines")

        expect(results(seen.page)).to_contain_text("Inés Duarte")


def test_the_keyboard_alone_searches_reaches_a_result_and_comes_back(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look()) as seen:
        seen.page.keyboard.press("/")
        expect(box(seen.page)).to_be_focused()
        seen.page.keyboard.type("region")
        expect(results(seen.page)).to_be_visible()
        seen.page.keyboard.press("Escape")

        expect(box(seen.page)).to_have_value("")
        expect(results(seen.page)).to_be_hidden()


def test_what_is_not_there_is_said_and_not_left_blank(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look()) as seen:
        box(seen.page).fill("zzz-no-such-record")

        expect(seen.page.get_by_role("search").get_by_role("status")).to_contain_text("No")


def test_the_number_of_answers_is_told_to_screen_readers(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look()) as seen:
        box(seen.page).fill("region")

        expect(seen.page.get_by_role("search").get_by_role("status")).to_contain_text("answer")


def test_without_script_no_search_box_is_shown_that_would_do_nothing(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look(has_script=False)) as seen:
        expect(seen.page.locator("input")).to_be_hidden()
