"""SQL expressions that people wrote over headers, bound to the columns of a delivery."""

from collections.abc import Mapping

import sqlglot
from sqlglot import exp


def headers_in(expression: str) -> tuple[str, ...]:
    """Return the source headers that an expression reads, in order of appearance."""
    tree = sqlglot.parse_one(expression, read="duckdb")
    found = [column.this.this for column in tree.find_all(exp.Column, bfs=False)]
    return tuple(dict.fromkeys(found))


def bind(expression: str, columns: Mapping[str, str]) -> str:
    """Return the expression with each quoted header replaced by the SQL of its column.

    `columns` maps exact headers to SQL; KeyError names a header that the delivery does not have.
    """
    tree = sqlglot.parse_one(expression, read="duckdb")

    def replace(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return exp.paren(sqlglot.parse_one(columns[node.this.this], read="duckdb"))
        return node

    return tree.transform(replace).sql(dialect="duckdb")
