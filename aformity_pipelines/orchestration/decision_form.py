"""The typed form of one decision in Dagster's launchpad, and the draft that it says.

What can be chosen (kinds, people, sources, entities, waves) is this customer's own.  What a decision needs is
`domain.drafts`'s to say.
"""

import re
from enum import Enum
from typing import Any, TypeAlias, cast, get_args

import dagster as dg
from pydantic import Field as Setting
from pydantic import ValidationError, create_model

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.stages.personal import personal
from aformity_pipelines.stages.refusing import DraftRefused, Fault, refused

COVERS = ("entity", "fields", "value_maps", "subject", "rule", "rows", "where")
"""Keys of the form that say what a decision covers."""
NEXT_FAULT = re.compile(r"; (?=[a-z_]+: )")
"""Between two faults of a draft; each begins with its key."""
BESIDE = ("dry_run", "wave")
"""Keys of the form that are not about the decision itself."""


class DecisionForm(dg.Config):
    """What is written down whatever the kind; the customer's own choices are added by `form_of`."""

    how_known: str = Setting(
        description="How we know who decided: `signed field map of 3 November`, `call with Ina`."
    )
    says: str = Setting(description="One sentence for the customer; the handoff prints it as it is.")
    why: str = Setting(description="The reason.")
    on: str | None = Setting(default=None, description="The day it was decided, 2026-12-01; left out: today.")
    evidence: list[str] = Setting(default=[], description="Mails, minutes, documents that show it, by name.")
    rule: str | None = Setting(
        default=None, description="The rule that the rows break, as the asset's metadata names it."
    )
    rows: list[str] = Setting(
        default=[],
        description="Row keys (`source:key`) or row ids; `[all]`: every undecided row of the rule.",
    )
    where: str | None = Setting(
        default=None, description="A condition over the mapped table, instead of `rows`."
    )
    fields: list[str] = Setting(
        default=[],
        description="Field mappings (`source/part/field`) or `[all]`; of rows: the fields that were shown.",
    )
    value_maps: list[str] = Setting(
        default=[], description="mapping_approved: value maps approved by themselves."
    )
    due: str | None = Setting(
        default=None, description="Follow-ups and questions: by when, written 2026-12-01."
    )
    field: str | None = Setting(
        default=None, description="value_corrected, values_replaced: the field that gets the value."
    )
    value: str | None = Setting(
        default=None,
        description='value_corrected: the value as text; "" clears.  Dagster keeps what is typed here.',
    )
    replace: dict[str, str] = Setting(
        default={}, description="values_replaced: text of the field -> the text in its place."
    )
    survivor: str | None = Setting(
        default=None, description="merge_approved: key of the row whose values win."
    )
    follow_up: str | None = Setting(
        default=None, description="follow_up_reassigned: the follow-up, such as D-012."
    )
    closes: str | None = Setting(default=None, description="follow_up_closed: the follow-up that is done.")
    answers: str | None = Setting(default=None, description="question_answered: the question.")
    answer: str | None = Setting(default=None, description="question_answered: what the answer was.")
    withdraws: str | None = Setting(
        default=None, description="decision_withdrawn: the decision that holds no more."
    )
    seconds: str | None = Setting(
        default=None, description="decision_seconded: the decision that `by` stands by too."
    )
    supersedes: str | None = Setting(
        default=None, description="The earlier decision that this one takes the place of."
    )
    supersedes_because: str | None = Setting(default=None, description="Why it takes its place.")
    format: dict[str, Any] = Setting(
        default={}, description="intake_answered: how the files are read, such as {header_row: 3}."
    )
    accept_proposal: bool = Setting(
        default=False, description="intake_answered: what is asked is as proposed."
    )
    dry_run: bool = Setting(default=False, description="Only show what would move; nothing is recorded.")


Form: TypeAlias = type[DecisionForm]


def form_of(migration: Migration) -> Form:
    """Return the form with this customer's own choices; in the launchpad they complete as they are typed."""
    customer, slug = migration.customer, migration.slug

    def one_of(what: str, names: tuple[str, ...]) -> Any:  # noqa: ANN401 - a type made for this customer
        return Enum(f"{slug}__{what}", {name: name for name in names})

    kinds = one_of("kind", get_args(Draft.model_fields["kind"].annotation))
    people = one_of("person", tuple(customer.people))
    entities = one_of("entity", migration.entities()) if migration.entities() else str
    sources = one_of("source", tuple(customer.sources))
    subjects = one_of("subject", tuple(dict.fromkeys((*migration.entities(), *customer.sources))))
    waves = one_of("wave", tuple(wave.name for wave in customer.waves))
    own: dict[str, Any] = {
        "kind": (kinds, Setting(description="What kind of decision it is.")),
        "by": (people, Setting(description="Who decided: one of `people` in defs.yaml.")),
        "subject": (
            subjects | None,
            Setting(default=None, description="The entity or source that the rows are about."),
        ),
        "entity": (
            entities | None,
            Setting(default=None, description="mapping_approved: the entity whose field map it is."),
        ),
        "source": (
            sources | None,
            Setting(default=None, description="intake_answered: the source whose file waits."),
        ),
        "until_wave": (
            waves | None,
            Setting(default=None, description="rows_deferred: the wave that carries the rows."),
        ),
        "owner": (
            people | None,
            Setting(default=None, description="Follow-ups: who does it; questions: who answers."),
        ),
        "wave": (
            waves | None,
            Setting(default=None, description="The wave whose rows are in question; left out: the first."),
        ),
    }
    return cast(Form, create_model(f"{slug}__decision", __base__=DecisionForm, **own))


def draft_of(form: DecisionForm, migration: Migration) -> Draft:
    """Return the draft that a filled-in form says; DraftRefused carries every fault, placed by its key."""
    said = {
        name: value.value if isinstance(value, Enum) else value
        for name in type(form).model_fields
        if name not in BESIDE and _is_said(name, value := getattr(form, name))
    }
    covers = {name: said.pop(name) for name in COVERS if name in said}
    try:
        draft = Draft.model_validate(said | ({"covers": covers} if covers else {}))
    except ValidationError as error:
        raise DraftRefused(
            Fault(says=fault, at=detail["loc"])
            for detail in error.errors(include_url=False)
            for fault in NEXT_FAULT.split(detail["msg"].removeprefix("Value error, "))
        ) from None
    _refuse_personal(draft, migration)
    return draft


def template_of(migration: Migration) -> dict[str, object]:
    """Return what the launchpad shows at first: the usual keys, to be filled in and looked at before it counts."""
    return {
        "kind": "risk_accepted",
        "by": next(iter(migration.customer.people)),
        "how_known": "",
        "says": "",
        "why": "",
        "evidence": [],
        "subject": next(iter((*migration.entities(), *migration.customer.sources))),
        "rule": "",
        "rows": ["all"],
        "dry_run": True,
    }


def _is_said(name: str, value: object) -> bool:
    """Whether a key of the form was filled in; a blank text says something only as a value."""
    return value not in (None, [], {}, False) and (value != "" or name == "value")


def _refuse_personal(draft: Draft, migration: Migration) -> None:
    """Raise DraftRefused where a value of a personal field would stay in Dagster's records."""
    if draft.field is None or draft.covers is None or draft.covers.subject is None:
        return
    if personal(migration).hides(draft.covers.subject, draft.field):
        raise refused(
            f"{draft.covers.subject}.{draft.field} holds personal values, which Dagster would keep with the run",
            f"record it with `aformity decide {migration.slug}`",
            ("value" if draft.value is not None else "replace",),
        )


def faults_in_words(refusal: DraftRefused) -> str:
    """Return every fault on a line of its own, with the key of the form that it is about."""
    lines = []
    for fault in refusal.faults:
        keys = [str(step) for step in fault.at if not isinstance(step, int) and step != "covers"]
        is_named = not keys or re.match(rf"{re.escape(keys[-1])}\b", fault.words)
        lines.append(f"- {fault.words}" if is_named else f"- {'.'.join(keys)}: {fault.words}")
    return "\n".join(lines)
