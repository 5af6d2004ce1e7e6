"""Values that deserve a look whatever the type of their column: placeholders, blanks, signs nobody sees.

Keep out: what a column is; its values of another format are found where the type is.
"""

import duckdb

from aformity_pipelines.domain.misread import MISREAD
from aformity_pipelines.domain.profile import Counted, Unusual, UnusualKind
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.profile.tally import ODD, TALLY

EXAMPLES = 3
BLANK = r"[\s\pZ]*"
"""What a value that holds nothing to see is made of."""

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]"
_INVISIBLE = r"[\x{a0}\x{ad}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
_MIXED = r"[A-Za-z][\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}][A-Za-z]"
_AROUND = r"^[\s\pZ]|[\s\pZ]$"
_PLACEHOLDERS = (
    "n/a", "na", "#n/a", "n.a.", "n.a", "none", "null", "(null)", "<null>", "\\n", "nil", "nan", "undefined",
    "-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...", "tbd", "tba", "t.b.d.", "to be defined", "todo",
    "unknown", "missing", "blank", "(blank)", "empty", "(empty)", "not set", "not available", "not applicable",
    "unbekannt", "k.a.", "k. a.", "keine angabe", "entfällt", "inconnu", "s/o", "desconocido", "xxx", "xx",
    "0000-00-00", "00.00.0000", "00/00/0000", "1900-01-01", "01.01.1900", "01/01/1900", "9999-12-31",
    "31.12.9999", "12/31/9999",
)  # fmt: skip
# Spelled out: to fold every value of a large table costs more than to look it up.
_SPELLED = sorted(
    {spell(word) for word in _PLACEHOLDERS for spell in (str.lower, str.upper, str.title, str.capitalize)}
)
IS_PLACEHOLDER = f"value IN ({', '.join(map(literal, _SPELLED))})"
"""SQL about `value`: whether it stands for nothing."""

_TESTS = {
    UnusualKind.PLACEHOLDER: IS_PLACEHOLDER,
    UnusualKind.ONLY_BLANKS: f"regexp_full_match(value, '{BLANK}')",
    UnusualKind.BLANKS_AROUND: f"regexp_matches(value, '{_AROUND}') AND NOT regexp_full_match(value, '{BLANK}')",
    UnusualKind.CONTROL_CHARACTER: f"regexp_matches(value, '{_CONTROL}')",
    UnusualKind.INVISIBLE_CHARACTER: f"regexp_matches(value, '{_INVISIBLE}')",
    UnusualKind.MIXED_SCRIPTS: f"regexp_matches(value, '{_MIXED}')",
    UnusualKind.MISREAD: f"regexp_matches(value, '{MISREAD}')",
}
# One automaton for all of them passes over the many values in which nothing is odd.
IS_ODD = (
    f"({IS_PLACEHOLDER} OR regexp_matches(value, '{_AROUND}|{_CONTROL}|{_INVISIBLE}|{_MIXED}|{MISREAD}'))"
)
"""SQL about `value`: whether any of these kinds may be found in it."""


def unusual_values(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[Unusual, ...]]:
    """Return what is odd in the columns of TALLY, by column number, in the order of the kinds."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {ODD} AS SELECT * FROM {TALLY} WHERE is_odd")
    found: dict[int, list[Unusual]] = {}
    for kind, test in _TESTS.items():
        for number, *counts in connection.execute(
            f"SELECT number, sum(n)::BIGINT, count(*), {examples()} FROM {ODD} WHERE {test} GROUP BY number"
        ).fetchall():
            found.setdefault(number, []).append(unusual(kind, *counts))
    return {number: tuple(kinds) for number, kinds in found.items()}


def examples(many: int = EXAMPLES, by: str = "row") -> str:
    """Return the SQL aggregate for the first few values, as `unusual` and `counted` take them."""
    return f"min_by({{'value': value, 'rows': n, 'row': row}}, {by}, {many})"


def counted(listed: list[dict[str, object]] | None) -> tuple[Counted, ...]:
    """Return examples as DuckDB gave them."""
    return tuple(Counted.model_validate(each) for each in listed or ())


def unusual(kind: UnusualKind, rows: int, values: int, listed: list[dict[str, object]] | None) -> Unusual:
    """Return one kind of unusual values from counts and examples as DuckDB gave them."""
    return Unusual(kind=kind, rows=rows, values=values, examples=counted(listed))
