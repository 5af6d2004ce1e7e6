"""Both samples' stories, played from an empty log, end as the golden folders say.

`pytest tests/golden --update-golden` rewrites the folders; read the difference before it is committed.
"""

import json
from pathlib import Path

import jsonschema
import pytest

from aformity_pipelines.config.log_head import LogCommit, read_head
from aformity_pipelines.config.log_lines import hash_of_line
from aformity_pipelines.config.schemas import FOLDER as SCHEMAS
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.proof import unproved
from tests.golden.playing import GOLDEN, ROOT, SAMPLES, WAVES, Played, played

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    return {slug: played(slug, tmp_path_factory.mktemp(slug) / "project") for slug in SAMPLES}


@pytest.mark.parametrize(("slug", "wave"), WAVES)
def test_a_story_ends_as_its_golden_folder_says(
    stories: dict[str, Played], slug: str, wave: str, request: pytest.FixtureRequest
) -> None:
    documents = dict(stories[slug].of(wave).documents())
    folder = GOLDEN / slug / wave
    if request.config.getoption("--update-golden"):
        rewrite(folder, documents)

    golden = {path.name: path.read_bytes().decode() for path in sorted(folder.iterdir())}
    assert sorted(documents) == sorted(golden)
    for name, text in documents.items():
        assert text.splitlines() == golden[name].splitlines(), f"{slug}/{wave}/{name}"
        assert text == golden[name], f"{slug}/{wave}/{name}: line ends"


def rewrite(folder: Path, documents: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in documents.items():
        (folder / name).write_bytes(text.encode())


@pytest.mark.parametrize("slug", SAMPLES)
def test_every_step_leaves_the_gates_that_it_speaks_of_as_it_says(
    stories: dict[str, Played], slug: str
) -> None:
    gates = stories[slug].gates

    assert gates
    assert [gate for gate in gates if gate[2] is not gate[3]] == []


@pytest.mark.parametrize("slug", SAMPLES)
def test_the_committed_log_is_the_one_that_the_story_writes_before_launch_day(
    stories: dict[str, Played], slug: str
) -> None:
    written = stories[slug].workspace.log(slug)
    committed = ROOT / "customers" / slug / written.name
    before, after = (
        written.read_bytes().splitlines(keepends=True),
        committed.read_bytes().splitlines(keepends=True),
    )

    assert before[: len(after)] == after
    assert [json.loads(line)["kind"] for line in before[len(after) :][:1]] in ([], ["export_loaded"])
    assert read_head(committed) == LogCommit(
        seq=len(after), sha256=hash_of_line(after[-1].rstrip()), size=committed.stat().st_size
    )


@pytest.mark.parametrize("slug", SAMPLES)
def test_the_fates_of_every_source_row_add_up(stories: dict[str, Played], slug: str) -> None:
    _, twice = stories[slug].query("select entity, row_id from ledger group by all having count(*) > 1")
    _, per_entity = stories[slug].query("select entity, count(*) from ledger group by all")

    assert twice == []
    delivered = {each["entity"]: each["delivered"] for each in stories[slug].launch_record["outcomes"]}
    assert dict(per_entity) == delivered


LUMEN_FATES = {
    "account": {"exported": 163, "merged": 1, "deferred": 22, "unresolved": 4},
    "user": {"exported": 77, "excluded": 1, "deferred": 2},
    "contact": {"exported": 372, "excluded": 1, "deferred": 47, "unresolved": 22},
    "subscription": {"exported": 174, "deferred": 25, "unresolved": 11},
    "activity": {"exported": 588, "excluded": 64, "deferred": 98, "unresolved": 30},
}


def test_lumen_labs_ends_where_its_readme_says(stories: dict[str, Played]) -> None:
    _, rows = stories["lumen_labs"].query("select entity, fate, count(*) from ledger group by all")

    found: dict[str, dict[str, int]] = {}
    for entity, fate, number in rows:
        found.setdefault(entity, {})[fate] = number
    assert found == LUMEN_FATES


def test_the_handoff_of_lumen_labs_shows_a_file_as_waiting_until_it_is_answered(
    stories: dict[str, Played],
) -> None:
    waiting = stories["lumen_labs"].waiting

    assert {step: files for step, files in waiting.items() if files} == {7: ("kontakte_2026-11-23.csv",)}
    assert max(waiting) == 15


LUMEN_FACTS = [
    (
        "account",
        "external_id = '000021'",
        "phone is not null",
        "the merged account has the other part's phone",
    ),
    ("account", "external_id = '000072'", "parent_account is null", "its parent launches with wave 2"),
    (
        "account",
        "external_id = '000117'",
        "parent_account is null",
        "accepted: the parent was never delivered",
    ),
    ("account", "external_id = '001300000000004201'", "name is not null", "an id of 18 digits"),
    ("account", "external_id = '000012'", "country is null", "EMEA is no country"),
    ("account", "external_id = '000100'", "lifecycle_stage = 'paused'", "Dormant (legacy)"),
    ("account", "external_id = '000005'", "owner is null", "nobody looks after it"),
    ("user", "email = 'ines.zajac@lumenlabs.example'", "role = 'member'", "Rep becomes Member"),
    ("user", "email = 'jo.keller@lumenlabs.example'", "role = 'admin'", "D-034"),
    ("activity", "external_id = 'A-00090'", "starts_with(subject, '=')", "a formula stays text"),
    (
        "contact",
        "external_id = '000442'",
        "full_name = 'Malte Grün'",
        "the second list brought nine more people",
    ),
    ("activity", "external_id = 'A-00081'", "contact is null", "nobody knows the contact"),
]


@pytest.mark.parametrize(
    ("entity", "record", "fact", "why"), LUMEN_FACTS, ids=[fact[3] for fact in LUMEN_FACTS]
)
def test_a_planted_fact_of_lumen_labs_stands_in_its_export(
    stories: dict[str, Played], entity: str, record: str, fact: str, why: str
) -> None:
    (path,) = stories["lumen_labs"].folder.glob(f"*_{entity}.parquet")

    _, rows = stories["lumen_labs"].query(f"select {fact} from '{path}' where {record}")

    assert rows == [(True,)], why


@pytest.mark.parametrize("slug", SAMPLES)
def test_a_handoff_proves_itself_and_is_what_the_published_schema_says(
    stories: dict[str, Played], slug: str
) -> None:
    told = stories[slug].launch_record
    schema = json.loads((SCHEMAS / "launch_record.schema.json").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(told)
    assert unproved(LaunchRecord.model_validate(told)) == ()


def test_the_record_alone_lists_what_is_accepted_and_what_is_unresolved(stories: dict[str, Played]) -> None:
    told = stories["lumen_labs"].launch_record

    accepted = {risk["decision"]: (risk["approver"]["name"], risk["why"]) for risk in told["accepted_risks"]}
    owed = {
        work["id"]: (work["owner"]["name"], work["due"], work["is_overdue"]) for work in told["unresolved"]
    }
    assert accepted.keys() == {"D-011", "D-012", "D-013", "D-014", "D-015", "D-024", "D-036"}
    assert all(approver and why for approver, why in accepted.values())
    assert owed["D-016"] == ("Hanna Vogt", "2026-11-24", True)
    assert owed["D-025"][:2] == ("Tomas Lindqvist", "2026-11-27")
    assert all(owner and due for owner, due, _ in owed.values())


LUMEN_ABSENT = [
    ("account", "crm_accounts", "record_key = '000061'", "unresolved", "account.parent_account.acyclic"),
    ("account", "crm_accounts", "record_key = '000150'", "deferred", "wave_2"),
    ("user", "crm_users", "record_key is null and because = 'D-035'", "excluded", "D-035"),
    ("subscription", "billing", "record_key = 'S-10019'", "deferred", "D-009"),
    ("subscription", "billing", "record_key = 'S-10102'", "unresolved", "subscription.start_date.type"),
    ("contact", "kontakte", "record_key = '000082'", "deferred", "D-026"),
    ("contact", "kontakte", '"row" = 438', "excluded", "D-032"),
    ("contact", "kontakte", '"row" in (435, 441)', "unresolved", "kontakte.record.readable"),
]


@pytest.mark.parametrize(("entity", "source", "row", "fate", "because"), LUMEN_ABSENT)
def test_a_row_of_lumen_labs_that_is_not_there_says_why(
    stories: dict[str, Played], entity: str, source: str, row: str, fate: str, because: str
) -> None:
    _, found = stories["lumen_labs"].query(
        f"select distinct fate, because from ledger where entity = '{entity}' and source = '{source}' and {row}"
    )

    assert found == [(fate, because)]


def test_northwind_keeps_its_zeros_and_takes_NULL_for_nothing(stories: dict[str, Played]) -> None:
    story = stories["northwind"]
    text = (story.folder / "01_account.csv").read_text(encoding="utf-8")

    assert '"NULL"' not in text
    _, postal_codes = story.query(
        f"select distinct postal_code from '{story.folder}/01_account.parquet' where postal_code like '0%' order by 1"
    )
    assert ("05021",) in postal_codes
    _, orphans = story.query("select count(*) from ledger where entity = 'activity' and fate <> 'exported'")
    assert orphans == [(0,)]
