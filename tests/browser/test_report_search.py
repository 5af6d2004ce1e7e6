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


def test_a_record_without_an_answer_of_its_own_is_told_what_holds_for_all(
    chromium: Browser, report: File
) -> None:
    with opened(chromium, report("northwind"), Look()) as seen:
        box(seen.page).fill("nw-c-AROUT-contact job title")

        expect(results(seen.page)).to_contain_text("Job title: taken over as it is from Customers.csv")
        expect(seen.page.get_by_role("search").get_by_role("status")).to_contain_text("No answer of its own")


def test_an_answer_that_names_all_of_its_records_is_not_given_for_another_one(
    chromium: Browser, report: File
) -> None:
    with opened(chromium, report("lumen_labs"), Look()) as seen:
        box(seen.page).fill("S-99999 end date")

        expect(results(seen.page)).to_contain_text("End date:")
        expect(results(seen.page)).not_to_contain_text("The end date is blank")


def test_a_question_may_be_typed_as_it_was_asked(chromium: Browser, report: File) -> None:
    with opened(chromium, report("lumen_labs"), Look()) as seen:
        box(seen.page).fill("Why is the owner of 000005 empty?")

        expect(results(seen.page)).to_contain_text("Fourteen accounts launch without an owner")


def test_where_a_record_is_comes_before_what_a_field_of_it_says(chromium: Browser, report: File) -> None:
    with opened(chromium, report("lumen_labs"), Look()) as seen:
        box(seen.page).fill("000051")

        expect(results(seen.page).locator("h2").first).to_contain_text("Still open")


def test_a_fragment_that_is_no_name_breaks_nothing(chromium: Browser, report: File) -> None:
    with opened(chromium, report("full"), Look(), fragment="#%") as seen:
        box(seen.page).fill("region")

        expect(results(seen.page)).to_be_visible()
        assert seen.is_quiet


@pytest.mark.parametrize("asked", ["merged duplicate", "Why was it excluded?", "in a later wave"])
def test_what_did_not_happen_is_said_plainly(chromium: Browser, report: File, asked: str) -> None:
    with opened(chromium, report("northwind"), Look()) as seen:
        box(seen.page).fill(asked)

        expect(results(seen.page).locator("li").first).to_contain_text("Nothing")
