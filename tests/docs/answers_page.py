"""The part of docs/config.md about kinds of decisions: what each is for, what it needs, one example of each."""

import textwrap

from aformity_pipelines.domain.drafts import NEEDED, WITHOUT_COVERAGE
from tests.docs.markdown import code, table

MEANS = {
    "mapping_approved": "the customer agrees where fields and values come from",
    "risk_accepted": "the customer knows what these rows break, and nobody has to act",
    "rows_deferred": "rows wait for a later wave",
    "rows_excluded": "rows will not be brought over at all",
    "value_corrected": "one field of some rows gets a value that the files do not hold",
    "values_replaced": "one rule for many rows: texts of a field that become other texts",
    "merge_approved": "several rows are one record: the survivor's values win, the others fill its blanks",
    "merge_refused": "rows that look like one record are several; nobody is to merge them",
    "follow_up_opened": "work with an owner and a date; the rows are held back, the rest go on",
    "follow_up_reassigned": "that work goes to somebody else, or gets another date",
    "follow_up_closed": "that work is done; the rules judge its rows again",
    "question_asked": "a question to a person; the rows that it is about wait for the answer",
    "question_answered": "what the answer was; what follows from it is a decision of its own",
    "rule_waived": "a rule, or what the product demands, is not asked of this customer, also of rows to come",
    "decision_withdrawn": "a decision holds no more and nothing takes its place",
    "decision_seconded": "another person stands by a decision that needs more than one",
    "intake_answered": "how the files of a source are read, where only a person can know; replayed on every later file",
    "export_loaded": "a published export is in the product; later ones only add to it",
    "destination_upgraded": "the migration moves to another version of its destination; `aformity upgrade` writes it",
}
WORDS = {
    "mapping_approved": "Accounts keep their CRM number.",
    "risk_accepted": "Seven contacts come without a usable e-mail address.",
    "rows_deferred": "Closed accounts follow a month later.",
    "rows_excluded": "The test account of the sales team stays behind.",
    "value_corrected": "Acme's contract ends on 31 March 2027.",
    "values_replaced": "Mgr and Mngr mean Manager.",
    "merge_approved": "Acme and Acme Ltd are one account.",
    "merge_refused": "Acme and Acme Ltd are two companies with one switchboard.",
    "follow_up_opened": "Three contracts have a start date that can be read in two ways; Ina looks them up.",
    "follow_up_reassigned": "Ina looks up the start dates now, since Tomas is away.",
    "follow_up_closed": "The three start dates have been looked up.",
    "question_asked": "What does the status Dormant mean?",
    "question_answered": "Dormant is a contract that runs and nobody uses.",
    "rule_waived": "Accounts come without an owner; sales assigns them after launch.",
    "decision_withdrawn": "The seven contacts are looked at again.",
    "decision_seconded": "Tomas agrees that the seven invoices stay without an address.",
    "intake_answered": "The third row of the partner list names its columns.",
    "export_loaded": "Wave 1 is in the workspace since 1 December.",
    "destination_upgraded": "From now on accounts have the fields of version 2.",
}
REST = {
    "mapping_approved": "covers: {entity: account, fields: all}",
    "risk_accepted": """\
evidence: [Mail of 12 November 2026]
covers: {subject: contact, rule: contact.email.format, rows: all}""",
    "rows_deferred": """\
until_wave: wave_2
covers: {subject: account, fields: [name, lifecycle_stage], where: "lifecycle_stage = 'former_customer'"}""",
    "rows_excluded": 'covers: {subject: account, fields: name, rows: "crm_accounts:000099"}',
    "value_corrected": """\
field: end_date
value: "2027-03-31"
covers: {subject: subscription, rule: subscription.end_date.after_start, rows: "billing:S-10166"}""",
    "values_replaced": """\
field: job_title
replace: {Mgr: Manager, Mngr: Manager}
covers: {subject: contact}""",
    "merge_approved": """\
survivor: crm_accounts:000012
covers: {subject: account, fields: [name, domain], rows: ["crm_accounts:000012", "crm_accounts:000013"]}""",
    "merge_refused": """\
covers: {subject: account, fields: [name, domain], rows: ["crm_accounts:000020", "crm_accounts:000021"]}""",
    "follow_up_opened": """\
owner: ina
due: "2026-12-04"
covers: {subject: subscription, rule: subscription.start_date.type, rows: all}""",
    "follow_up_reassigned": """\
follow_up: D-014
owner: ina
due: 2026-12-11""",
    "follow_up_closed": "closes: D-014",
    "question_asked": """\
owner: ina
due: "2026-12-04"
covers: {subject: account, rule: account.lifecycle_stage.allowed, rows: all}""",
    "question_answered": """\
answers: D-015
answer: A contract that runs while nobody uses the product.""",
    "rule_waived": """\
evidence: [Minutes of 12 November 2026]
covers: {subject: account, rule: account.owner.present}""",
    "decision_withdrawn": "withdraws: D-016",
    "decision_seconded": "seconds: D-016",
    "intake_answered": """\
source: partner_list
format: {header_row: 3}""",
    "export_loaded": "wave: wave_1",
    "destination_upgraded": """\
from_version: "1"
to_version: "2"
""",
}
ABOUT = """\
`aformity decide CUSTOMER answers.yaml` records decisions: all of the file, or none of it. Each decision sees the ones
above it. What it covers is worked out from today's files and bound to the values shown; a cell that changes later makes
the decision stale for that row. `aformity run` says which rules wait for a decision, `aformity suite` lists them all."""
CHOOSING = """\
Rows are chosen by `rows: all` (every row that fails the `rule` and that no decision covers yet), by row keys such as
`crm_accounts:000005`, by row ids such as `crm_accounts@479c213a#0000006` where two rows share a key, or by `where`, a
condition over the mapped fields. `fields` says what was shown; what the rule reads is added to it."""

READING = """\
A file that raises a question about its format waits, with everything that needs it; the others go on. `aformity status`
prints the question and a draft of the answer. `format` says how the file is read (the keys are those of `format` in
defs.yaml), `accept_proposal: true` takes the best guess for what `format` leaves open. The file is read again with the
answer before it is recorded; a question that is still open refuses it. The answer holds for every later file of the
source that has the same columns; one that lacks a column waits again, and is answered anew with `supersedes`."""


def example(kind: str) -> str:
    """Return one decision of a kind as an item of the list `decide:`."""
    return f"""\
  - kind: {kind}
    by: ina
    how_known: Call with Ina Vogt on 12 November 2026.
    says: {WORDS[kind]}
    why: Ina Vogt checked it with the people who work with these records.
{textwrap.indent(REST[kind], "    ")}
"""


def _listed(kinds: frozenset[str]) -> str:
    *first, last = (code(kind) for kind in NEEDED if kind in kinds)
    return f"{', '.join(first)} and {last}"


def kinds_part() -> str:
    """Return the sections on kinds, on choosing rows, and the example."""
    kinds = (
        (code(kind), MEANS[kind], ", ".join(code(key) for key in sorted(keys)))
        for kind, keys in NEEDED.items()
    )
    examples = "".join(example(kind) for kind in NEEDED)
    return "\n\n".join(
        (
            ABOUT,
            f"Every decision has `kind`, `by`, `how_known`, `says` and `why`; all but\n{_listed(WITHOUT_COVERAGE)}\n"
            "have `covers`. One that takes the place of another has `supersedes` and `supersedes_because`.",
            table(("kind", "what it decides", "also needs"), kinds),
            CHOOSING,
            READING,
            f"One of each kind:\n\n```yaml\ndecide:\n{examples}```",
        )
    )
