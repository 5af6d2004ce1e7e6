"""Source columns and SQL across files: every expression may run, every column has one fate.

With the headers of a delivery, every name in the config is one of them and none is left out.
"""

from collections.abc import Iterable, Iterator

from aformity_pipelines.config.documents import Written
from aformity_pipelines.config.folder import Folder
from aformity_pipelines.config.headers import headers_of, headers_read_by, read_places
from aformity_pipelines.config.problems import Problem, did_you_mean, listed
from aformity_pipelines.config.sql import SqlRefused, parse_expression
from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.mapping import Mapping

Place = tuple[Written, tuple[str | int, ...]]  # type: ignore[type-arg]  # any of the documents
"""A document, whichever it is, and a location in it."""


def check_sql(folder: Folder) -> Iterator[Problem]:
    """Yield every expression that must not run."""
    for (document, loc), expression in _expressions(folder):
        try:
            parse_expression(expression)
        except SqlRefused as refused:
            for says, do in refused.refusals:
                yield document.problem(loc, says, do)


def check_listed_columns(folder: Folder) -> Iterator[Problem]:
    """Yield columns that are listed as unread twice, or although a field reads them."""
    mappings = [document.value for document in folder.mappings]
    first: dict[tuple[str, str], str] = {}
    for document, index, read in folder.reads():
        taken = headers_read_by(mappings, read.source)
        for header in read.columns:
            loc = ("reads", index, "columns", header)
            where = first.setdefault((read.source, header), f"{document.path}:{document.place(loc)[0]}")
            if where != f"{document.path}:{document.place(loc)[0]}":
                says = f"column {header!r} of {read.source} is already listed at {where}"
                yield document.problem(loc, says, "keep one")
            if header in taken:
                says = f"column {header!r} of {read.source} is listed as not mapped, and a field reads it"
                yield document.problem(loc, says, "drop this line, or the field that reads it")


def check_headers(folder: Folder, source: str, delivered: tuple[str, ...]) -> Iterator[Problem]:
    """Yield every header that the delivery lacks, and every delivered one that nothing accounts for."""
    for (document, loc), header in _named_headers(folder, source):
        if header not in delivered:
            says = f"{source} was delivered without a column {header!r}"
            yield document.problem(loc, says, _advice(header, delivered, loc))
    if folder.defs and folder.defs.value.attributes.sources[source].lookup_only:
        return
    reads = [(document, index, read) for document, index, read in folder.reads() if read.source == source]
    accounted = set(headers_read_by((document.value for document in folder.mappings), source))
    accounted.update(header for _, _, read in reads for header in read.columns)
    left = [header for header in dict.fromkeys(delivered) if header not in accounted]
    if left and reads:
        document, index, read = reads[0]
        what = (
            f"column {left[0]!r}"
            if len(left) == 1
            else f"{len(left)} columns ({listed(left, most=len(left))})"
        )
        says = f"{what} of {source} would vanish: no field reads {'it' if len(left) == 1 else 'them'}"
        do = "map each, or list it under `columns:` as archived or excluded, with a why"
        yield document.problem(("reads", index, "columns" if read.columns else "source"), says, do)


def _advice(header: str, delivered: tuple[str, ...], loc: tuple[str | int, ...]) -> str:
    is_in_sql = loc[-1] in {"where", "sql"} or "where" in loc
    if not is_in_sql:
        return did_you_mean(header, delivered, f"its columns are {listed(delivered)}")
    quotes = "text goes in single quotes"
    guess = did_you_mean(header, delivered, "")
    return f"{guess} {quotes[0].upper()}{quotes[1:]}" if guess else quotes


def _named_headers(folder: Folder, source: str) -> Iterator[tuple[Place, str]]:
    """Yield every header of `source` that the config names, and where."""
    for document, index, read in folder.reads():
        below = ("reads", index)
        if read.source == source:
            yield from (((document, (*below, *loc)), header) for loc, header in read_places(read))
            yield from (((document, (*below, "columns", header)), header) for header in read.columns)
        yield from _looked_up(document, index, source)
    if folder.defs:
        places = _named_in_defs(folder.defs.value.attributes, source)
        yield from (((folder.defs, ("attributes", *loc)), header) for loc, header in places)


def _looked_up(document: Written[Mapping], index: int, source: str) -> Iterator[tuple[Place, str]]:
    for name, field in document.value.reads[index].fields.items():
        for number, step in enumerate(field.rule):
            if step.lookup and step.lookup.source == source:
                loc = ("reads", index, "fields", name, "rule", number, "lookup")
                yield (document, (*loc, "key")), step.lookup.key
                yield (document, (*loc, "take")), step.lookup.take


def _named_in_defs(customer: Customer, source: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    declared = customer.sources[source]
    for number, header in enumerate(declared.key):
        yield ("sources", source, "key", number), header
    for header in declared.columns:
        yield ("sources", source, "columns", header), header
    for number, wave in enumerate(customer.waves):
        for header in headers_of(wave.where.get(source, "''")):
            yield ("waves", number, "where", source), header
    for subject in customer.owners:
        name, _, header = subject.partition(".")
        if name == source and header:
            yield ("owners", subject), header


def _expressions(folder: Folder) -> Iterable[tuple[Place, str]]:
    """Yield every SQL text that a person wrote, and where."""
    for document, index, read in folder.reads():
        if read.only:
            yield (document, ("reads", index, "only", "where")), read.only.where
    for field in folder.fields():
        for number, step in enumerate(field.mapping.rule):
            if step.sql is not None:
                yield (field.document, (*field.loc, "rule", number, "sql")), step.sql
    if folder.defs:
        for number, wave in enumerate(folder.defs.value.attributes.waves):
            for source, where in wave.where.items():
                yield (folder.defs, ("attributes", "waves", number, "where", source)), where
