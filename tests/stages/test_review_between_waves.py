"""What an earlier wave made live stays what it is, whatever is delivered or decided before the next wave."""

from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.published import current_version
from tests.builders.two_sources import COMPANIES, PEOPLE, SLUG, decide, deliver, fates, run_all


def exported(workspace: Workspace, entity: str, wave: str) -> list[str]:
    folder = current_version(workspace.published(SLUG, wave)) or Path("nothing")
    found = duckdb.execute(
        f"select external_id from read_parquet('{folder}/*_{entity}.parquet') order by 1"
    ).fetchall()
    return [row[0] for row in found]


@pytest.mark.slow
def test_a_new_delivery_between_waves_does_not_export_what_is_live_again(published_once: Workspace) -> None:
    deliver(published_once, {"companies.csv": COMPANIES.replace("Acme,live", "Acme Inc,live")})

    run_all(published_once, "wave_2")

    assert exported(published_once, "account", "wave_2") == ["009"]
    assert exported(published_once, "contact", "wave_2") == ["p5"]
    assert fates(published_once, "wave_2")["account companies#2"] == ("exported", "update", None)
    assert fates(published_once, "wave_2")["account companies#6"] == ("exported", "live", None)
    assert fates(published_once, "wave_2")["account companies#5"][:2] == ("merged", "live")


@pytest.mark.slow
def test_a_live_record_that_is_no_longer_delivered_can_still_be_pointed_to(published_once: Workspace) -> None:
    fewer = COMPANIES.replace("011,Dell & Söhne,live,,\n", "")
    deliver(published_once, {"companies.csv": fewer, "people.csv": PEOPLE + "p7,Noa,noa@dell.example,011\n"})

    run_all(published_once, "wave_2")

    assert exported(published_once, "contact", "wave_2") == ["p5", "p7"]


@pytest.mark.slow
def test_a_row_that_is_excluded_after_it_went_live_is_not_called_excluded(published_once: Workspace) -> None:
    covers = {"subject": "account", "fields": "name", "rows": "companies:011"}
    excluded = decide(published_once, kind="rows_excluded", covers=covers)

    run_all(published_once, "wave_2")

    assert fates(published_once, "wave_2")["account companies#6"] == ("exported", "live", excluded.id)
