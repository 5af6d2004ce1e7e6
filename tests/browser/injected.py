"""Markup that slipped into a page of ours, in every form that could act: what the page's policy has to stop."""

import re
from pathlib import Path

from tests.browser.chromium import Seen

MARKUP = """<script>window.hacked = 1</script><img src="https://evil.example/a" onerror="window.hacked = 2">
<style>body { outline: 7px solid red }</style><p id="styled" style="outline: 7px solid red">x</p>
<link rel="stylesheet" href="https://evil.example/b"><iframe src="https://evil.example/c"></iframe>
<form action="https://evil.example/d"><button id="send">x</button></form>"""
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def injected(page: Path, copy: Path, *, keeps_policy: bool) -> Path:
    """Write a page with MARKUP in it, with or without its policy; return the copy."""
    html = page.read_text(encoding="utf-8").replace("</body>", f"{MARKUP}</body>")
    assert MARKUP in html
    copy.write_text(html if keeps_policy else POLICY.sub("", html), encoding="utf-8")
    return copy


def effects(seen: Seen) -> set[str]:
    """Return what the markup of an open page did: `script`, `style`, and what it asked for by its last letter."""
    found = set()
    if seen.page.evaluate("window.hacked !== undefined"):
        found.add("script")
    outlined = "getComputedStyle(document.querySelector(name)).outlineWidth === '7px'"
    for name in ("body", "#styled"):
        if seen.page.evaluate(f"name => {outlined}", name):
            found.add("style")
    seen.page.evaluate("document.querySelector('#send').click()")
    seen.page.wait_for_timeout(200)
    return found | {address[-1] if "?" not in address else "d" for address in seen.asked}
