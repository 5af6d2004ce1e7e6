"""How bytes become text: proved by a mark, found by what the bytes make, or asked about."""

from pathlib import Path

import pytest

from aformity_pipelines.intake.refusal import NotUnderstood, QuestionKind
from aformity_pipelines.intake.text.encoding import Utf8Text, as_utf8

TEXT = "id,name\n1,José Müller\n2,Zoë d’Arc\n"


@pytest.fixture
def decoded(tmp_path: Path):
    def decode(content: bytes, hint: str | None = None) -> tuple[Utf8Text, bytes]:
        file = tmp_path / "names.csv"
        file.write_bytes(content)
        text = as_utf8(file, hint, scratch=tmp_path / "names.utf8", name="names.csv")
        return text, text.path.read_bytes()[text.start :]

    return decode


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252"],
)
def test_a_usual_encoding_is_found_without_a_question(decoded, encoding: str) -> None:
    text, content = decoded(TEXT.encode(encoding))
    assert (content.decode(), text.questions) == (TEXT, ())


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xff\xfe", "utf-32-le"), (b"\xfe\xff", "utf-32-be")], ids=["little", "big"]
)
def test_the_mark_of_another_encoding_deceives_nobody(decoded, mark: bytes, encoding: str) -> None:
    text, content = decoded(mark + TEXT.encode(encoding))
    assert (content.decode(), text.encoding) == (TEXT, encoding)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("mac_roman", "José Müller,Köln,Besançon"),
        ("cp850", "José Müller,Köln,Größe"),
        ("cp1251", "Москва,Иван Петров"),
        ("koi8_r", "Москва,Иван Петров"),
        ("cp1253", "Αθήνα,Γιώργος"),
        ("shift_jis", "東京,こんにちは"),
    ],
)
def test_another_legacy_encoding_is_asked_about_with_the_right_proposal(
    decoded, encoding: str, words: str
) -> None:
    text, content = decoded(f"a,b\n{words}\n".encode(encoding))
    (question,) = text.questions
    assert (question.kind, question.proposal.encoding) == (QuestionKind.ENCODING, encoding)
    assert words in content.decode()
    assert decoded(f"a,b\n{words}\n".encode(encoding), question.proposal.encoding)[0].questions == ()


def test_hard_spaces_behind_words_are_not_taken_for_letters(decoded) -> None:
    text, _ = decoded("Bank\u00a0,City\u00a0,State\u00a0\nFirst–Citizens,York,GA\n".encode("cp1252"))
    assert text.encoding == "cp1252"


def test_letters_that_nothing_decides_are_asked_about(decoded) -> None:
    text, _ = decoded("name\nŁódź\n".encode("cp1250"))
    assert [question.kind for question in text.questions] == [QuestionKind.ENCODING]
    assert text.is_assumed


def test_a_few_bytes_that_do_not_fit_leave_it_utf_8(decoded) -> None:
    content = TEXT.encode() + b"3,Ren\xe9e\n"
    text, read = decoded(content)
    assert (text.encoding, text.questions, read) == ("utf-8", (), content)
    assert "1 bytes do not" in text.because


def test_utf_8_that_was_told_may_hold_such_bytes_too(decoded) -> None:
    content = TEXT.encode() + b"3,Ren\xe9e\n"
    assert decoded(content, "utf-8")[1] == content


def test_controls_left_by_a_wrong_encoding_are_asked_about(decoded) -> None:
    text, _ = decoded("name\nd\x92Arc\n".encode())
    (question,) = text.questions
    assert (question.proposal.encoding, "1 characters are controls" in question.what) == ("utf-8", True)


def test_a_character_across_blocks_is_one_character(decoded, monkeypatch) -> None:
    monkeypatch.setattr("aformity_pipelines.intake.text.encoding._BLOCK", 7)
    text, _ = decoded(TEXT.encode() * 3)
    assert (text.because, text.questions) == ("every byte fits UTF-8", ())


def test_a_file_cut_within_a_character_stays_utf_8(decoded) -> None:
    text, _ = decoded(TEXT.encode() + b"3,Zo\xc3")
    assert (text.encoding, text.questions) == ("utf-8", ())


@pytest.mark.parametrize(("hint", "message"), [("klingon", "unknown encoding"), ("zip", "no text encoding")])
def test_a_hint_that_is_no_encoding_is_refused(decoded, hint: str, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        decoded(b"a\n", hint)


def test_bytes_that_do_not_fit_a_told_encoding_are_refused(decoded) -> None:
    with pytest.raises(NotUnderstood, match=r"byte 2 \(0x81\) does not fit"):
        decoded(b"a\n\x81\n", "cp1252")
