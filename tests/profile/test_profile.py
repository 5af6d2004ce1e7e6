"""What a raw table looks like: types and formats, unusual values, keys, duplicates."""

import json
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.domain.profile import TableProfile, UnusualKind, ValueType
from aformity_pipelines.profile.oddities import IS_ODD
from aformity_pipelines.profile.table import changes_since, profile, read_profile, write_profile
from aformity_pipelines.profile.tally import TALLY, tally

TYPES = [
    (["1", "20", "-3"], ValueType.INTEGER, ""),
    (["00107", "20001", "30002"], ValueType.CODE, "leading zeros"),
    (["12345678901234567890", "22345678901234567890"], ValueType.CODE, "long numbers"),
    (["A-17", "B-18", "C-19"], ValueType.CODE, ""),
    (["12.50", "3.1", "4"], ValueType.DECIMAL, "decimal point"),
    (["1.234,50", "3,1", "4,25"], ValueType.DECIMAL, "decimal comma"),
    (["1,234", "5,678"], ValueType.DECIMAL, "AMBIGUOUS: thousands or decimal comma, in 2"),
    (["12.50", "3,10"], ValueType.DECIMAL, "decimal signs MIXED: 1 with a point, 1 with a comma"),
    (["$1,200.00", "$3", "€ 4.50"], ValueType.MONEY, ""),
    (["5 %", "7.5%"], ValueType.PERCENT, ""),
    (["2024-01-31", "2024-02-01"], ValueType.DATE, "YYYY-MM-DD"),
    (["31.01.2024", "01.02.2024"], ValueType.DATE, "DD.MM.YYYY"),
    (["1/31/24", "2/1/24"], ValueType.DATE, "MM/DD/YY"),
    (["02/03/04", "01/02/03"], ValueType.DATE, "AMBIGUOUS: day or month first, in 2"),
    (
        ["31/01/2024", "01/31/2024", "01/02/2024"],
        ValueType.DATE,
        "day and month order MIXED: 1 day first, 1 month first, 1 either",
    ),
    (["20240131", "20240201", "20231224"], ValueType.DATE, "YYYYMMDD"),
    (["2024-01-31T10:00:00Z", "2024-01-31 10:00"], ValueType.TIMESTAMP, "YYYY-MM-DD with time"),
    (["10:15", "9:05 PM"], ValueType.TIME, ""),
    (["jo@acme.com", "ann@firm.co.uk"], ValueType.EMAIL, ""),
    (["+49 30 1234567", "(030) 123 45 67", "0301234567"], ValueType.PHONE, ""),
    (["https://acme.com/x", "www.firm.de"], ValueType.URL, ""),
    (["Y", "n", "Y"], ValueType.BOOLEAN, "words"),
    (["0", "1", "1"], ValueType.BOOLEAN, "0 or 1"),
    (["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"], ValueType.IBAN, ""),
    (["3f2504e0-4f89-11d3-9a0c-0305e82c3301"], ValueType.UUID, ""),
    (["open"] * 6 + ["shut"] * 6, ValueType.CHOICE, ""),
    (["Jo Smith", "Ann Lee"], ValueType.TEXT, ""),
    ([None, "", "  "], ValueType.EMPTY, ""),
]


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> TableProfile:
    """Profile all of TYPES as the columns of one table."""
    longest = max(len(values) for values, _, _ in TYPES)
    path = tmp_path_factory.mktemp("typed") / "table.parquet"
    columns = [[*values, *[None] * (longest - len(values))] for values, _, _ in TYPES]
    names = [f"c{number:04d}" for number in range(1, len(columns) + 1)]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t (row INTEGER, {', '.join(f'{name} VARCHAR' for name in names)})")
        marks = ", ".join("?" for _ in range(len(columns) + 1))
        connection.executemany(
            f"INSERT INTO t VALUES ({marks})",
            [[row, *cells] for row, cells in enumerate(zip(*columns, strict=True), start=2)],
        )
        connection.execute("COPY t TO ? (FORMAT parquet)", [str(path)])
        return profile(connection, path, tuple(names))


@pytest.mark.parametrize(
    "number", range(len(TYPES)), ids=[f"{type_}-{values[0]}" for values, type_, _ in TYPES]
)
def test_a_column_has_its_likely_type_and_format(typed: TableProfile, number: int) -> None:
    _, type_, format_ = TYPES[number]
    column = typed.columns[number]

    assert (column.type, column.format) == (type_, format_)


def test_fill_and_distinct_values_do_not_count_blanks(profiled) -> None:
    (column,) = profiled(x=["a", "a", "b", "", None, " "]).columns

    assert (column.filled, column.distinct) == (3, 2)
    assert [(top.value, top.rows, top.row) for top in column.top] == [("a", 2, 2)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("N/A", UnusualKind.PLACEHOLDER),
        ("-", UnusualKind.PLACEHOLDER),
        ("  ", UnusualKind.ONLY_BLANKS),
        (" Jo", UnusualKind.BLANKS_AROUND),
        ("J\x00o", UnusualKind.CONTROL_CHARACTER),
        ("J\u200bo", UnusualKind.INVISIBLE_CHARACTER),
        ("J\u00a0o", UnusualKind.INVISIBLE_CHARACTER),
        ("Jо", UnusualKind.MIXED_SCRIPTS),
        ("MÃ¼ller", UnusualKind.MISREAD),
        ("M\ufffdller", UnusualKind.MISREAD),
    ],
)
def test_an_unusual_value_is_found_with_its_row(profiled, value, kind) -> None:
    (column,) = profiled(x=["Ann", "Müller", value]).columns

    assert [(each.kind, each.rows, each.examples[0].row) for each in column.unusual] == [(kind, 1, 4)]


@pytest.mark.parametrize("value", ["Größe", "Иван", "東京", "São Paulo", "👩‍🚀", "a-b", "O’Neill"])
def test_letters_of_any_language_are_nothing_unusual(profiled, value) -> None:
    assert profiled(x=["Ann", value]).columns[0].unusual == ()


def test_the_few_values_of_another_format_are_named(profiled) -> None:
    days = [f"2024-01-{day:02d}" for day in range(1, 21)]
    (column,) = profiled(x=[*days, "31.01.2024", "soon"]).columns

    (other,) = [each for each in column.unusual if each.kind is UnusualKind.OTHER_FORMAT]
    assert [(each.value, each.row) for each in other.examples] == [("31.01.2024", 22), ("soon", 23)]
    assert column.following == 21


def test_a_code_of_another_length_is_named(profiled) -> None:
    (column,) = profiled(x=[*(f"{number:05d}" for number in range(40)), "1234"]).columns

    assert [(each.kind, each.examples[0].value) for each in column.unusual] == [(UnusualKind.LENGTH, "1234")]


def test_a_filled_column_without_repeats_is_a_key_and_what_capitals_hide_is_told(profiled) -> None:
    (key,) = profiled(id=["a1", "A1", "b2"], name=["x", "x", "y"]).keys

    assert (key.headers, key.alike, key.alike_rows) == (("id",), 1, ((2, 3),))


def test_two_columns_make_a_key_where_none_does_alone(profiled) -> None:
    found = profiled(order=["7", "7", "8", "8"], line=["1", "2", "1", "2"], what=["a", "a", "a", "a"])

    assert [key.headers for key in found.keys] == [("order", "line")]


def test_a_column_that_is_nearly_a_key_names_the_rows_that_break_it(profiled) -> None:
    (near,) = profiled(id=[str(100 + number) for number in range(99)] + ["150"]).near_keys

    assert (near.header, near.repeated, near.repeated_rows) == ("id", 1, ((52, 101),))


def test_rows_that_are_equal_in_every_column_are_named(profiled) -> None:
    found = profiled(a=["1", "1", "1", "2"], b=["x", "x", None, "x"])

    assert (found.duplicates, found.duplicate_rows) == (1, ((2, 3),))


def test_nothing_and_an_empty_text_are_different_rows(profiled) -> None:
    assert profiled(a=["1", "1"], b=["", None]).duplicates == 0


def test_what_is_stored_holds_no_value(raw) -> None:
    path = raw(["jo@acme.com", "jo@acme.com", "n/a"], ["Zebra", "Zebra", "Yak"])
    with duckdb.connect() as connection:
        stored = write_profile(connection, path, ("mail", "animal"), delivery="aa")

    text = path.with_name("profile.json").read_text(encoding="utf-8")
    assert not any(value in text for value in ("acme", "Zebra", "Yak", "n/a"))
    assert json.loads(text)["table"]["columns"][0]["unusual_rows"] == {"placeholder": 1}
    assert read_profile(path.parent) == stored


def test_the_columns_of_the_delivery_before_are_kept_and_reading_again_changes_nothing(raw) -> None:
    path = raw(["1"], ["2"])
    with duckdb.connect() as connection:
        write_profile(connection, path, ("id", "fax"), delivery="first")
        second = write_profile(connection, path, ("id", "role"), delivery="second")
        again = write_profile(connection, path, ("id", "role"), delivery="second")

    assert second == again
    assert second.before == ("id", "fax")
    changes = changes_since(second)
    assert changes is not None
    assert changes.sentences() == ("Column `role` is new.", "Column `fax` is gone.")


def test_a_folder_without_a_profile_has_none(tmp_path: Path) -> None:
    assert read_profile(tmp_path) is None


def test_a_tall_and_a_wide_table_are_counted_alike(raw, monkeypatch) -> None:
    path = raw(["a", "a", None, ""], ["b", " c", "b", "b"])
    counted = []
    for rows in (4, 1_000_000):
        with duckdb.connect() as connection:
            tally(connection, path, range(1, 3), rows=rows, is_odd=IS_ODD)
            counted.append(connection.execute(f"SELECT * FROM {TALLY} ORDER BY ALL").fetchall())

    assert counted[0] == counted[1]
    assert len(counted[0]) == 4


def test_a_table_of_thousands_of_columns_is_profiled_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "wide.parquet"
    headers = tuple(f"h{number}" for number in range(1, 1_203))
    cells = ", ".join(f"'{number}' AS c{number:04d}" for number in range(1, 1_203))
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 2 AS row, {cells}) TO '{path}' (FORMAT parquet)")
        found = profile(connection, path, headers)

    assert [column.number for column in found.columns] == list(range(1, 1_203))
    assert {column.type for column in found.columns[9:]} == {ValueType.INTEGER}


def test_a_table_without_rows_has_a_profile_too(raw) -> None:
    path = raw([])
    with duckdb.connect() as connection:
        found = profile(connection, path, ("a",))

    assert (found.rows, found.columns[0].type, found.keys, found.duplicates) == (0, ValueType.EMPTY, (), 0)
