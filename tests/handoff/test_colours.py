"""Contrast of the colours that carry text, in both themes, by WCAG 2.2's formula (1.4.3 and 1.4.11)."""

import re
from importlib.resources import files

import pytest

TEXT_ON = [
    ("ink", "paper"), ("ink", "card"), ("ink", "hover"), ("ink", "risk-ground"), ("ink", "work-ground"),
    ("soft", "paper"), ("soft", "card"), ("soft", "hover"), ("soft", "risk-ground"),
    ("accent", "paper"), ("accent", "card"), ("accent", "risk-ground"), ("accent", "hover"),
    ("good", "paper"), ("good", "card"), ("risk-ink", "paper"), ("risk-ink", "risk-ground"),
    ("work-ink", "paper"), ("work-ink", "card"), ("work-ink", "work-ground"), ("late", "late-ground"),
    ("card", "work-ink"), ("paper", "ink"), ("late", "paper"), ("late", "card"),
]  # fmt: skip
SHAPE_ON = [
    (fate, ground)
    for fate in ("exported", "merged", "excluded", "deferred", "unresolved")
    for ground in ("paper", "card")
]
SHAPE_ON += [
    ("risk-edge", "paper"),
    ("work-edge", "paper"),
    ("late", "paper"),
    ("field", "card"),
    ("field", "paper"),
]


def themes() -> dict[str, dict[str, str]]:
    css = (files("aformity_pipelines.handoff") / "templates" / "base.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.S)
    )
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(theme: str) -> None:
    colours = themes()[theme]
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in TEXT_ON}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_stand_out_from_their_ground(theme: str) -> None:
    colours = themes()[theme]
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in SHAPE_ON}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_both_themes_define_the_same_colours() -> None:
    assert themes()["light"].keys() == themes()["dark"].keys()
