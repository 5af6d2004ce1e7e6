"""The words of a new customer's files.  Everything in them loads; what stands behind `#` is to be used or deleted."""

import textwrap

from aformity_pipelines.domain.destination import Destination, Entity, Field

WIDTH = 100
LISTED = 12
WHAT = "The system that the product replaces."
WHY = "What the customer does with it every day, and what must work on launch day."
LEAD, OWNER, CSM = "Implementation lead", "Data owner", "Success manager"
LAUNCHES_ON = "2030-01-01"
PLACEHOLDERS = frozenset({WHAT, WHY, LEAD, OWNER, CSM, LAUNCHES_ON})
"""Texts of a new defs.yaml that are to be replaced."""


def defs_text(slug: str, destination: Destination) -> str:
    """Return a defs.yaml with one source per entity of the destination, ready to be filled in."""
    name = slug.replace("_", " ").title()
    # A label that short would say too little; people read it in the handoff.
    name = name if len(name) > 2 else f"Customer {name}"
    entity, described = next(iter(destination.entities.items()))
    first = source_name(entity)
    sources = "\n".join(_source(*each) for each in destination.entities.items())
    return f"""\
# {name}: who, what, when.  Every text in quotes is to be replaced.  `aformity check {slug}` tells what is missing.
type: aformity_pipelines.CustomerMigration

attributes:
  customer: "{name}"
  # status: archived        # takes a finished customer out of the graph; its record stays
  destination: {{name: {destination.destination}, version: "{destination.version}"}}
  replaces:
    what: "{WHAT}"
    why: "{WHY}"

  people:
    lead: {{name: "{LEAD}", role: "Implementation lead", side: implementation}}
    owner: {{name: "{OWNER}", role: "Data owner at the customer", side: customer}}
    csm: {{name: "{CSM}", role: "Customer success manager", side: csm}}

  # One entry per kind of file.  `file` is a pattern of names in intake/; headers are written exactly as delivered.
  sources:
{sources}

  # Rows that no later wave claims launch with the first one.
  waves:
    - name: wave_1
      says: "Everything that goes live on the first day."
      launches_on: "{LAUNCHES_ON}"
    # - name: wave_2
    #   says: "Closed accounts, a month later."
    #   launches_on: "2030-02-01"
    #   where:
    #     {first}: '"Status" = ''closed'''

{_settling(entity, described)}

  policies:
    unapproved_mapping: block         # or report
    show_personal_values: false

  # schedule: {{cron: "0 6 * * 1-5", waves: wave_2}}
"""


def _settling(name: str, entity: Entity) -> str:
    """Return who settles open work and who decides, with a field of an entity as the example."""
    key, moment = f"{name}.{entity.key}", entity.fields[entity.key].moment
    return f"""\
  # Unresolved work always has an owner and a date.  The closest of these wins: `entity.field`, `group.<field group>`,
  # `moment.<product moment>`, `risk.<critical, warning or info>`, an entity or a source, `default`.
  owners:
    default: {{person: owner, due_days: 10}}
    # moment.{moment}: {{person: owner, due_days: 3}}
    # group.keys: {{person: lead, due_days: 5}}

  # Fields that belong together, for `owners` and `approvals`.
  # field_groups:
  #   keys: [{key}]

  # Who decides what, and how many it takes.  A rule that comes later holds for what was decided before, too.
  # approvals:
  #   - says: "Only the data owner accepts risks."
  #     kinds: risk_accepted
  #     roles: "Data owner at the customer"
  #   - says: "Two people agree before rows are left out, one of them on the customer's side."
  #     kinds: [rows_excluded, rows_deferred]
  #     sides: customer
  #     persons: 2"""


def mapping_text(name: str, entity: Entity) -> str:
    """Return a mapping file: what the destination requires, from headers to be corrected, the rest in comments."""
    required = "\n".join(_field(n, field, "") for n, field in entity.fields.items() if field.required)
    others = "\n".join(_field(n, field, "# ") for n, field in entity.fields.items() if not field.required)
    return f"""\
{_comment(f"{entity.label}: {entity.says}")}
# Delete this file if the customer brings no {entity.plural.lower()}.
entity: {name}

reads:
  - source: {source_name(name)}      # one of `sources` in defs.yaml
    # only: {{where: '"Status" <> ''deleted''', why: "Deleted records stay behind."}}
    fields:
      # Required.  The headers are guesses: write them exactly as delivered.
{required}
      # Wanted.  Take the mark away where the source has it.
{others}
    # Every column that no field reads, and why:
    # columns:
    #   "Fax": {{fate: archived, why: "Nobody sends faxes any more; the file keeps them."}}
"""


def source_name(entity: str) -> str:
    """Return the name that a new folder gives to the source of an entity."""
    return f"{entity}_export"


def _source(name: str, entity: Entity) -> str:
    return f"""\
    {source_name(name)}:
      file: "{name}*.csv"
      says: "{entity.plural} as the old system exports them."
      # key: "ID"                     # the headers that name a row
      # blanks: ["NULL", "n/a"]       # texts that mean nothing was entered
      # format: {{encoding: utf-8, delimiter: ",", header_row: 1}}"""


def _field(name: str, field: Field, mark: str) -> str:
    allowed = f" One of: {', '.join(each.value for each in field.allowed[:LISTED])}" if field.allowed else ""
    more = f" and {len(field.allowed) - LISTED} more" if len(field.allowed) > LISTED else ""
    header = name.replace("_", " ").capitalize()
    return f'{_comment(field.says + allowed + more, "      ")}\n      {mark}{name}: {{from: "{header}"}}'


def _comment(text: str, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()), WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "
    )
