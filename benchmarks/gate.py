"""The gate against one hand-written pass over the same typed table, and whether both name the same rows."""

import duckdb

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.quality.formats import PATTERNS
from aformity_pipelines.quality.run_suite import run_suite
from aformity_pipelines.quality.suites import Expectation, Suite, all_waves
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.suites import entity_suite
from benchmarks.measure import interleaved
from benchmarks.project import open_run
from benchmarks.table import Line

GATE_FLOOR = 3.0
TYPED = "typed_contact"
ROWS_PRESENT = "contact.rows.present"

HAND_WRITTEN = {
    "contact.external_id.required": "external_id is null",
    "contact.external_id.length": "length(external_id) > 64",
    "contact.full_name.required": "full_name is null",
    "contact.full_name.length": "length(full_name) > 200",
    "contact.email.format": "not regexp_matches(email, {email})",
    "contact.phone.format": "not regexp_matches(phone, {phone})",
    "contact.job_title.length": "length(job_title) > 200",
    "contact.is_billing_contact.type": "is_billing_contact__bad is not null",
    "contact.email.present": "email is null",
    "contact.external_id.unique": "external_id in (from twice_id)",
    "contact.account.relationship": "account not in (select external_id from account__all where external_id is not null)",
    "contact.email.shared": "email in (from twice_email)",
    "contact.account.present": "account is null",
    "contact.job_title.known": "job_title not in ('Head of IT', 'Finance lead', 'Buyer', 'Office manager', 'CEO')",
}
"""Rule -> the condition under which a row breaks it; `contact.rows.present` is the fifteenth rule."""


def measure_gate(workspace: Workspace) -> tuple[list[Line], list[str]]:
    """Return the lines of the gate, and what differs between its rows and the hand-written pass's."""
    with open_run(workspace) as run:
        _open_tables(run)
        suite = _suite(run)

        def gate() -> None:
            run_suite(run.connection, table=TYPED, suite=suite, gate=Gate.MAPPED, subject="contact")

        spent = interleaved({"single pass": lambda: single_pass(run.connection), "gate": gate})
        differences = _differences(run.connection, suite)
    note = f"{spent['gate']:.2f} against {spent['single pass']:.2f} CPU s"
    reached = spent["gate"] / spent["single pass"]
    lines = [
        Line(
            measure="gate, 15 rules, all failing ids / single pass",
            floor=GATE_FLOOR,
            reached=reached,
            unit="x",
            note=note,
        )
    ]
    return lines, differences


def _open_tables(run: Run) -> None:
    contact, account = (
        parquet(folder_of(run, stage, entity) / TABLE)
        for stage, entity in (("mapped", "contact"), ("mapped", "account"))
    )
    run.connection.execute(f"create temp table {TYPED} as select * from {contact} where set_aside is null")
    run.connection.execute(f"create temp view {all_waves('contact')} as select * from {TYPED}")
    run.connection.execute(f"create temp table {all_waves('account')} as select * from {account}")


def _suite(run: Run) -> Suite:
    """Return the contact's mapped and transformed rules and two more, fifteen in all."""
    found: dict[str, Expectation] = {}
    for gate in (Gate.MAPPED, Gate.TRANSFORMED):
        suite = entity_suite(run.workspace, run.migration, "contact", gate)
        found |= {each["meta"]["rule"]: each for each in suite["expectations"]}
    shared = found["contact.email.shared"]
    found["contact.email.shared"] = shared | {"kwargs": shared["kwargs"] | {"column": "email"}}
    known = ["Head of IT", "Finance lead", "Buyer", "Office manager", "CEO"]
    found |= {
        each["meta"]["rule"]: each
        for each in (
            _rule("contact.account.present", "expect_column_values_to_not_be_null", column="account"),
            _rule(
                "contact.job_title.known",
                "expect_column_values_to_be_in_set",
                column="job_title",
                value_set=known,
            ),
        )
    }
    assert set(found) == {*HAND_WRITTEN, ROWS_PRESENT}, set(found) ^ {*HAND_WRITTEN, ROWS_PRESENT}
    return {"name": "contact.bench", "expectations": list(found.values())}


def _rule(rule: str, type_: str, **kwargs: object) -> Expectation:
    meta = {"rule": rule, "policy": "hold", "says": "Made for the benchmark.", "moment": "reporting"}
    return {"type": type_, "kwargs": kwargs, "severity": "warning", "meta": meta}


def single_pass(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `by_hand` (row_id, mask) of every row that breaks a rule: one scan, one bit a rule."""
    patterns = {str(name): literal(pattern) for name, pattern in PATTERNS.items()}
    rules = [condition.format(**patterns) for condition in HAND_WRITTEN.values()]
    bits = " + ".join(f"case when {rule} then {1 << bit} else 0 end" for bit, rule in enumerate(rules))
    connection.execute(
        "create or replace temp table by_hand as with"
        f" twice_id as (select external_id from {TYPED} group by 1 having count(*) > 1),"
        f" twice_email as (select email from {TYPED} group by 1 having count(*) > 1)"
        f" select row_id, mask from (select row_id, {bits} as mask from {TYPED}) where mask <> 0"
    )


def _differences(connection: duckdb.DuckDBPyConnection, suite: Suite) -> list[str]:
    """Return every rule for which the gate and the single pass do not name the same rows."""
    rules = ", ".join(f"({1 << bit}, '{rule}')" for bit, rule in enumerate(HAND_WRITTEN))
    expected = (
        f"select r.rule, h.row_id from by_hand h join (values {rules}) r(bit, rule) on h.mask & r.bit <> 0"
    )
    found = "select rule, row_id from findings__mapped__contact"
    rows = connection.execute(
        f"select rule, count(*) from (({expected} except {found}) union all ({found} except {expected})) group by 1"
    ).fetchall()
    return [f"{rule}: {number} rows are named by one of both only" for rule, number in rows]
