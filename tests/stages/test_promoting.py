"""What one customer settled as a starting point for another: suggestions only, and nobody's rows or people."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from aformity_pipelines.config.documents import read_document
from aformity_pipelines.config.load import load_migration, read_unfinished
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.drafts import DraftFile
from aformity_pipelines.domain.promotion import Promotion
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.review.append import append_all
from aformity_pipelines.stages.promoting import promote, text_of, worked_out
from tests.builders.two_sources import ACCOUNT, CONTACT, DEFS, as_yaml, project

START, END = "tiny", "other"
INA = {"name": "Ina Vogt", "role": "Data owner", "side": "customer"}
DIGEST = "a" * 64


def entry(kind: str, **more: Any) -> dict[str, Any]:
    words = {
        "how_known": "A call.",
        "says": "Acme said so.",
        "why": "Ina knows.",
        "evidence": ["Mail of Ina"],
    }
    return {"kind": kind, "on": date(2026, 11, 1).isoformat(), "by": INA, **words, **more}


def rows(*keys: str, rule: str | None = None, subject: str = "account") -> dict[str, Any]:
    found: dict[str, Any] = {"subject": subject, "rows": [{"key": key, "digest": DIGEST} for key in keys]}
    return found | ({"rule": rule} if rule else {"fields": ["name"]})


def mapped(says: str | None = None) -> dict[str, Any]:
    fields: dict[str, Any] = dict(ACCOUNT["reads"][0]["fields"])
    fields["lifecycle_stage"] = {"from": "Status", "values": "status"}
    if says:
        fields["name"] = {"from": "Name", "says": says}
    return {"entity": "account", "reads": [{"source": "companies", "fields": fields}]}


@pytest.fixture
def both(tmp_path: Path) -> Workspace:
    """A customer with mappings and a value map, and one with the same sources and nothing else."""
    workspace = project(tmp_path, mappings=(mapped("Ina Vogt looks after these."), CONTACT))
    values = workspace.customer(START) / "values"
    values.mkdir()
    (values / "status.csv").write_text(
        "source,target,decision,note\nlive,customer,,Ina said so\n", encoding="utf-8"
    )
    home = workspace.customer(END)
    home.mkdir()
    (home / "intake").mkdir()
    attributes = DEFS["attributes"] | {"customer": "Other Ltd"}
    (home / "defs.yaml").write_text(as_yaml(DEFS | {"attributes": attributes}), encoding="utf-8")
    workspace.key(END).write_text("cd" * 32 + "\n", encoding="ascii")
    return workspace


def suggested(workspace: Workspace, *entries: dict[str, Any]) -> Promotion:
    if entries:
        append_all(workspace.log(START), entries)
    start, end = load_migration(workspace.root, START), read_unfinished(workspace.root, END)
    return worked_out(start, end, workspace.customer(END))


def test_files_that_the_other_lacks_come_as_suggestions_that_load(both: Workspace) -> None:
    promote(both, suggested(both))

    migration = load_migration(both.root, END)
    (read,) = migration.reads_of("account")
    assert all(mapping.suggested for mapping in read.fields.values())
    assert [(e.source, e.target, e.decision, e.note) for e in migration.value_maps["status"].entries] == [
        ("live", "customer", "", "")
    ]
    assert migration.log == ()


def test_what_names_a_person_of_the_first_customer_stays_there(both: Workspace) -> None:
    found = suggested(both, entry("rule_waived", covers=_waived("account.phone.format")))

    text = "".join((*found.files.values(), text_of(found)))

    assert not [word for word in ("Ina", "Vogt", "Acme", "Mail of") if word in text]


@pytest.mark.parametrize(
    ("entity", "source", "where"),
    [("account", "companies", "\"Status\" <> 'Ina'"), ("contact", "people", "\"Name\" <> 'Jo Ruiz'")],
)
def test_rows_whose_condition_names_somebody_are_not_suggested_without_it(
    both: Workspace, entity: str, source: str, where: str
) -> None:
    path = both.customer(START) / "mapping" / f"{entity}.yaml"
    mapping = yaml.safe_load(path.read_text(encoding="utf-8"))
    mapping["reads"][0]["only"] = {"where": where, "why": "Others are none."}
    path.write_text(as_yaml(mapping), encoding="utf-8")

    found = suggested(both)

    assert not [text for text in found.files.values() if "Ina" in text or "Ruiz" in text]
    assert [each.what for each in found.left if "condition" in each.why] == [f"{entity} from {source}"]
    assert "values/status.csv" not in found.files or entity != "account"


@pytest.mark.parametrize("line", ["Ina Vogt,customer", "as VOGT says,customer", "jo@acme.example,customer"])
def test_a_value_map_that_names_somebody_stays_there_with_the_field_that_needs_it(
    both: Workspace, line: str
) -> None:
    path = both.customer(START) / "values" / "status.csv"
    path.write_text(f"source,target,decision,note\nlive,customer,,\n{line},,\n", encoding="utf-8")

    found = suggested(both)

    assert "values/status.csv" not in found.files
    assert not [text for text in found.files.values() if line.split(",")[0] in text]
    assert {each.what: each.why for each in found.left} == {
        "values/status.csv": "it names somebody",
        "account.lifecycle_stage from companies": "it needs the value map 'status', which is not carried over",
    }


@pytest.mark.parametrize("replacements", [{"Ina Vogt": "live"}, {"alive": "ask Ina"}])
def test_replaced_texts_that_name_somebody_never_leave_whatever_field_they_stand_in(
    both: Workspace, replacements: dict[str, str]
) -> None:
    stage = rows("companies:007") | {"fields": ["lifecycle_stage"]}

    found = suggested(
        both, entry("values_replaced", covers=stage, field="lifecycle_stage", replacements=replacements)
    )

    assert (found.drafts, "Ina" in text_of(found)) == ((), False)
    assert [(each.what, each.why) for each in found.left] == [("values replaced", "it names somebody")]


def test_how_a_file_is_read_stays_there_where_it_names_somebody(both: Workspace) -> None:
    covers = {
        "source": "companies", "delivery": DIGEST, "file_name": "companies.xlsx", "questions": DIGEST, "headers": ["ID"]
    }  # fmt: skip
    named, plain = ({"sheet": name} for name in ("Ina's list", "Sheet 1"))

    found = suggested(
        both,
        entry("intake_answered", covers=covers, format=named),
        entry("intake_answered", covers=covers, format=plain),
    )

    assert [each.draft["format"] for each in found.drafts] == [plain]


def _waived(rule: str) -> dict[str, Any]:
    return {
        "subject": "account",
        "rule": rule,
        "digest": DIGEST,
        "fields": ["phone"],
        "says": "A phone number.",
    }


def test_a_file_that_differs_is_named_and_stays(both: Workspace) -> None:
    own = both.customer(END) / "mapping"
    own.mkdir()
    (own / "account.yaml").write_text(as_yaml(ACCOUNT), encoding="utf-8")
    before = (own / "account.yaml").read_bytes()

    found = suggested(both)
    promote(both, found)

    assert found.differ == ("mapping/account.yaml",)
    assert (own / "account.yaml").read_bytes() == before
    assert sorted(found.files) == ["mapping/contact.yaml"]
    assert [(each.what, each.why) for each in found.left] == [
        ("values/status.csv", "no mapping would use it")
    ]


def test_decisions_about_rules_become_drafts_and_those_about_rows_are_counted(both: Workspace) -> None:
    found = suggested(
        both,
        entry("risk_accepted", covers=rows("companies:007", "companies:008", rule="account.owner.present")),
        entry("risk_accepted", covers=rows("companies:009", rule="account.owner.present")),
        entry("rows_excluded", covers=rows("companies:010")),
        entry("merge_approved", survivor="companies:007", covers=rows("companies:007", "companies:011")),
        entry("rule_waived", covers=_waived("account.phone.format")),
    )

    assert [(each.draft["kind"], each.draft["covers"]) for each in found.drafts] == [
        ("risk_accepted", {"subject": "account", "rule": "account.owner.present", "rows": "all"}),
        ("rule_waived", {"subject": "account", "rule": "account.phone.format"}),
    ]
    assert {each.what: each.number for each in found.left} == {
        "risk accepted": 1,
        "rows excluded": 1,
        "merge approved": 1,
    }
    assert "companies:0" not in text_of(found)


def test_replaced_texts_of_a_personal_field_never_leave(both: Workspace) -> None:
    people = rows("people:p1", subject="contact") | {"fields": ["full_name"]}
    stage = rows("companies:007") | {"fields": ["lifecycle_stage"]}
    found = suggested(
        both,
        entry("values_replaced", covers=people, field="full_name", replacements={"Jo Ruiz": "Joanna Ruiz"}),
        entry("values_replaced", covers=stage, field="lifecycle_stage", replacements={"alive": "live"}),
    )

    assert [each.draft["replace"] for each in found.drafts] == [{"alive": "live"}]
    assert "Ruiz" not in text_of(found)


def test_the_drafts_are_refused_by_line_until_everything_is_filled_in(both: Workspace) -> None:
    found = suggested(both, entry("rule_waived", covers=_waived("account.phone.format")))
    text = text_of(found)

    with pytest.raises(ConfigInvalid) as refused:
        read_document(text, found.suggested, DraftFile)

    places = {problem.line for problem in refused.value.problems}
    gaps = {number for number, line in enumerate(text.splitlines(), 1) if "…" in line and "#" not in line}
    assert places == gaps
    assert len(gaps) == 5
    filled = "\n".join(
        line if number not in gaps else _filled(line) for number, line in enumerate(text.splitlines(), 1)
    )
    (draft,) = read_document(filled, found.suggested, DraftFile).value.decide
    assert (draft.kind, draft.by) == ("rule_waived", "ina")


def _filled(line: str) -> str:
    key = line.partition(":")[0]
    value = {"by": "ina", "evidence": '["Minutes"]'}.get(key.strip(), '"As agreed."')
    return f"{key}: {value}"


def test_promoting_again_writes_no_second_file_of_the_same_drafts(both: Workspace) -> None:
    first = suggested(both, entry("rule_waived", covers=_waived("account.phone.format")))
    promote(both, first)

    second = suggested(both)

    assert (first.suggested, second.suggested) == ("suggested/tiny-1.yaml", "suggested/tiny-1.yaml")
    assert second.files == {}
    assert sorted(second.same) == ["mapping/account.yaml", "mapping/contact.yaml", "values/status.csv"]


def test_sources_that_the_other_does_not_have_are_said_and_their_fields_left_out(both: Workspace) -> None:
    sources = {name: each for name, each in DEFS["attributes"]["sources"].items() if name == "companies"}
    attributes = DEFS["attributes"] | {"sources": sources}
    path = both.customer(END) / "defs.yaml"
    path.write_text(as_yaml(DEFS | {"attributes": attributes}), encoding="utf-8")

    found = suggested(both)
    promote(both, found)

    assert found.missing == ("source people",)
    reads = load_migration(both.root, END).reads_of("contact")
    assert [(read.source, read.part) for read in reads] == [("companies", "desk")]


def test_nothing_is_written_that_would_be_a_new_problem(both: Workspace) -> None:
    found = suggested(both)
    broken = found.model_copy(update={"files": {"mapping/account.yaml": "entity: account\nreads: []\n"}})

    with pytest.raises(ConfigInvalid):
        promote(both, broken)

    assert not (both.customer(END) / "mapping").exists()
