"""The site in a browser, from disk: nothing is asked for, axe finds nothing, and search finds a customer."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.site.collect import collect_site
from aformity_pipelines.stages.site.publish import publish_site
from tests.browser.chromium import Look, opened, unfold
from tests.browser.injected import effects, injected
from tests.builders.kept_handoffs import DUE_EARLY, DUE_LATE, RISK, customer, keep
from tests.builders.two_sources import REPOSITORY

pytestmark = pytest.mark.slow

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHANGES = {
    "since_wave": "wave_1",
    "since_version": "v0001-aaaaaaaa",
    "says": [{"says": "2 account rows that were held back are exported now.", "evidence": ["ledger"]}],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site")
    (root / "expectations").symlink_to(REPOSITORY / "expectations")
    workspace = Workspace(root=root, storage=root / "storage")
    customer(workspace, "tiny", "Tiny Traders")
    keep(workspace, "tiny", "2026-11-05-aaaaaaaa", unresolved=[DUE_EARLY] * 12)
    keep(
        workspace,
        "tiny",
        "2026-11-20-bbbbbbbb",
        unresolved=[DUE_EARLY, DUE_LATE],
        accepted_risks=[RISK],
        changes=CHANGES,
    )
    customer(workspace, "harbour", "Harbour & Sons Ltd")
    keep(workspace, "harbour", "2026-11-21-cccccccc")
    customer(workspace, "old", "Old Mill", status="archived")
    torn = customer(workspace, "torn") / "defs.yaml"
    torn.write_text(torn.read_text().replace("sources:", "sauces:"))
    publish_site(workspace, collect_site(workspace, date(2026, 12, 1)), workspace.site)
    # Only the site's folder goes to the CSM.
    return Path(shutil.copytree(workspace.site, root / "elsewhere"))


@pytest.mark.parametrize("page", ["index.html", "tiny/index.html", "torn/index.html"])
@pytest.mark.parametrize("look", [Look(), Look(is_dark=True), Look(width=390)])
def test_axe_finds_no_violation_and_nothing_is_asked_for(
    chromium: Browser, site: Path, page: str, look: Look
) -> None:
    with opened(chromium, site / page, look) as seen:
        unfold(seen.page)
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = Axe().run(seen.page, options=options).response["violations"]
        is_too_wide = seen.page.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found] == []
    assert not is_too_wide
    assert seen.is_quiet, (seen.asked, seen.said)


def test_a_customer_is_found_from_the_keyboard_and_the_report_is_two_keys_away(
    chromium: Browser, site: Path
) -> None:
    with opened(chromium, site / "index.html", Look()) as seen:
        page = seen.page
        page.keyboard.press("/")
        page.keyboard.type("tiny over")
        shown = page.locator(".customers > li:visible h2").all_inner_texts()
        said = page.inner_text("#found")
        page.keyboard.press("Escape")
        everybody = page.locator(".customers > li:visible").count()
        page.select_option("#only", "missing")
        missing = page.locator(".customers > li:visible h2").all_inner_texts()

    assert (shown, said, everybody) == (["Tiny Traders"], "1 of 4 customers", 4)
    assert missing == ["torn", "Old Mill"]


def test_without_script_every_word_is_readable_and_no_dead_search_box_is_there(
    chromium: Browser, site: Path
) -> None:
    with opened(chromium, site / "index.html", Look(has_script=False)) as seen:
        is_search_shown = seen.page.locator("form").is_visible()
        text = seen.page.inner_text("main")

    assert not is_search_shown
    assert "2 unresolved, 1 overdue" in text
    assert "1 accepted risk" in text
    assert "What changed since the last one" in text


def test_links_lead_from_the_list_to_every_report_within_the_folder(chromium: Browser, site: Path) -> None:
    for page in ("index.html", "tiny/index.html"):
        with opened(chromium, site / page, Look()) as seen:
            targets = [
                each.split("#")[0]
                for each in seen.page.eval_on_selector_all("a", "each => each.map(a => a.href)")
            ]
        assert [each for each in targets if not each.startswith(site.as_uri())] == []
        assert [each for each in targets if not Path(each.removeprefix("file://")).is_file()] == []


@pytest.mark.parametrize("page", ["index.html", "tiny/index.html"])
@pytest.mark.parametrize(
    ("keeps_policy", "done"), [(True, set()), (False, {"script", "style", "a", "b", "c", "d"})]
)
def test_markup_that_slipped_in_does_nothing_under_the_pages_policy(
    chromium: Browser, site: Path, tmp_path: Path, page: str, keeps_policy: bool, done: set[str]
) -> None:
    copy = injected(site / page, tmp_path / "injected.html", keeps_policy=keeps_policy)

    with opened(chromium, copy, Look()) as seen:
        assert effects(seen) == done
