"""Problems say where, what and what to do, and show the line."""

import time

import pytest

from aformity_pipelines.config.documents import read_document
from aformity_pipelines.config.problems import ConfigInvalid, Problem, did_you_mean, render, without_secrets
from aformity_pipelines.domain.drafts import DraftFile


def test_a_problem_is_rendered_with_its_line_and_a_caret() -> None:
    problem = Problem(path="customers/acme/mapping/contact.yaml", line=2, column=3, says="no", do="yes")

    assert render(problem, "a:\n  b: c\nd: e\n") == (
        "customers/acme/mapping/contact.yaml:2: no; yes\n"  #
        "  1 | a:\n"
        "  2 |   b: c\n"
        "    |   ^"
    )


def test_a_problem_of_a_whole_file_has_no_excerpt() -> None:
    assert render(Problem(path="x", says="is missing", do="write it"), "") == "x: is missing; write it"


def test_the_caret_stands_under_its_character_in_a_very_long_line() -> None:
    line = "." * 400 + "X" + "." * 400
    problem = Problem(path="x", line=1, column=401, says="no", do="yes")

    excerpt, caret = render(problem, line).splitlines()[1:]

    assert excerpt[caret.index("^")] == "X"
    assert len(excerpt) < 120


def test_control_characters_do_not_reach_the_terminal() -> None:
    problem = Problem(path="x", line=1, column=1, says="no", do="yes")

    assert "\x1b" not in render(problem, "a\x1b[31mb")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("url: s3://u:secretpw@h/x", "url: s3://••••••••••@h/x"),
        ("url: u:secretpw@h/x", "url: u:••••••••@h/x"),
        ("url: s3://u:secret@p/w@h/x", "url: s3://••••••••••••@h/x"),
        ("{url: 's3://h/x?key=secretpw', more: 1}", "{url: 's3://h/x?••••••••••••', more: 1}"),
        ("to: {ina: ina@acme.example}", "to: {ina: ina@acme.example}"),
        ("says: Who is it? See https://wiki.example/a", "says: Who is it? See https://wiki.example/a"),
    ],
)
def test_no_password_of_an_address_is_shown(written: str, shown: str) -> None:
    problem = Problem(path="x", line=1, column=1, says=f"no {written}", do="yes")

    headline, excerpt, _ = render(problem, written).splitlines()

    assert headline == f"x:1: no {shown}; yes"
    assert excerpt == f"  1 | {shown}"


def test_looking_for_passwords_in_a_very_long_line_takes_no_time() -> None:
    started = time.perf_counter()

    without_secrets("@" + "a:b ://?" * 200_000)

    assert time.perf_counter() - started < 2


def test_an_exception_carries_its_problems_in_the_order_of_the_files() -> None:
    late = Problem(path="b", line=1, says="late", do="x")
    early = Problem(path="a", line=9, says="early", do="x")

    error = ConfigInvalid([late, early, late])

    assert error.problems == (early, late)
    assert str(error) == "a:9: early; x\nb:1: late; x"


def test_a_close_name_is_proposed_whatever_its_case() -> None:
    assert did_you_mean("EMIAL", ["email", "phone"]) == "did you mean 'email'?"


def test_known_names_are_listed_where_none_is_close() -> None:
    assert did_you_mean("zzz", ["email", "phone"]) == "known are 'email', 'phone'"


def test_one_key_under_another_name_is_one_problem() -> None:
    for key in ("decisions", "decided"):
        with pytest.raises(ConfigInvalid) as refused:
            read_document(f"{key}: []\n", "answers.yaml", DraftFile)

        (problem,) = refused.value.problems
        assert (problem.line, "'decide'" in problem.do) == (1, True)


def test_a_key_that_stands_for_none_does_not_hide_one_that_is_missing() -> None:
    with pytest.raises(ConfigInvalid) as refused:
        read_document(
            "decide:\n- kind: decision_withdrawn\n  colour: red\n  withdraws: D-001\n"
            "  how_known: A call.\n  says: It ended.\n  why: It ended.\n",
            "answers.yaml",
            DraftFile,
        )

    assert {problem.says for problem in refused.value.problems} >= {
        "nothing here is called 'colour'",
        "`by` is missing in decide",
    }
