from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Look, opened, unfold
from tests.handoff.hostile import HANDLERS, JSON_BREAKOUTS, PAYLOADS, SCRIPTS

pytestmark = pytest.mark.slow

File = Callable[[str], Path]


def test_the_hostile_corpus_runs_nothing_asks_for_nothing_and_adds_no_global(
    chromium: Browser, report: File
) -> None:
    names = "[...Object.getOwnPropertyNames(window)].sort().join()"
    with opened(chromium, report("full"), Look()) as seen:
        globals_of_a_harmless_report = seen.page.evaluate(names)
    with opened(chromium, report("hostile"), Look()) as seen:
        unfold(seen.page)
        for press in seen.page.locator("summary").all()[:40]:
            press.dispatch_event("mouseover")
        seen.page.wait_for_timeout(200)

        assert seen.page.evaluate("window.hacked") is None
        assert seen.page.evaluate("({}).hacked") is None
        assert seen.page.evaluate(names) == globals_of_a_harmless_report
        assert seen.page.url == report("hostile").as_uri()
        assert (seen.asked, seen.said, seen.popped) == ([], [], [])


def test_a_search_over_hostile_text_shows_it_as_text(chromium: Browser, report: File) -> None:
    elements = "script, img, iframe, object, embed, form, base, link"
    with opened(chromium, report("hostile"), Look()) as seen:
        before = seen.page.locator(elements).count()
        for typed in (SCRIPTS[0], HANDLERS[0], JSON_BREAKOUTS[0], "img", "onerror", "\\", "(", "__proto__"):
            seen.page.get_by_role("searchbox").fill(typed)
            seen.page.wait_for_timeout(300)

            assert seen.page.evaluate("window.hacked") is None, typed
            assert seen.page.locator(elements).count() == before, typed
            assert (seen.asked, seen.said, seen.popped) == ([], [], []), typed


def test_a_page_that_runs_a_payload_would_be_seen(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "naive.html"
    path.write_text(f"<!doctype html><p>{' '.join(PAYLOADS[20:])}", encoding="utf-8")
    with opened(chromium, path, Look()) as seen:
        seen.page.wait_for_timeout(300)

        assert seen.asked
        assert seen.popped
