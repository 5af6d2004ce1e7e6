"""The tables that say which rows the standing decisions still cover, and in words why they no longer cover others.

Names and reading only; `coverage` makes the tables.  Loads nothing slow.
"""

import duckdb

CHANGED, GONE, EQUAL = "changed", "gone", "equal"
COVERED = "covered"
"""Temp table (decision, kind, subject, rule, row_key, row_id, matches, because, grp); row_id NULL where the row is gone."""
SHOWN_WITH = "shown_with"
"""Temp table (decision, grp, row_key, row_id, matches): the rows beside the covered ones that belong to the evidence."""
MEMBER, JOINED, BACK = "member", "joined", "back"
REASONS = {
    CHANGED: ("what was shown of it has changed", "what was shown of them has changed"),
    GONE: ("it is gone", "they are gone"),
    EQUAL: ("another row is equal to it now", "others are equal to them now"),
    MEMBER: ("a row that it was shown with has changed", "a row that they were shown with has changed"),
    JOINED: ("another row shares its value now", "other rows share their values now"),
    BACK: ("it is delivered again", "they are delivered again"),
}
"""Why a row that was shown is covered no more: the words for one row, and for several."""
DELIVERED = ".row.delivered"
"""How the id of the rule ends that every row of a source is still delivered."""


def stale_reasons(connection: duckdb.DuckDBPyConnection, subject: str) -> dict[str, dict[str, str]]:
    """Return rule -> decision -> why it no longer covers rows that it was shown, in words; needs `covered`.

    Decisions that name no rule stand under an empty one.
    """
    rows = connection.execute(
        "select coalesce(rule, ''), decision, because, count(distinct coalesce(row_id, row_key))"
        f" from {COVERED} where subject = ? and not matches group by all order by all",
        [subject],
    ).fetchall()
    found: dict[str, dict[str, list[str]]] = {}
    for rule, decision, because, number in rows:
        found.setdefault(rule, {}).setdefault(decision, []).append(_says(because, number))
    return {rule: {decision: "; ".join(said) for decision, said in by.items()} for rule, by in found.items()}


def _says(because: str, rows: int) -> str:
    one, several = REASONS[because]
    return f"1 row: {one}" if rows == 1 else f"{rows} rows: {several}"
