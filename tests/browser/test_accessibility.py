from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.chromium import Look, opened, unfold

pytestmark = pytest.mark.slow

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LIGHT = [
    ("full", 1280), ("full", 390), ("wide", 390), ("empty", 1280), ("lumen_labs", 1280), ("northwind", 390),
]  # fmt: skip
"""Every record once, the one in which every kind of content stands in both widths."""
DARK = [("full", 1280), ("wide", 390), ("northwind", 390)]


def violations(page: Page, only: dict[str, object]) -> list[str]:
    """What axe finds: rule, first place, how many places."""
    options = {"runOnly": only, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]} ({len(each['nodes'])})" for each in found]


def of_every_rule(page: Page) -> list[str]:
    return violations(page, {"type": "tag", "values": list(RULES)})


@pytest.mark.parametrize(("name", "width"), LIGHT)
def test_axe_finds_no_violation_unfolded(
    chromium: Browser, report: Callable[[str], Path], name: str, width: int
) -> None:
    with opened(chromium, report(name), Look(width=width)) as seen:
        unfold(seen.page)

        assert of_every_rule(seen.page) == []


@pytest.mark.parametrize("name", ["full", "empty"])
def test_axe_finds_no_violation_folded(chromium: Browser, report: Callable[[str], Path], name: str) -> None:
    with opened(chromium, report(name), Look()) as seen:
        assert of_every_rule(seen.page) == []


@pytest.mark.parametrize(("name", "width"), DARK)
def test_axe_finds_no_violation_in_the_dark(
    chromium: Browser, report: Callable[[str], Path], name: str, width: int
) -> None:
    # A theme changes colours only; every other rule has been asked in the light.
    with opened(chromium, report(name), Look(width=width, is_dark=True)) as seen:
        unfold(seen.page)

        assert (
            violations(seen.page, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}) == []
        )


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_violation_in_the_results_of_a_search(
    chromium: Browser, report: Callable[[str], Path], is_dark: bool
) -> None:
    with opened(chromium, report("full"), Look(is_dark=is_dark)) as seen:
        seen.page.get_by_role("searchbox").fill("account")
        seen.page.get_by_role("region", name="Search results").wait_for()

        assert of_every_rule(seen.page) == []


def test_axe_would_find_text_that_is_too_pale_and_a_page_without_a_language(
    chromium: Browser, report: Callable[[str], Path], tmp_path: Path
) -> None:
    html = report("full").read_text(encoding="utf-8")
    path = tmp_path / "pale.html"
    path.write_text(html.replace('<html lang="en">', "<html>"), encoding="utf-8")
    with opened(chromium, path, Look()) as seen:
        seen.page.evaluate("document.querySelector('h1').style.color = '#ccc'")
        found = {each.split(":")[0] for each in of_every_rule(seen.page)}

    assert found == {"color-contrast", "html-has-lang"}
