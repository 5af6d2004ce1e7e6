"""What a database says of its errors, in words that may be kept: without SQL and without values.

A failed cast is reported with the value that failed, and values stay where they are.  So no error of the database is
passed on as the cause of one of ours, either.
"""

import re

ABOUT_NAMES = frozenset({"Binder", "Catalog", "IO", "Not implemented", "Parser", "Permission", "Syntax"})
"""Kinds of errors that are about SQL and files; any other may quote what stands in a row, or be made of it."""
KIND = re.compile(r"(?P<kind>\b[A-Z][A-Za-z-]*(?: [A-Za-z-]+){0,3}) Error: ")


def without_values(message: str) -> str:
    """Return a database's message on one line; where it may be about values, only what kind of error it is."""
    line = " ".join(message.split()).split(" [SQL:")[0].split(" LINE ")[0]
    found = KIND.search(line)
    if found and found["kind"] not in ABOUT_NAMES:
        return f"{found['kind']} Error (the rest may quote values and is left out)"
    # From the first quote to the last: a text may hold quotes itself.
    return re.sub(r"'.*'", "'…'", line) if "Error" in line else line
