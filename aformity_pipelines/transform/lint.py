"""Lint of models: rows stay traceable, results repeat, and the SQL means the same on other engines.

The forbidden list is what DuckDB accepts and Spark or Sail reads differently or not at all, plus
whatever makes two runs differ.  Whether a model is right is for its tests, not for here.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import errors, exp, parse

from aformity_pipelines.transform.project import Model, Project

ROW_IDS = "row_ids"
"""The column in which a model says which source rows each of its rows comes from."""

_REF, _SOURCE = "__ref", "__source"
_Rule = tuple[Callable[[exp.Expr], bool], str]


def lint(project: Project) -> tuple[str, ...]:
    """Return what is wrong with the models, `file:line: what; what to do`, in the order of files and lines."""
    found = sorted(
        (str(model.path), line, message) for model in project.models for line, message in _findings(model)
    )
    return tuple(f"{path}:{line}: {message}" for path, line, message in found)


def _findings(model: Model) -> Iterator[tuple[int, str]]:
    if not model.description:
        yield 1, f"model {model.name!r} has no description; add one to the schema.yml beside it"
    sql = model.resolved(
        lambda name: f'"{_REF}"."{name}"', lambda source: f'"{_SOURCE}"."{source[0]}.{source[1]}"'
    )
    try:
        statements = parse(sql, read="duckdb")
    except errors.SqlglotError as error:
        yield _reading_problem(error)
        return
    query = statements[0] if len(statements) == 1 else None
    if not isinstance(query, exp.Query):
        yield 1, "a model is one SELECT and nothing else; split or rewrite it"
        return
    yield from _problems_of_output(model, query)
    yield from _problems_of_tables(query)
    for node in query.walk():
        for is_forbidden, message in _FORBIDDEN:
            if is_forbidden(node):
                yield _line(node), message


def _problems_of_output(model: Model, query: exp.Query) -> Iterator[tuple[int, str]]:
    names = Counter(select.alias_or_name for select in query.selects)
    if not model.is_lookup and ROW_IDS not in names:
        yield (
            1,
            (
                f"selects no {ROW_IDS} at its top level, so its rows cannot be traced; select it,"
                " or declare `rows: lookup` under config.meta in schema.yml if it is a table of keys"
            ),
        )
    for select in query.selects:
        if not select.alias_or_name:
            yield _line(select), f"column without a name: {select.sql('duckdb')}; add AS <name>"
    for name, times in names.items():
        if name and times > 1:
            yield _line(query), f"selects {name!r} {times} times; rename one"


def _problems_of_tables(query: exp.Query) -> Iterator[tuple[int, str]]:
    steps = {step.alias for step in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        is_step = not table.db and table.name in steps
        if not is_step and table.db not in (_REF, _SOURCE):
            yield _line(table), f"reads {table.sql('duckdb')} directly; use ref() or source()"


def _reading_problem(error: errors.SqlglotError) -> tuple[int, str]:
    details: dict[str, Any] = error.errors[0] if isinstance(error, errors.ParseError) and error.errors else {}
    what = details.get("description") or str(error).splitlines()[0]
    return int(details.get("line") or 1), f"not readable as SQL: {what}; correct it"


def _line(node: exp.Expr) -> int:
    """Return the line that `node` starts on; sqlglot keeps positions of names and functions only."""
    around: exp.Expr | None = node
    while around is not None:
        lines = [part.meta["line"] for part in around.walk() if "line" in part.meta]
        if lines:
            return int(min(lines))
        around = around.parent
    return 1


def _is_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count)


def _groups_or_orders_by_all(node: exp.Expr) -> bool:
    orders = isinstance(node, exp.Ordered) and isinstance(node.this, exp.Var)
    return orders or (isinstance(node, exp.Group) and bool(node.args.get("all")))


def _is_ordered_list(node: exp.Expr) -> bool:
    return isinstance(node, exp.ArrayAgg | exp.GroupConcat) and node.find(exp.Order) is not None


def _counts_long_units(node: exp.Expr) -> bool:
    return isinstance(node, exp.DateDiff) and node.text("unit").upper() in {"MONTH", "QUARTER", "YEAR"}


def _starts_at_zero(node: exp.Expr) -> bool:
    return isinstance(node, exp.Substring) and node.text("start") == "0"


def _replaces_once(node: exp.Expr) -> bool:
    return isinstance(node, exp.RegexpReplace) and "g" not in node.text("modifiers")


def _differs_from_run_to_run(node: exp.Expr) -> bool:
    chance = exp.Rand | exp.Uuid | exp.First | exp.Last | exp.AnyValue | exp.TableSample | exp.Limit
    return isinstance(
        node, chance | exp.CurrentDate | exp.CurrentTime | exp.CurrentTimestamp | exp.Localtimestamp
    )


def _letters(function: exp.Expr) -> int:
    return int(function.meta.get("end", 0)) - int(function.meta.get("start", 0)) + 1


def _is(*kinds: type[exp.Expr]) -> Callable[[exp.Expr], bool]:
    return lambda node: isinstance(node, kinds)


_FORBIDDEN: tuple[_Rule, ...] = (
    (_is_star, "* hides which columns there are; name them"),
    (_is(exp.Columns), "COLUMNS(...) is DuckDB's alone; name the columns"),
    (_is(exp.Qualify), "QUALIFY is not read everywhere; filter in a sub-query"),
    (_groups_or_orders_by_all, "GROUP BY / ORDER BY ALL is not read everywhere; name the columns"),
    (_is(exp.Pivot), "PIVOT and UNPIVOT differ between engines; write CASE expressions or UNION ALL"),
    (
        lambda node: isinstance(node, exp.Distinct) and bool(node.args.get("on")),
        "DISTINCT ON picks a row by chance; rank with ROW_NUMBER() in a sub-query",
    ),
    (
        lambda node: isinstance(node, exp.SetOperation) and bool(node.args.get("by_name")),
        "BY NAME is DuckDB's alone; put the columns in the same order",
    ),
    (
        lambda node: isinstance(node, exp.Join) and node.method.upper() in {"ASOF", "POSITIONAL"},
        "ASOF and POSITIONAL joins are DuckDB's alone; join on columns",
    ),
    (_is_ordered_list, "the order of a list does not survive on Spark; sort the list itself"),
    (_counts_long_units, "date_diff counts months and years differently on Spark; compute from day counts"),
    (_starts_at_zero, "substr from 0 differs on Spark; positions start at 1"),
    (_replaces_once, "regexp_replace without 'g' replaces once here and everywhere on Spark; add 'g'"),
    (
        lambda node: isinstance(node, exp.Length) and _letters(node) == len("len"),
        "len() of a list is length() of a text elsewhere; use array_length()",
    ),
    (_is(exp.Anonymous), "this function has no known meaning on other engines; use a standard one"),
    (_is(exp.Comprehension), "list comprehensions are DuckDB's alone; use list functions"),
    (
        _differs_from_run_to_run,
        "two runs over the same rows would differ; use an order, a column or a parameter",
    ),
)
