import re

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.markdown import render_markdown
from tests.handoff.builders import empty_record, full_record
from tests.handoff.hostile import PAYLOADS, rewritten


def names_of(record: LaunchRecord) -> set[str]:
    said = {risk.says for risk in record.accepted_risks} | {work.says for work in record.unresolved}
    people = {risk.approver.name for risk in record.accepted_risks} | {
        work.owner.name for work in record.unresolved
    }
    return said | people | {record.label, record.wave_says, *record.row_labels.values()}


def test_the_digest_counts_every_fate_of_every_entity() -> None:
    digest = render_markdown(full_record())

    assert "| `account` | 1,180 | 14 | 46 | 38 | 6 |" in digest


def test_accepted_risks_and_unresolved_work_stand_under_different_heads() -> None:
    record = full_record()
    before, accepted, unresolved = re.split(
        r"### (?:Accepted risks|Unresolved work)\n", render_markdown(record)
    )

    for risk in record.accepted_risks:
        assert f"`{risk.decision}`" in accepted
        assert f"`{risk.decision}`" not in unresolved
    for work in record.unresolved:
        assert f"`{work.id}`" in unresolved
        assert f"`{work.id}`" not in accepted
    assert "`D-" not in before


def test_nothing_that_a_customer_or_a_person_wrote_stands_in_it() -> None:
    record = full_record()
    digest = render_markdown(record)

    assert [text for text in names_of(record) if text in digest] == []


def test_hostile_names_become_harmless_ids() -> None:
    hostile = rewritten(full_record(), lambda text: text + "".join(PAYLOADS))
    # What stands between backquotes is an id; outside of them only our own words are left.
    outside = re.sub(r"`[A-Za-z0-9._/-]*`", "", render_markdown(hostile))

    assert re.fullmatch(r"[A-Za-z0-9 |*#,.:;\n-]*", outside)


def test_an_empty_record_says_that_there_is_nothing() -> None:
    digest = render_markdown(empty_record())

    assert digest.count("None.") == 2


def test_a_long_list_is_cut_and_says_how_many_more_there_are() -> None:
    record = full_record()
    many = record.model_copy(update={"unresolved": record.unresolved[:1] * 30})

    assert re.search(r"\d+ more in the report\.", render_markdown(many))
