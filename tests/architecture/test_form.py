"""How the package is written, and that each of these checks can fail."""

import pytest

from tests.architecture import form
from tests.architecture.sources import Module, package

CATCH_ALLS = (
    "orchestration/location.py",
    "cli/main.py",
    "intake/contained/child.py",
    "intake/remote.py",  # every store behind fsspec has faults of its own
)
"""A broken customer must not hide the others; the command's last line of defence; the process that reads."""


def planted(text: str, path: str = "mapping/compile.py") -> list[Module]:
    return [Module(path=path, text=text)]


def test_no_module_is_too_long() -> None:
    assert form.long_modules(package()) == []


def test_no_function_is_too_long() -> None:
    assert form.long_functions(package()) == []


def test_every_module_and_public_definition_has_a_docstring() -> None:
    assert form.undocumented(package()) == []


def test_an_import_inside_a_function_gives_its_reason() -> None:
    assert form.hidden_imports(package()) == []


def test_every_silenced_line_gives_its_reason() -> None:
    assert form.silenced_without_reason(package()) == []


def test_names_say_what_they_name() -> None:
    assert form.empty_names(package()) == []


def test_any_exception_is_caught_in_few_places() -> None:
    assert form.catch_alls(package(), allowed=CATCH_ALLS) == []


def test_a_module_of_401_lines_is_found() -> None:
    assert form.long_modules(planted("x = 1\n" * 400)) == []
    assert form.long_modules(planted("x = 1\n" * 401)) == ["mapping/compile.py: 401 lines, 400 are the most"]


def test_a_function_of_61_lines_is_found() -> None:
    assert form.long_functions(planted("def f():\n" + "    x = 1\n" * 59)) == []
    assert len(form.long_functions(planted("class A:\n  def f(self):\n" + "    x = 1\n" * 60))) == 1


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("x = 1", 1),
        ('"""Say."""\ndef f(): ...', 1),
        ('"""Say."""\nclass A:\n    def f(self): ...', 2),
        ('"""Say."""\nclass A:\n    """Say."""\n    def f(self): ...', 1),
        ('"""Say."""\ndef _f(): ...', 0),
        ('"""Say."""\nclass _A:\n    def f(self): ...', 0),
        ('"""Say."""\nclass A:\n    """Say."""\n    def __len__(self): ...', 0),
    ],
)
def test_a_missing_docstring_is_found(text: str, missing: int) -> None:
    assert len(form.undocumented(planted(text))) == missing


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("    import json", 1),
        ("    import json  # noqa: PLC0415", 1),
        ("    import json  # noqa: PLC0415 - ", 1),
        ("    import json  # noqa: PLC0415 - slow", 0),
    ],
)
def test_an_import_inside_a_function_without_a_reason_is_found(line: str, found: int) -> None:
    assert len(form.hidden_imports(planted(f"def f():\n{line}"))) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("x = 1  # noqa", 1),
        ("x = 1  # noqa: E501", 1),
        ("x = 1  # noqa: E501 - a table", 0),
        ("# ruff: noqa: N805", 1),
        ("# ruff: noqa: N805 - the library calls it so", 0),
        ("x = f()  # type: ignore[no-untyped-call]", 1),
        ("x = f()  # type: ignore[no-untyped-call]  # it has no types", 0),
        ("x = f()  # type: ignore", 1),
        ("x = '# noqa'", 0),
    ],
)
def test_a_silenced_line_without_a_reason_is_found(line: str, found: int) -> None:
    assert len(form.silenced_without_reason(planted(line))) == found


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("mapping/utils.py", "", 1),
        ("common/sql.py", "", 1),
        ("mapping/sql_helpers.py", "", 1),
        ("mapping/sql.py", "class RowManager: ...", 1),
        ("mapping/sql.py", "def process_rows(): ...", 1),
        ("mapping/sql.py", "def metadata(): ...\ndef processed(): ...", 0),
    ],
)
def test_a_name_that_says_nothing_is_found(path: str, text: str, found: int) -> None:
    assert len(form.empty_names(planted(text, path))) == found


@pytest.mark.parametrize("caught", ["", " Exception", " (ValueError, Exception)", " BaseException as fault"])
def test_a_catch_all_is_found(caught: str) -> None:
    module = planted(f"try:\n    f()\nexcept{caught}:\n    pass")

    assert len(form.catch_alls(module, allowed=())) == 1
    assert form.catch_alls(module, allowed=["mapping/compile.py"]) == []
