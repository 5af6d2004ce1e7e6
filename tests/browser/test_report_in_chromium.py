import re
import struct
import zlib
from pathlib import Path

import pytest

from aformity_pipelines.handoff.render import render
from tests.browser.chromium import Browser, require_chromium
from tests.handoff.builders import empty_record, full_record, wide_record
from tests.handoff.hostile import PAYLOADS, rewritten

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(path=require_chromium(), folder=tmp_path_factory.mktemp("chromium"))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "handoff.html"
    path.write_text(render(full_record()), encoding="utf-8")
    return path


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Decode an 8-bit RGB(A) PNG into its rows of three-byte pixels, by ISO/IEC 15948's five filters."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) in ((8, 2), (8, 6))
    size, at, packed = 3 if colour == 2 else 4, 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw, rows, above = zlib.decompress(packed), [], bytearray(width * size)
    for y in range(height):
        start = y * (width * size + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * size]), above, size)
        rows.append(bytes(above))
    return width, height, [b"".join(row[x : x + 3] for x in range(0, len(row), size)) for row in rows]


def _unfiltered(kind: int, row: bytearray, above: bytearray, size: int) -> bytearray:
    for i in range(len(row)):
        left, up, corner = (row[i - size], above[i], above[i - size]) if i >= size else (0, above[i], 0)
        nearest = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
        row[i] = (row[i] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
    return row


def ground(rows: list[bytes]) -> tuple[int, int, int]:
    return tuple(rows[-1][:3])


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_first_screen_is_filled_at_this_width(
    browser: Browser, page: Path, width: int, height: int
) -> None:
    seen_width, seen_height, rows = pixels(browser.picture(page, width=width, height=height))

    assert (seen_width, seen_height) == (width, height)
    inked = [row for row in rows if row != rows[0]]
    assert len(inked) > height * 0.6


def test_dark_and_light_follow_the_readers_setting(browser: Browser, page: Path) -> None:
    light = pixels(browser.picture(page, width=390, height=300))
    dark = pixels(browser.picture(page, width=390, height=300, dark=True))

    assert min(ground(light[2])) > 230
    assert max(ground(dark[2])) < 40


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(browser: Browser, tmp_path: Path, width: int) -> None:
    # A page that is too wide shows up in the frame: the probe colours itself when its content overflows sideways.
    path = tmp_path / "wide.html"
    path.write_text(render(wide_record()).replace("<details>", "<details open>"), encoding="utf-8")
    probe = tmp_path / "probe.html"
    probe.write_text(
        f"<body style='margin:0'><iframe id=f src='{path.name}' style='width:{width}px;height:900px;border:0'></iframe>"
        "<script>f.onload=()=>{try{document.title=f.contentDocument.documentElement.scrollWidth}"
        "catch(e){document.title='blocked'}}</script>",
        encoding="utf-8",
    )

    dom = browser.dom_with_file_access(probe)

    assert re.search(r"<title>(.*?)</title>", dom).group(1) == str(width)


def test_the_print_has_every_section_unfolded(browser: Browser, page: Path) -> None:
    pdf = browser.printed(page)

    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 8


@pytest.mark.parametrize("record", [full_record(), empty_record()], ids=["full", "empty"])
def test_no_request_leaves_the_machine(browser: Browser, tmp_path: Path, record) -> None:
    path = tmp_path / "handoff.html"
    path.write_text(render(record), encoding="utf-8")

    assert browser.requests(path) == ()


def test_no_request_leaves_the_machine_with_hostile_text_in_every_field(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(render(rewritten(full_record(), lambda text: text + "".join(PAYLOADS))), encoding="utf-8")

    assert browser.requests(path) == ()


def test_the_network_log_would_show_a_request(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "leak.html"
    path.write_text("<img src='http://canary.invalid/x.png'>", encoding="utf-8")

    assert browser.requests(path) == ("http://canary.invalid/x.png",)


def test_a_link_to_a_decision_unfolds_the_history(browser: Browser, page: Path) -> None:
    assert browser.dom(page).count("<details open") == 0
    assert browser.dom(page, fragment="#D-006").count("<details open") == 1
