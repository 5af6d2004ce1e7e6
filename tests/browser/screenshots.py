"""The documentation's pictures: `python -m tests.browser.screenshots` writes docs/pictures/*.png again.

Each is the report of a sample's golden launch record as a reader sees it: theme, width, print, a search.
A picture has at most 256 colours, so that a clone stays small.
"""

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from aformity_pipelines.handoff.render import render
from tests.browser.chromium import Look, launched, opened
from tests.browser.reports import sample

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES = 150_000
CUSTOMER = "lumen_labs"
A4 = (794, 1123)
"""A sheet of paper at 96 dots an inch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: its file's name, how the page is looked at, and what the reader does before."""

    name: str
    look: Look
    before: Callable[[Page], None] = lambda page: None
    part: str = ""
    """What is pictured; empty for what the window shows."""


def _search(page: Page) -> None:
    page.get_by_role("searchbox").fill("owner")
    page.get_by_role("region", name="Search results").wait_for()


def _print(page: Page) -> None:
    page.emulate_media(media="print")
    page.evaluate("document.body.style.padding = '16mm 14mm'")  # what @page gives the paper


def _unfold(heading: str) -> Callable[[Page], None]:
    def unfolded(page: Page) -> None:
        section = page.get_by_role("region", name=heading, exact=True)
        section.locator("summary").first.click()
        for inner in section.locator("details.group > summary").all()[:1]:
            inner.click()
        section.scroll_into_view_if_needed()

    return unfolded


SEEN = (
    Picture(name="report-1280-light", look=Look()),
    Picture(name="report-1280-dark", look=Look(is_dark=True)),
    Picture(name="report-390-light", look=Look(width=390, height=844)),
    Picture(name="report-390-dark", look=Look(width=390, height=844, is_dark=True)),
    Picture(name="report-print", look=Look(width=A4[0], height=A4[1]), before=_print),
    Picture(name="report-search", look=Look(), before=_search),
    Picture(name="report-search-390", look=Look(width=390, height=844), before=_search),
    Picture(name="report-fates", look=Look(), before=_unfold("Every row's fate"), part="svg.flow"),
    Picture(name="report-graph", look=Look(), before=_unfold("Lineage"), part="svg.graph"),
    Picture(name="report-lineage", look=Look(), before=_unfold("Lineage"), part="svg.lineage >> nth=0"),
    Picture(
        name="report-lineage-dark",
        look=Look(is_dark=True),
        before=_unfold("Lineage"),
        part="svg.lineage >> nth=0",
    ),
)


def write(folder: Path) -> None:
    """Write every picture into `folder`; raises ValueError where one is larger than a clone should carry."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page = Path(scratch) / "handoff.html"
        page.write_text(render(sample(CUSTOMER)), encoding="utf-8")
        browser = launched(playwright)
        for picture in SEEN:
            with opened(browser, page, picture.look) as seen:
                picture.before(seen.page)
                taken = (
                    seen.page.locator(picture.part).screenshot() if picture.part else seen.page.screenshot()
                )
            small = _small(taken)
            if len(small) > MOST_BYTES:
                raise ValueError(
                    f"{picture.name}: {len(small):,} bytes, at most {MOST_BYTES:,}; show less of it"
                )
            (folder / f"{picture.name}.png").write_bytes(small)
        browser.close()


def _small(png: bytes) -> bytes:
    few = Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    target = io.BytesIO()
    few.save(target, format="PNG", optimize=True)
    return target.getvalue()


if __name__ == "__main__":
    write(PICTURES)
