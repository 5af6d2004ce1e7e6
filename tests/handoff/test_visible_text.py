import pytest

from aformity_pipelines.handoff.visible_text import cells, exact, shortened, visible, wrapped


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


def test_wide_signs_take_two_cells_and_marks_none() -> None:
    assert cells("abc") == 3
    assert cells("東京") == 4
    assert cells("e\u0301") == 1
    assert shortened("東京都港区", 6) == "東京…"


def test_a_long_text_is_broken_between_words_and_its_last_line_cut() -> None:
    assert wrapped("trim, then lower", 40, lines=2) == ("trim, then lower",)
    assert wrapped("trim, then lower", 11, lines=2) == ("trim, then", "lower")
    assert wrapped("trim, then lower, then a value map", 12, lines=2) == ("trim, then", "lower, then…")
    assert wrapped("", 12, lines=2) == ()


def test_a_word_that_is_wider_than_a_line_is_cut_and_not_lost() -> None:
    assert wrapped("regexp_replace(x) y", 8, lines=2) == ("regexp_…",)
    assert wrapped("by regexp_replace(x)", 8, lines=2) == ("by", "regexp_…")
