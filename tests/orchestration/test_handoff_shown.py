"""What Dagster shows of a handoff: a digest in Markdown without customers' words, and two lists that never mix."""

import dagster as dg

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.orchestration.handoff_shown import of_launch_record
from aformity_pipelines.orchestration.packed import LIMIT, size_of
from tests.handoff.builders import empty_record, full_record


def lines_of(record: LaunchRecord, table: str) -> list[dict[str, object]]:
    shown = of_launch_record(record)[table]
    assert isinstance(shown, dg.TableMetadataValue)
    return [dict(each.data) for each in shown.records]


def test_the_digest_is_markdown_and_holds_no_word_of_a_customer() -> None:
    record = full_record()
    digest = of_launch_record(record)["handoff"]

    assert isinstance(digest, dg.MarkdownMetadataValue)
    for risk in record.accepted_risks:
        assert risk.decision in str(digest.value)
        assert risk.says not in str(digest.value)


def test_accepted_risks_name_who_agreed_and_unresolved_work_who_has_it_and_by_when() -> None:
    record = full_record()

    accepted, unresolved = lines_of(record, "accepted_risks"), lines_of(record, "unresolved_work")

    assert [each["agreed_by"] for each in accepted] == [risk.approver.name for risk in record.accepted_risks]
    assert [(each["owner"], each["due"]) for each in unresolved] == [
        (work.owner.name, work.due.isoformat()) for work in record.unresolved
    ]
    assert {each["says"] for each in accepted} & {each["says"] for each in unresolved} == set()


def test_what_is_not_there_has_no_table() -> None:
    assert {"accepted_risks", "unresolved_work"} & of_launch_record(empty_record()).keys() == set()


def test_a_handoff_of_thousands_of_findings_fits_an_event() -> None:
    record = full_record()
    many = record.model_copy(
        update={"unresolved": record.unresolved * 500, "accepted_risks": record.accepted_risks * 500}
    )

    assert size_of(of_launch_record(many)) < LIMIT - 4_000
