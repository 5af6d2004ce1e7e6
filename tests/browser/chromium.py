"""Debian's Chromium, driven by Playwright: one browser for all tests, a context of its own for each page.

Nothing is downloaded: the browser is the one on PATH.  A page may ask for nothing but its own file.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--hide-scrollbars", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
NO_PAGE = "not an origin"


def require_chromium() -> str:
    """Return Chromium's path; skip the test where there is none, fail it where CI promises one."""
    path = shutil.which("chromium")
    if path is None:
        reason = "chromium is not on PATH, so the report cannot be looked at"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return str(path)


def launched(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium without a window."""
    return playwright.chromium.launch(executable_path=require_chromium(), args=[*QUIET, *flags])


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a reader looks at a page: window, theme, with or without script."""

    width: int = 1280
    height: int = 800
    is_dark: bool = False
    has_script: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One open page and all that it did beside being shown."""

    page: Page
    asked: list[str] = field(default_factory=list)
    """Addresses that it asked for, its own file left out; none of these requests left."""
    said: list[str] = field(default_factory=list)
    """What it wrote to the console, errors included."""
    popped: list[str] = field(default_factory=list)
    """Dialogs and windows that it opened."""

    @property
    def is_quiet(self) -> bool:
        """Whether it only was shown."""
        return not (self.asked or self.said or self.popped)


@contextmanager
def opened(browser: Browser, path: Path, look: Look, *, fragment: str = "") -> Iterator[Seen]:
    """Open the file at `path` as from disk, as `look` says."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.is_dark else "light",
        java_script_enabled=look.has_script,
        reduced_motion="reduce",
    )
    try:
        seen = Seen(page=context.new_page())
        _watch(seen, path.as_uri())
        seen.page.goto(path.as_uri() + fragment)
        yield seen
    finally:
        context.close()


def unfold(page: Page) -> None:
    """Open every folded part of the page, as a reader who wants it all."""
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")


def requests_of(playwright: Playwright, log: Path, *pages: Path) -> tuple[str, ...]:
    """Return every address that `pages` asked Chromium's network for; what Chromium asks itself has no origin."""
    browser = launched(playwright, f"--log-net-log={log}")
    page = browser.new_page()
    for path in pages:
        page.goto(path.as_uri())
    browser.close()
    events = json.loads(_closed(log.read_text(encoding="utf-8")))["events"]
    asked = (event.get("params", {}) for event in events)
    return tuple(each["url"] for each in asked if each.get("initiator", NO_PAGE) != NO_PAGE)


def _watch(seen: Seen, own: str) -> None:
    def answer(route: Route) -> None:
        if route.request.url.partition("#")[0] == own:
            route.continue_()
            return
        seen.asked.append(route.request.url)
        route.abort()

    seen.page.route("**/*", answer)
    seen.page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    seen.page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
    seen.page.on("dialog", lambda dialog: (seen.popped.append(dialog.message), dialog.dismiss()))
    seen.page.on("popup", lambda page: seen.popped.append(page.url))


def _closed(log: str) -> str:
    """Return a net log as JSON, which a browser that ends early leaves without its last brackets."""
    text = log.rstrip()
    return text if text.endswith("}") and text.count("]}") else text.rstrip(",") + "]}"
