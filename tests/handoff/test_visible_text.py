import pytest

from aformity_pipelines.handoff.visible_text import exact, shortened, visible


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\u202egnp.exe", "⟦U+202E⟧gnp.exe"),
        ("a\u200bb", "a⟦U+200B⟧b"),
        ("\ufeffname", "⟦U+FEFF⟧name"),
        ("a\x00b\x7f", "a⟦U+0000⟧b⟦U+007F⟧"),
        ("a\tb", "a⟦U+0009⟧b"),
        ("soft\u00adhyphen", "soft⟦U+00AD⟧hyphen"),
        ("tag\U000e0041", "tag⟦U+E0041⟧"),
        ("a\ufe0f", "a⟦U+FE0F⟧"),
        ("\u3164", "⟦U+3164⟧"),
        ("\uffff", "⟦U+FFFF⟧"),
        ("\ue000", "⟦U+E000⟧"),
        ("a\nb\r\nc\rd\u2028e", "a⏎b⏎c⏎d⏎e"),
    ],
)
def test_characters_that_hide_or_reorder_are_shown_as_tokens(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "Grüße, 東京", "שלום", "नमस्ते", "❤️ 🚀", "e\u0301", "non\u00a0breaking", "⟦U+202E⟧"]
)
def test_ordinary_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_spaces_that_a_rule_removes_are_seen_in_examples() -> None:
    assert exact("  Harbour  Cold Store ") == "␣␣Harbour␣␣Cold Store␣"
    assert exact("Ridge\u00a0Ltd") == "Ridge⟦U+00A0⟧Ltd"


def test_a_long_label_is_cut_to_its_room_after_it_was_made_visible() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
    assert "\u202e" not in shortened("\u202e" * 20, 6)
