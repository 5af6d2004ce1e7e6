"""A draft says what its kind needs, and nothing else."""

from typing import Any

import pytest
from pydantic import ValidationError

from aformity_pipelines.domain.drafts import Draft

WORDS = {"by": "ina", "how_known": "A call.", "says": "As agreed.", "why": "She said so."}
ROWS = {"subject": "contact", "rows": "crm:1", "fields": "name"}


def draft(kind: str, **particular: Any) -> Draft:
    return Draft.model_validate({"kind": kind, **WORDS, "covers": ROWS, **particular})


@pytest.mark.parametrize(
    ("kind", "particular"),
    [
        ("rows_excluded", {}),
        ("rows_deferred", {"until_wave": "wave_2"}),
        ("value_corrected", {"field": "name", "value": ""}),
        ("merge_approved", {"survivor": "crm:1"}),
        (
            "follow_up_opened",
            {"owner": "sam", "due": "2026-12-01", "covers": {**ROWS, "rule": "contact.email.format"}},
        ),
        ("follow_up_closed", {"closes": "D-001", "covers": None}),
        ("intake_answered", {"source": "people", "format": {"header_row": 3}, "covers": None}),
        ("intake_answered", {"source": "people", "accept_proposal": True, "covers": None}),
        ("mapping_approved", {"covers": {"entity": "contact", "fields": "all"}}),
        (
            "risk_accepted",
            {"evidence": "Mail.", "covers": {**ROWS, "rule": "contact.email.format", "rows": "all"}},
        ),
    ],
)
def test_a_draft_with_what_its_kind_needs_is_taken(kind: str, particular: dict[str, Any]) -> None:
    assert draft(kind, **particular).kind == kind


@pytest.mark.parametrize(
    ("kind", "particular", "about"),
    [
        ("rows_deferred", {}, "until_wave"),
        ("rows_excluded", {"until_wave": "wave_2"}, "until_wave"),
        ("value_corrected", {"field": "name"}, "value"),
        ("merge_approved", {}, "survivor"),
        ("follow_up_opened", {"owner": "sam"}, "due"),
        ("follow_up_opened", {"due": "2026-12-01"}, "owner"),
        ("risk_accepted", {"owner": "sam", "due": "2026-12-01"}, "owner"),
        ("follow_up_closed", {"closes": "D-001"}, "covers"),
        ("rows_excluded", {"covers": None}, "covers"),
        ("rows_excluded", {"covers": {"subject": "contact"}}, "rows"),
        ("rows_excluded", {"covers": {**ROWS, "where": "true"}}, "not both"),
        ("rows_excluded", {"covers": {**ROWS, "entity": "contact"}}, "not both"),
        ("rows_excluded", {"covers": {**ROWS, "rows": "all"}}, "name the `rule`"),
        ("rows_excluded", {"by": "Ina Vogt"}, "by"),
        ("rows_excluded", {"why": ""}, "why"),
        ("rows_excluded", {"seq": 4}, "seq"),
        ("rows_excluded", {"source": "people"}, "source"),
        ("rows_excluded", {"format": {"header_row": 3}}, "format"),
        ("rows_excluded", {"accept_proposal": True}, "accept_proposal"),
        ("intake_answered", {"format": {"header_row": 3}, "covers": None}, "source"),
        ("intake_answered", {"source": "people", "covers": None}, "format"),
        ("intake_answered", {"source": "people", "format": {}, "covers": None}, "format"),
        ("intake_answered", {"source": "people", "format": {"header": 3}, "covers": None}, "header"),
        ("intake_answered", {"source": "people", "accept_proposal": True}, "covers"),
    ],
)
def test_a_draft_with_less_or_more_is_refused(kind: str, particular: dict[str, Any], about: str) -> None:
    with pytest.raises(ValidationError) as refused:
        draft(kind, **particular)

    assert about in str(refused.value)
