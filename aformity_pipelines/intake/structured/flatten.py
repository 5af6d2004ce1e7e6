"""Nested values as columns: `address.city` for a value in an object, JSON text for a list.

Paths that a person gave replace all of that.  Keep out: how values are read.
"""

from collections.abc import Mapping

from aformity_pipelines.intake.structured.json_text import MOST_DEPTH, TOO_DEEP, Malformed, Value, text_of


class Flattener:
    """Turns records into columns and remembers which columns hold lists."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = tuple(paths.items())
        self._parents = {path[:at] for path in paths.values() for at, sign in enumerate(path) if sign == "."}
        self.lists: dict[str, str] = {}  # column -> its first list that is not empty
        self.unread: dict[str, None] = {}  # the members of records that no path leads to

    def columns_of(self, record: dict[str, Value]) -> dict[str, str | None]:
        """Return column -> exact text of one record; None where it has no value.

        Raises Malformed where two values would share a column or values are nested too deep.
        """
        if self._paths:
            return self._told(record)
        columns: dict[str, str | None] = {}
        self._flatten(record, "", columns, 0)
        return columns

    def _told(self, record: dict[str, Value]) -> dict[str, str | None]:
        read = {path.partition(".")[0] for _, path in self._paths} | {path for _, path in self._paths}
        self.unread.update(dict.fromkeys(name for name in record if name not in read))
        return {column: self._told_cell(record, path) for column, path in self._paths}

    def _told_cell(self, record: dict[str, Value], path: str) -> str | None:
        value = value_at(record, path)
        # What lies below an object is told by its own paths, if there are any.
        return None if value == {} or (isinstance(value, dict) and path in self._parents) else _cell(value)

    def _flatten(
        self, value: dict[str, Value], prefix: str, columns: dict[str, str | None], depth: int
    ) -> None:
        if depth > MOST_DEPTH:
            raise Malformed(TOO_DEEP, 0)
        for name, one in value.items():
            column = prefix + name
            if isinstance(one, dict) and one:
                self._flatten(one, f"{column}.", columns, depth + 1)
                continue
            if column in columns:
                raise Malformed("two values for one column", 0)
            columns[column] = None if one == {} else _cell(one)
            if isinstance(one, list) and one and column not in self.lists:
                self.lists[column] = (columns[column] or "")[:80]


def value_at(record: Value, path: str) -> Value:
    """Return what `path` leads to, None where it leads nowhere: `address.city`, `phones.0`, or a name with dots."""
    if isinstance(record, list):
        first, _, rest = path.partition(".")
        if not (first.isdecimal() and first.isascii() and len(first) < 10 and int(first) < len(record)):
            return None
        return value_at(record[int(first)], rest) if rest else record[int(first)]
    if not isinstance(record, dict):
        return None
    if path in record:
        return record[path]
    at = path.find(".")
    while at >= 0:
        if path[:at] in record and (found := value_at(record[path[:at]], path[at + 1 :])) is not None:
            return found
        at = path.find(".", at + 1)
    return None


def _cell(value: Value) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return text_of(value)
