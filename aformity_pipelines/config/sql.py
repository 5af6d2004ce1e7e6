"""SQL expressions that a person writes in YAML: one scalar expression over the headers of one source.

What may stand in one is settled here, for the check and for the compiler alike.
"""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

Refusal = tuple[str, str]
"""What is wrong with an expression, and what to do."""

SETS_OF_ROWS = (exp.Query, exp.Exists, exp.UDTF, exp.Explode, exp.ReadCSV, exp.ReadParquet, exp.Table)
CHANGES_WITH_TIME = (
    exp.CurrentDate,
    exp.CurrentDatetime,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.CurrentUser,
    exp.Rand,
    exp.Uuid,
)
# Functions that sqlglot has no class for, and that see more than the row.
REFUSED_NAMES = frozenset(
    {
        "ago",
        "columns",
        "currval",
        "gen_random_uuid",
        "get_current_time",
        "get_current_timestamp",
        "getenv",
        "getvariable",
        "glob",
        "in_search_path",
        "localtime",
        "localtimestamp",
        "nextval",
        "now",
        "query",
        "query_table",
        "random",
        "session_user",
        "setseed",
        "setval",
        "sniff_csv",
        "stats",
        "today",
        "transaction_timestamp",
        "txid_current",
        "uuid",
        "uuidv4",
        "uuidv7",
        "vector_type",
        "version",
        "which_secret",
    }
)
FAILING_NAMES = frozenset({"assert_true", "error", "pg_sleep", "sleep_ms", "write_log"})
"""Functions that say nothing about a row: they fail, wait or write."""
REFUSED_PREFIXES = ("current_", "read_", "parquet_", "duckdb_", "pragma_", "sqlite_", "pg_")


class SqlRefused(ValueError):
    """An expression that must not run; carries every reason."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = refusals
        super().__init__("; ".join(says for says, _ in refusals))


def parse_expression(expression: str) -> exp.Expr:
    """Return the tree of one scalar expression in DuckDB's dialect; SqlRefused otherwise."""
    try:
        trees = sqlglot.parse(expression, dialect="duckdb")
    except (ParseError, TokenError) as error:
        says = f"this is not a DuckDB expression: {_reason(error)}"
        raise SqlRefused(
            ((says, "correct it; headers stand in double quotes, text in single quotes"),)
        ) from None
    except RecursionError:
        raise SqlRefused((("this expression is nested too deeply", "write it in smaller steps"),)) from None
    tree = trees[0] if len(trees) == 1 else None
    if tree is None:
        says = "there is no expression here" if len(trees) < 2 else "there is more than one statement here"
        raise SqlRefused(((says, "write one expression over the source's columns"),))
    refusals = tuple(dict.fromkeys(_refusals(tree)))
    if refusals:
        raise SqlRefused(refusals)
    return tree


def sql_headers(expression: str) -> tuple[str, ...]:
    """Return the headers that an expression reads, each once, as they stand in its double quotes."""
    tree = parse_expression(expression)
    return tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column, bfs=False)))


def check_field_condition(where: str) -> None:
    """Raise SqlRefused unless `where` is one condition over a row of a destination's fields.

    Fields are our own names and need no quotes, unlike headers.  What it says of a row must be the same at every look.
    """
    try:
        trees = sqlglot.parse(where, dialect="duckdb")
    except (ParseError, TokenError) as error:
        raise SqlRefused(((f"{where!r} is not one condition: {_reason(error)}", "correct it"),)) from None
    except RecursionError:
        raise SqlRefused((("is nested too deeply", "write it in smaller steps"),)) from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Condition) or tree.find(*SETS_OF_ROWS):
        raise SqlRefused(((f"{where!r} is not one condition over the fields of a row", "write one"),))
    if refusals := tuple(dict.fromkeys(_refusals_in_condition(tree))):
        raise SqlRefused(refusals)


def _refusals_in_condition(tree: exp.Expr) -> Iterator[Refusal]:
    for node in tree.walk(bfs=False):
        if node.comments:
            yield "there is a comment in the condition", "say it in `why`"
        if not (isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier)):
            yield from _refusals_of_node(node)


def _refusals(tree: exp.Expr) -> Iterator[Refusal]:
    if isinstance(tree, exp.Alias):
        yield "`AS` names a column here", "drop it; the field has its name"
    statements = (exp.DDL, exp.DML, exp.Command, exp.Drop, exp.Copy, exp.Set, exp.Attach, exp.Pragma, exp.Use)
    for node in tree.walk(bfs=False):
        if isinstance(node, statements) and not isinstance(node, exp.Query):
            yield f"`{node.key.upper()}` is a statement", "write one expression over the source's columns"
            return
        if isinstance(node, SETS_OF_ROWS):
            yield "a subquery or table cannot be read here", "use the columns of this row, or a `lookup`"
            return
        if node.comments:
            yield "there is a comment in the expression", "say why in `why` or `says`, or in a YAML comment"
        yield from _refusals_of_node(node)


def _refusals_of_node(node: exp.Expr) -> Iterator[Refusal]:
    match node:
        case exp.Column() if not isinstance(node.this, exp.Identifier):
            yield "`*` stands for every column", "name the columns"
        case exp.Column() if node.table:
            yield f"`{node.sql('duckdb')}` names a table", "write the header alone, in double quotes"
        case exp.Column() if not node.this.quoted:
            yield f"`{node.name}` is not in quotes", "put headers in double quotes, text in single quotes"
        case exp.Star():
            yield "`*` stands for every column", "name the columns"
        case exp.Placeholder() | exp.Parameter() | exp.SessionParameter():
            yield f"`{node.sql('duckdb')}` is a parameter", "write the value"
        case exp.AggFunc() | exp.Window():
            yield f"`{node.key}` looks at several rows", "use the columns of this row only"
        case exp.Func() if _name_of(node) in FAILING_NAMES:
            yield f"`{_name_of(node)}` says nothing about a row", "use the columns of this row only"
        case exp.Func() if isinstance(node, CHANGES_WITH_TIME) or _is_refused(node):
            yield f"`{_name_of(node)}` depends on more than this row", "use the columns of this row only"


def _is_refused(node: exp.Func) -> bool:
    name = _name_of(node)
    # With one date, `age` counts from today.
    since_today = name == "age" and len(node.expressions) == 1
    return since_today or name in REFUSED_NAMES or name.startswith(REFUSED_PREFIXES)


def _name_of(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _reason(error: ParseError | TokenError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return str(error).splitlines()[0].split("\x1b")[0]
    first = details[0]
    if "missing for" in first["description"]:
        return f"something is missing near {first['highlight']!r}"
    near = f" near {first['highlight']!r}" if first.get("highlight") else ""
    return f"{str(first['description']).rstrip('.').lower()}{near}"
