"""A migration in memory with people of every side, rules about who decides, and a log."""

from typing import Any

from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.drafts import WITHOUT_COVERAGE
from aformity_pipelines.domain.mapping import Mapping
from aformity_pipelines.domain.migration import NO_LOG, Migration
from tests.builders.decisions import coverage, entry

PEOPLE: dict[str, Any] = {
    "ina": {"name": "Ina Vogt", "role": "Data owner", "side": "customer"},
    "tom": {"name": "Tom Lind", "role": "Billing owner", "side": "customer"},
    "sam": {"name": "Sam Lee", "role": "Implementation lead", "side": "implementation"},
}
DESTINATION = {
    "destination": "shop",
    "version": "1",
    "label": "The Shop",
    "moments": {
        "billing": {"label": "Billing", "says": "Who pays."},
        "login": {"label": "First login", "says": "Who gets in."},
    },
    "entities": {
        "contract": {
            "label": "Contract", "plural": "Contracts", "says": "What they pay for.", "key": "number",
            "fields": {
                "number": {"required": True, "unique": True, "moment": "login", "says": "Its number."},
                "price": {"type": "decimal", "moment": "billing", "says": "What it costs.", "policies": {"type": "report"}},
                "note": {"moment": "login", "says": "What was agreed."},
            },
        },
        "person": {
            "label": "Person", "plural": "People", "says": "Who works there.", "key": "mail",
            "fields": {"mail": {"required": True, "unique": True, "moment": "login", "says": "Their address."}},
        },
    },
}  # fmt: skip
MAPPINGS: dict[str, Any] = {
    "contract": {
        "entity": "contract",
        "reads": [
            {
                "source": "deals",
                "fields": {
                    "number": {"from": "No"},
                    "price": {"from": [], "rule": {"sql": '"Net" || "Cents"'}},
                    "note": {"from": "Note", "values": "notes"},
                },
            }
        ],
    },
    "person": {"entity": "person", "reads": [{"source": "staff", "fields": {"mail": {"from": "Mail"}}}]},
}


def migration(*log: Entry, approvals: list[dict[str, Any]] | None = None, **attributes: Any) -> Migration:
    """A customer whose defs.yaml has these approvals; further attributes replace the usual ones."""
    customer = {
        "customer": "Acme",
        "destination": {"name": "shop", "version": "1"},
        "replaces": {"what": "A sheet.", "why": "It is old."},
        "people": PEOPLE,
        "sources": {
            "deals": {"file": "deals*.csv", "says": "Deals.", "key": "No"},
            "staff": {"file": "staff*.csv", "says": "Staff.", "key": "Mail"},
        },
        "waves": [{"name": "wave_1", "says": "All.", "launches_on": "2027-01-01"}],
        "owners": {"default": {"person": "sam", "due_days": 5}},
        "approvals": approvals or [],
    }
    return Migration(
        slug="acme",
        customer=Customer.model_validate(customer | attributes),
        destination=Destination.model_validate(DESTINATION),
        mappings={name: Mapping.model_validate(each) for name, each in MAPPINGS.items()},
        value_maps={},
        log=log,
        head=NO_LOG,
    )


def decided(kind: str, number: int, by: str, **particular: Any) -> Any:
    """One entry of somebody's; where it is about rows, about one contract whose price was shown."""
    if kind not in WITHOUT_COVERAGE | {"mapping_approved"}:
        rule = "contract.price.positive" if kind == "risk_accepted" else None
        shown = coverage("deals:1", subject="contract", fields=["price"], rule=rule)
        particular = {"covers": shown, **particular}
    if kind == "risk_accepted":
        particular = {"evidence": ["A mail."], **particular}
    return entry(kind, number, by=PEOPLE[by], **particular)
