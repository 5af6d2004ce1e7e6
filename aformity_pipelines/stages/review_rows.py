"""The rows of an open finding as a reviewer is shown them, and what a decision about each would cover.

Values are read here, personal ones too: the workbook goes to the people whose data it is.  Keep out: sheets, answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN, row_reference
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.shown import headers_shown, shown_rows
from aformity_pipelines.stages.graph import MAPPED, RAW_FILE, TRANSFORMED, sources_behind
from aformity_pipelines.stages.outputs import TABLE, columns_of, folder_of, parquet, require
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all

ASKED = "rows_asked_about"
"""Temp table (row_id): the rows that are looked up."""
_NO_CELLS = "select '' as row_id, '' as source, 0 as row, [{'header': '', 'cell': ''}] as cells where false"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """One row of a finding today."""

    row: str  # row id
    key: str  # `row_key`
    evidence: str  # keyed digest of what the rule reads
    source: str = ""
    number: int = 0  # in its file, as a spreadsheet shows it
    delivered: tuple[
        tuple[str, str], ...
    ] = ()  # (header, cell); of a record that could not be read, (reason, text)
    product: tuple[tuple[str, str], ...] = ()  # (field, value) as it stands after the gate's stage

    @property
    def label(self) -> str:
        """How people call the row: its key without the source's name."""
        return self.key.removeprefix(f"{self.source}:") if self.key != self.row else ""


def identities(run: Run, finding: OpenFinding) -> tuple[FoundRow, ...]:
    """Return key and evidence of every row in question, in row order, without values."""
    raw = _opened(run, finding)
    _ask_about(run, finding.rows)
    found = run.connection.execute(_identity(run, finding, raw, f"row_id in (from {ASKED})")).fetchall()
    return tuple(FoundRow(row=row, key=key, evidence=evidence) for row, key, evidence in found)


def rows_by_key(run: Run, finding: OpenFinding, keys: Iterable[str]) -> tuple[FoundRow, ...]:
    """Return identity and evidence of today's rows with these keys, whether the finding names them or not."""
    raw = _opened(run, finding)
    _ask_about(run, tuple(keys))
    found = run.connection.execute(_identity(run, finding, raw, f"row_key in (from {ASKED})")).fetchall()
    return tuple(FoundRow(row=row, key=key, evidence=evidence) for row, key, evidence in found)


def found_rows(run: Run, finding: OpenFinding) -> tuple[FoundRow, ...]:
    """Return every row in question with what was delivered and what the product would get, in row order."""
    raw = _opened(run, finding)
    _ask_about(run, finding.rows)
    product = _products(run, finding)
    found = run.connection.execute(
        f"with who as ({_identity(run, finding, raw, f'row_id in (from {ASKED})')}), cells as ({_cells(run, finding, raw)})"
        " select w.row_id, w.row_key, w.evidence, c.source, c.row, c.cells from who w left join cells c using (row_id)"
        " order by w.row_id"
    ).fetchall()
    return tuple(
        FoundRow(
            row=row,
            key=key,
            evidence=evidence,
            source=source or "",
            number=number or 0,
            delivered=tuple((each["header"], each["cell"] or "") for each in cells or ()),
            product=product.get(row, ()),
        )
        for row, key, evidence, source, number, cells in found
    )


def file_of(run: Run, source: str) -> str:
    """Return the name of a source's file, and of its sheet where it has several."""
    delivery = require(run, RAW_FILE, source).delivery if source else None
    if delivery is None:
        return ""
    return f"{delivery.file_name} ({delivery.sheet})" if delivery.sheet else delivery.file_name


def _opened(run: Run, finding: OpenFinding) -> dict[str, RawRelation]:
    create_digest_macro(run.connection, run.digest_key())
    is_entity = finding.subject in run.migration.mappings
    sources = sources_behind(run.migration, finding.subject) if is_entity else (finding.subject,)
    return open_all(run, sources)


def _ask_about(run: Run, names: Sequence[str]) -> None:
    run.connection.execute(
        f"create or replace temp table {ASKED} as select distinct unnest(?::varchar[]) as row_id",
        [list(names)],
    )


def _identity(run: Run, finding: OpenFinding, raw: Mapping[str, RawRelation], where: str) -> str:
    shown = shown_rows(run.migration, raw, finding.subject, finding.fields)
    return f"select row_id, row_key, keyed_digest(shown) as evidence from ({shown}) where {where} order by row_id"


def _cells(run: Run, finding: OpenFinding, raw: Mapping[str, RawRelation]) -> str:
    """Return a SELECT of (row_id, source, row, cells) of the rows asked about."""
    if finding.subject in run.migration.mappings:
        reads = [
            (raw[read.source], headers_shown(run.migration, read, finding.fields), read.part)
            for read in run.migration.reads_of(finding.subject)
        ]
    else:
        reads = [(raw[finding.subject], finding.fields, MAIN)]
    selects = []
    for source, headers, part in reads:
        known = [header for header in headers if header in source.internal]
        cells = ", ".join(
            f"{{'header': {literal(header)}, 'cell': {source.exact(header)}}}" for header in known
        )
        reference = row_reference("r.row_id", part)
        typed = f"[{cells}]::struct(header varchar, cell varchar)[]"
        unread = "[{'header': r.reason, 'cell': r.raw}]::struct(header varchar, cell varchar)[]"
        for relation, shown in ((source.relation, typed), (source.rejected, unread)):
            if relation:
                selects.append(
                    f"select {reference} as row_id, {literal(source.source)} as source, r.row as row, {shown} as cells"
                    f" from {relation} r where {reference} in (from {ASKED})"
                )
    return " union all ".join(selects) or _NO_CELLS


def _products(run: Run, finding: OpenFinding) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what the product would get of the finding's fields, by row id; nothing for rules about the delivery."""
    if finding.gate == Gate.INTAKE or finding.subject not in run.migration.mappings:
        return {}
    stage = MAPPED if finding.gate == Gate.MAPPED else TRANSFORMED
    path = folder_of(run, stage, finding.subject) / TABLE
    if not path.is_file():
        return {}
    there = columns_of(run.connection, parquet(path))
    fields = [name for name in finding.fields if name in there]
    if not fields:
        return {}
    row = "row_id" if stage == MAPPED else "unnest(row_ids)"
    values = ", ".join(f"coalesce({identifier(name)}::varchar, '')" for name in fields)
    found = run.connection.execute(
        f"select * from (select {row} as row_id, {values} from {parquet(path)}) where row_id in (from {ASKED})"
    ).fetchall()
    return {each[0]: tuple(zip(fields, each[1:], strict=True)) for each in found}
