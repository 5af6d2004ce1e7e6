"""What inspecting a file found, as a person reads it.  Keep out: finding it."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from aformity_pipelines.cli.format_options import as_options
from aformity_pipelines.cli.inspect_columns import show_columns, show_unusual
from aformity_pipelines.cli.inspected import Inspected, InspectedTable
from aformity_pipelines.cli.output import OUT
from aformity_pipelines.cli.shown_text import DIM, WARN, grid, say_beside, say_facts, say_text, shown
from aformity_pipelines.domain.profile import Link
from aformity_pipelines.intake.reading import Dialect, RawTable, SkipKind

_DETAILED = 5
"""Of a file with more tables only so many are shown column by column."""
_REJECTS = 5
_VALUE = 40
_TABLES = ("table", "name", "rows", "columns", "header", "records in", "rejected")
_NAME = 1
_LEAST_NAME = 12
"""Cells that a table's name gets at least."""
_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}


def show_file(file: Inspected, *, most_columns: int) -> None:
    """Print everything about one file."""
    say_text(Text(shown(file.path, 500), style="bold"))
    if file.size is not None:
        say_facts(("size", f"{file.size:,} bytes"), ("SHA-256", file.sha256 or ""))
    if file.refused:
        say_beside(Text("refused: ", style="red"), shown(file.refused, 2_000), indent=2)
    if file.format:
        say_facts(("format", file.format))
    _show_questions(file)
    if len(file.tables) > 1:
        _show_tables(file.tables)
    for table in file.tables[:_DETAILED]:
        _show_table(table, is_alone=len(file.tables) == 1, most_columns=most_columns)
    if (left := len(file.tables) - _DETAILED) > 0:
        say_text(
            f"{left} more tables are not shown here; name one with --table or --sheet, or use --json", DIM
        )
    OUT.print()


def show_links(links: Iterable[Link]) -> None:
    """Print likely relationships, if there are any."""
    found = list(links)
    if not found:
        return
    say_text(Text("Likely relationships", style="bold"))
    for link in found:
        share = f"{link.found:,} of {link.values:,} values"
        says = (
            f"{shown(link.table)}: {shown(link.header)} -> {shown(link.key_table)}: {shown(link.key_header)}"
        )
        say_text(f"{says} ({share})", indent=2)


def _show_questions(file: Inspected) -> None:
    for question in file.questions:
        say_beside(Text("to settle: ", style=WARN), shown(question.what, 1_000), indent=2)
        say_beside(Text(" " * 11), shown(question.answer, 1_000), indent=2)
        if options := as_options(question.proposal):
            say_text(f"{'':<11}here: {shown(options, 1_000)}", indent=2)


def _show_tables(tables: tuple[InspectedTable, ...]) -> None:
    rows = [_table_row(each.raw) for each in tables]
    taken = sum(max(map(len, cells)) + 3 for cells in zip(_TABLES, *rows, strict=True))
    names = max(len(row[_NAME]) for row in rows)
    room = max(_LEAST_NAME, min(_VALUE, names, OUT.width - taken + max(names, len(_TABLES[_NAME]))))
    listed = grid(*((name, room if place == _NAME else OUT.width) for place, name in enumerate(_TABLES)))
    for row in rows:
        listed.add_row(*row)
    OUT.print(listed)


def _table_row(raw: RawTable) -> tuple[str, ...]:
    return (
        str(raw.number),
        shown(raw.name, _VALUE),
        f"{raw.rows:,}",
        f"{len(raw.headers):,}",
        _header_row(raw),
        f"{raw.first_row:,} to {raw.last_row:,}" if raw.last_row else "",
        f"{raw.rejected:,}" if raw.rejected else "",
    )


def _show_table(table: InspectedTable, *, is_alone: bool, most_columns: int) -> None:
    raw = table.raw
    title = Text("" if is_alone else f"{raw.number}: {shown(raw.name)}: ", style="bold")
    rows = f"{raw.rows:,} record{'' if raw.rows == 1 else 's'}"
    if raw.last_row:
        rows += f" in rows {raw.first_row:,} to {raw.last_row:,}"
    title.append(f"{rows}, {len(raw.headers):,} column{'' if len(raw.headers) == 1 else 's'}, ", style="bold")
    title.append(f"header: {_header_row(raw)}", style="bold")
    say_text(title, indent=2)
    if read := ", ".join(_how_read(raw.dialect)):
        say_facts(("read as", read))
    _show_rows(table)
    show_columns(table.profile, most_columns)
    show_unusual(table.profile)
    _show_identity(table)


def _header_row(raw: RawTable) -> str:
    if not raw.header_row:
        return "none"
    last = raw.header_row + raw.header_rows - 1
    return f"row {raw.header_row}" if last <= raw.header_row else f"rows {raw.header_row} to {last}"


def _how_read(dialect: Dialect) -> Iterator[str]:
    if dialect.encoding:
        yield dialect.encoding + (f" ({dialect.encoding_because})" if dialect.encoding_because else "")
    if dialect.delimiter is not None:
        sign = _SIGNS.get(dialect.delimiter, shown(dialect.delimiter))
        yield f"{sign} between values" if dialect.delimiter else "one value a line"
    if dialect.quote is not None:
        yield f"quote {dialect.quote}" if dialect.quote else "no quotes"
    if dialect.escape:
        yield f"escape {dialect.escape}"
    if dialect.comment:
        yield f"comments begin with {dialect.comment}"
    if dialect.line_end:
        yield f"lines end with {dialect.line_end}"


def _show_rows(table: InspectedTable) -> None:
    raw = table.raw
    for skipped in raw.skipped:
        if skipped.kind is SkipKind.HEADER:
            continue
        example = f": {shown(skipped.example, _VALUE)}" if skipped.example else ""
        say_facts(
            (
                skipped.kind.value.replace("_", " "),
                f"{skipped.count:,}, first in row {skipped.row:,}{example}",
            )
        )
    for warning in raw.warnings:
        kind = warning.kind.value.replace("_", " ")
        say_text(
            Text(f"{kind}: ", style=WARN).append(f"{warning.count:,}, {shown(warning.example, 100)}"),
            indent=2,
        )
    for reason, count in list(table.reasons.items())[:_REJECTS]:
        say_text(Text(f"rejected: {count:,}: ", style="red").append(shown(reason, 200)), indent=2)
    for reject in table.rejects[:_REJECTS]:
        say_text(f"row {reject.row:,}: {shown(reject.raw, 100)}", DIM, indent=4)
    if (left := raw.rejected - min(_REJECTS, len(table.rejects))) > 0:
        say_text(f"and {left:,} more", DIM, indent=4)


def _show_identity(table: InspectedTable) -> None:
    profile = table.profile
    if profile.keys:
        say_facts(
            ("key", "; ".join(" + ".join(shown(header) for header in key.headers) for key in profile.keys))
        )
    for key in profile.keys:
        if key.alike:
            names = " + ".join(shown(header) for header in key.headers)
            say_text(
                Text(f"{names}: {key.alike:,} more alike but for capitals and blanks: ", style=WARN).append(
                    _groups(key.alike_rows)
                ),
                indent=2,
            )
    for near in profile.near_keys:
        blank = f"{near.blank:,} blank" if near.blank else ""
        repeated = f"{near.repeated:,} repeated, {_groups(near.repeated_rows)}" if near.repeated else ""
        say_facts(("near key", f"{shown(near.header)}: {', '.join(filter(None, (blank, repeated)))}"))
    if profile.duplicates:
        says = f"{profile.duplicates:,} row{'' if profile.duplicates == 1 else 's'} equal an earlier one in every column: "
        say_text(Text(says, style=WARN).append(_groups(profile.duplicate_rows)), indent=2)
    if entity := table.entity:
        fields = ", ".join(f"{shown(header, 30)} -> {field}" for header, field in entity.columns.items())
        say_facts(("likely", f"{entity.entity} ({entity.score:.0%}): {fields}"))


def _groups(groups: tuple[tuple[int, ...], ...]) -> str:
    shown_groups = [
        "rows " + ", ".join(f"{row:,}" for row in group[:5]) + ("…" if len(group) > 5 else "")
        for group in groups
    ]
    return "; ".join(shown_groups)
