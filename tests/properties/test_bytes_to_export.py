"""From bytes to export: every accepted value is what an independent reading gives, or a rule that is logged changed it (P2)."""

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from aformity_pipelines.domain.stage_record import FieldRecord
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.stages import raw_file
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import current_version
from tests.builders.rejecting import rewrite
from tests.builders.two_sources import DEFS, SLUG, a_run, project, run_all

pytestmark = pytest.mark.slow

HEADERS = ("No", "Name", "Title", "Bill")
FIELDS = {"external_id": "No", "full_name": "Name", "job_title": "Title", "is_billing_contact": "Bill"}
UNRULED = ("external_id", "full_name")
"""Fields that are carried over as they are: not one byte of them may differ."""
CONTACT = {
    "entity": "contact",
    "reads": [
        {
            "source": "people",
            "fields": {
                "external_id": {"from": "No"},
                "full_name": {"from": "Name"},
                "job_title": {"from": "Title", "rule": ["trim", "collapse_spaces"]},
                "is_billing_contact": {"from": "Bill"},
            },
        }
    ],
}
NASTY = (
    "007", "1E5", "0x10", "1234567890123456789", "02/03/04", "=1+1", "NULL", "#N/A", "true", "🦜 Émile", "שלום", "é",
    "a,b;c\td|e", 'the "one"', '"', '""', "two\nlines", "\n", " ", "  x  y ", "\u00a0", "\u200b", "'", "\\", "\\N", "-", "a\u2028b",
)  # fmt: skip
cells = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\x1a"), max_size=12),
)
titles = st.one_of(cells, st.sampled_from(["", " Head  of Sales", "Buyer "]))
records = st.lists(
    st.tuples(cells, titles, st.sampled_from(["yes", "no", "1", "", "ja"])), min_size=2, max_size=15
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a file is written, and what its reader is told."""

    encoding: str
    delimiter: str
    line_end: str
    quoting: int

    def write(self, rows: list[list[str]], damaged: frozenset[int]) -> bytes:
        """Return the file; of the records whose number is damaged only the first two cells stand there."""
        text = io.StringIO()
        writer = csv.writer(
            text, delimiter=self.delimiter, lineterminator=self.line_end, quoting=self.quoting
        )  # type: ignore[arg-type]
        writer.writerow(HEADERS)
        writer.writerows(row[:2] if number in damaged else row for number, row in enumerate(rows))
        return text.getvalue().encode(self.encoding)

    def hints(self, rows: int) -> dict[str, Any]:
        told = {"encoding": self.encoding, "delimiter": self.delimiter, "quote": '"', "header_row": 1}
        return told | {"short_records": "reject", "last_row": rows + 1}

    def read(self, content: bytes) -> Iterator[list[str]]:
        """Read the file again with Python's own reader, which knows nothing of ours."""
        text = io.StringIO(content.decode(self.encoding), newline="")
        return csv.reader(text, delimiter=self.delimiter, strict=True)


spellings = st.builds(
    Spelling,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)


def a_project(folder: Path, content: bytes, hints: dict[str, Any]) -> Workspace:
    source = {"file": "people*.csv", "says": "People, one a row.", "key": "No", "format": hints}
    waves = [DEFS["attributes"]["waves"][0]]
    defs = {**DEFS, "attributes": {**DEFS["attributes"], "sources": {"people": source}, "waves": waves}}
    workspace = project(folder, files={"people.csv": ""}, defs=defs, mappings=(CONTACT,))
    (workspace.intake(SLUG) / "people.csv").write_bytes(content)
    return workspace


def exported(workspace: Workspace, folder: Path) -> dict[int, dict[str, Any]]:
    """Return spreadsheet row -> field -> value of every record in the import file, the copy in CSV being equal."""
    names = ", ".join(FIELDS)
    rows = duckdb.execute(
        f"select cast(split_part(row_ids[1], '#', 2) as integer), {names}"
        f" from read_parquet('{folder}/01_contact.parquet') order by 1"
    ).fetchall()
    with (folder / "01_contact.csv").open(encoding="utf-8", newline="") as opened:
        written = [[record[name] for name in UNRULED] for record in csv.DictReader(opened, strict=True)]
    assert written == [[row[1], row[2]] for row in rows]
    return {row[0]: dict(zip(FIELDS, row[1:], strict=True)) for row in rows}


def logged(workspace: Workspace) -> dict[str, FieldRecord]:
    record = read_record(a_run(workspace), "mapped", "contact")
    assert record is not None
    return {each.field: each for each in record.fields}


def fates(folder: Path) -> dict[int, tuple[str, str]]:
    return {
        row: (fate, reason)
        for row, fate, reason in duckdb.execute(
            f"select row, fate, reason from read_parquet('{folder}/ledger.parquet')"
        ).fetchall()
    }


# Without shrinking: one example takes seconds, and hundreds would be tried to make it smaller.
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(generated=records, spelling=spellings, damaged=st.frozensets(st.integers(0, 14), max_size=2))
def test_a_value_is_byte_equal_to_an_independent_reading_or_a_logged_rule_changed_it(
    generated: list[tuple[str, str, str]], spelling: Spelling, damaged: frozenset[int]
) -> None:
    rows = [[f"p{number}", *row] for number, row in enumerate(generated)]
    damaged = frozenset(number for number in damaged if number < len(rows) - 1)
    try:
        content = spelling.write(rows, damaged)
    except UnicodeEncodeError:
        assume(False)
        return
    _, *read = spelling.read(content)
    with tempfile.TemporaryDirectory() as place:
        workspace = a_project(Path(place), content, spelling.hints(len(rows)))

        outcomes = run_all(workspace)

        assert outcomes["raw_file/people"].closed == "", "everything was told: nothing is asked"
        folder = current_version(workspace.published(SLUG, "wave_1"))
        assert folder is not None
        assert_accounted_for(folder, len(rows), damaged)
        live = exported(workspace, folder)
        assert_true(live, read, logged(workspace))


def test_a_reader_that_trims_a_value_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The property bites: one space that a reader takes away is seen in the export."""
    spelling = Spelling("utf-8", ",", "\n", csv.QUOTE_MINIMAL)
    content = spelling.write([["p0", " Jo", "Buyer", "yes"], ["p1", "Kim", "", ""]], frozenset())
    take = raw_file.read_delivery

    def trimming(*args: Any, **kwargs: Any) -> RawTable:
        table = take(*args, **kwargs)
        rewrite(table.parquet, "select * replace (trim(c0002) as c0002) from t")
        return table

    monkeypatch.setattr(raw_file, "read_delivery", trimming)
    workspace = a_project(tmp_path / "project", content, spelling.hints(2))
    run_all(workspace)
    folder = current_version(workspace.published(SLUG, "wave_1"))
    assert folder is not None
    live = exported(workspace, folder)

    assert sorted(live) == [2, 3]
    with pytest.raises(AssertionError):
        assert_true(live, list(spelling.read(content))[1:], logged(workspace))


def assert_accounted_for(folder: Path, rows: int, damaged: frozenset[int]) -> None:
    """Every record has a fate; exactly the damaged ones could not be read."""
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    found = fates(folder)

    assert sorted(found) == list(range(2, rows + 2))
    assert {row - 2 for row, fate in found.items() if fate[1] == "unreadable"} == damaged
    assert manifest.rejected.get("people", 0) == len(damaged)


def assert_true(live: dict[int, dict[str, Any]], read: list[list[str]], told: dict[str, FieldRecord]) -> None:
    """Hold each exported value against the independent reading; what differs must be in the log of its field."""
    delivered = {number: dict(zip(HEADERS, row, strict=False)) for number, row in enumerate(read, start=2)}
    differing = {
        field: [row for row, record in live.items() if record[field] != (delivered[row][header] or None)]
        for field, header in FIELDS.items()
    }

    for field in UNRULED:
        assert differing[field] == []
        assert (told[field].changed, told[field].cleared, told[field].unreadable) == (0, 0, 0)
    for field in ("job_title", "is_billing_contact"):
        assert len(differing[field]) <= told[field].changed + told[field].cleared + told[field].unreadable
    for row, record in live.items():
        text = " ".join(delivered[row]["Title"].split(" ")).strip()
        assert record["job_title"] is None or record["job_title"].split() == text.split()
        assert record["is_billing_contact"] in {"yes": {True}, "1": {True}, "no": {False}, "": {None}}.get(
            delivered[row]["Bill"], {True, None}
        )
