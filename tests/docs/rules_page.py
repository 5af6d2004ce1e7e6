"""docs/rules.md: every rule of every gate, derived or written, with what a breach does."""

from pathlib import Path

from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.findings import Gate, Rule
from aformity_pipelines.quality.suites import (
    assemble,
    derive_entity_suite,
    derive_intake_suite,
    load_extras,
    rules_of,
)
from aformity_pipelines.stages.rejected import readable_rule
from aformity_pipelines.stages.unambiguous import unambiguous_rule
from tests.architecture.sources import ROOT
from tests.docs.destination_page import NAME, destination
from tests.docs.markdown import code, page, table

EXAMPLE = "crm_contacts"
INTRO = """\
A rule belongs to a gate: the boundary in front of a stage. `aformity suite CUSTOMER ENTITY GATE` prints the same for one
customer, whose mapping may provide fewer fields and add rules of its own for looked-up codes.

| policy | what a failing row does while nobody has decided |
| --- | --- |
| block | the gate closes until somebody decides |
| hold | the row becomes unresolved work with an owner and a date; the rest go on |
| report | the row goes on, and the finding is listed |"""
DECIDED = """\
Two rules of each mapped gate are about decisions and need no expectation; `NAME` is the entity.

| rule | from | policy | asks |
| --- | --- | --- | --- |
| `NAME.mapping.approved` | derived | block, or report as `policies.unapproved_mapping` says | somebody on the customer's side \
approved each field mapping as it stands |
| `NAME.decisions.current` | derived | hold | a row that was excluded or deferred is asked about again when what was shown \
of it has changed |

`aformity decide` answers both: see [config.md](config.md)."""
INTAKE = f"""\
## Intake

Intake rules follow from a source's key and from the columns that mappings name. These are the ones of a source `{EXAMPLE}`
with the key `Contact ID` and a mapping that reads `Email`.

The last two ask how the file could be read and need no expectation. A line that could not be read is a row like any other:
exclude it for each entity (`rows_excluded` with this rule), open a follow-up on the source, or have the file sent again.
Where two columns have one name, write `Email__1` or `Email__2` wherever one of them is read."""


def rules_page() -> str:
    """Return the page."""
    shown = destination()
    return page(
        f"The rules of `{NAME}`, version {shown.version}",
        f"`expectations/{NAME}/destination.yaml` and the suites beside it",
        INTRO,
        DECIDED.replace("NAME", "{entity}"),
        f"{INTAKE}\n\n{_table(shown, _intake_rules())}",
        *(_entity(shown, entity) for entity in shown.entities),
    )


def gate_rules(shown: Destination, entity: str, gate: Gate) -> tuple[Rule, ...]:
    """Return the rules of one gate when every field of `entity` is mapped; nothing where it has no gate."""
    derived = derive_entity_suite(shown, entity, gate, frozenset(shown.entities[entity].fields))
    path = Path(ROOT / "expectations" / NAME / entity / f"{gate}.json")
    written = load_extras(path) if path.is_file() else ()
    return rules_of(assemble(f"{entity}.{gate}", derived, written), gate, entity) if derived + written else ()


def _intake_rules() -> tuple[Rule, ...]:
    derived = derive_intake_suite(EXAMPLE, ("Contact ID",), frozenset({"Email"}), frozenset({"Email"}))
    of_suite = rules_of(assemble(f"{EXAMPLE}.intake", derived, ()), Gate.INTAKE, EXAMPLE)
    return (*of_suite, readable_rule(EXAMPLE), unambiguous_rule(EXAMPLE))


def _entity(shown: Destination, entity: str) -> str:
    gates = ((gate, gate_rules(shown, entity, gate)) for gate in Gate if gate is not Gate.INTAKE)
    parts = [f"### Gate `{gate}`\n\n{_table(shown, rules)}" for gate, rules in gates if rules]
    return "\n\n".join((f"## {shown.entities[entity].plural} (`{entity}`)", *parts))


def _table(shown: Destination, rules: tuple[Rule, ...]) -> str:
    return table(
        ("rule", "from", "policy", "severity", "says", "moment"),
        (
            (
                code(rule.id),
                "derived" if rule.derived else "written",
                rule.policy.value,
                rule.severity.value,
                rule.says,
                shown.moments[rule.moment].label if rule.moment else "",
            )
            for rule in rules
        ),
    )
