"""Chromium without a window: pictures and prints of one local file, and a log of what it asked the network for."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-default-apps", "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
)  # fmt: skip
NO_PAGE = "not an origin"


def require_chromium() -> str:
    """Return Chromium's path; skip the test where there is none, fail it where CI promises one."""
    path = shutil.which("chromium")
    if path is None:
        reason = "chromium is not on PATH, so the report cannot be looked at"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return str(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """One Chromium with a profile of its own."""

    path: str
    folder: Path

    def picture(self, page: Path, *, width: int, height: int, dark: bool = False) -> bytes:
        """Return a PNG of what a window of this size shows."""
        target = self.folder / f"{page.stem}-{width}-{'dark' if dark else 'light'}.png"
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        self._run(page, f"--screenshot={target}", f"--window-size={width},{height}", scheme)
        return target.read_bytes()

    def printed(self, page: Path) -> bytes:
        """Return a PDF of the page as it is printed."""
        target = self.folder / f"{page.stem}.pdf"
        self._run(page, f"--print-to-pdf={target}")
        return target.read_bytes()

    def dom(self, page: Path, *, fragment: str = "") -> str:
        """Return the page's markup after Chromium has loaded it."""
        return self._run(page, "--dump-dom", fragment=fragment)

    def dom_with_file_access(self, page: Path) -> str:
        """Return the markup of a probe of ours that may look into a frame from the same folder."""
        return self._run(page, "--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=3000")

    def requests(self, page: Path) -> tuple[str, ...]:
        """Return every address that the page asked for; what Chromium asks for itself has no origin."""
        log = self.folder / "net-log.json"
        self._run(page, f"--log-net-log={log}", f"--screenshot={self.folder / 'asked.png'}")
        events = json.loads(_closed(log.read_text(encoding="utf-8")))["events"]
        asked = (event.get("params", {}) for event in events)
        return tuple(each["url"] for each in asked if each.get("initiator", NO_PAGE) != NO_PAGE)

    def _run(self, page: Path, *flags: str, fragment: str = "") -> str:
        profile = f"--user-data-dir={self.folder / 'profile'}"
        command = [self.path, *QUIET, profile, *flags, page.as_uri() + fragment]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


def _closed(log: str) -> str:
    """Return a net log as JSON, which a browser that ends early leaves without its last brackets."""
    text = log.rstrip()
    return text if text.endswith("}") and text.count("]}") else text.rstrip(",") + "]}"
