"""One clock for a row that is open: status, re-validation and handoff give it the same day, and that day stays."""

from datetime import date, timedelta

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import EXPORT, TRANSFORMED
from aformity_pipelines.stages.handoff_report import run_handoff_report
from aformity_pipelines.stages.handoffs import RECORD_FILE, kept_handoffs
from aformity_pipelines.stages.open_findings import open_findings
from aformity_pipelines.stages.routing import routed
from aformity_pipelines.stages.whole import run_wave
from tests.builders.retests import FIXED, NEXT, on, retested
from tests.builders.two_sources import AS_OF, PEOPLE, SLUG, deliver

RULE = "contact.email.format"
HELD = "contact people:p3"
LATER = NEXT + timedelta(days=7)
AGAIN = PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"


def redelivered(workspace: Workspace, text: str, name: str, day: date, until: str = TRANSFORMED) -> None:
    deliver(workspace, {name: text})
    list(run_wave(on(workspace, day, "wave_1"), until=until))


def in_status(workspace: Workspace, day: date) -> tuple[date, date]:
    found = open_findings(on(workspace, day, "wave_1"))
    (work,) = (each for each in found if each.rule == RULE)
    return work.since, work.due


def test_a_row_that_is_delivered_again_keeps_its_days_in_status_and_re_validation(
    tested_once: Workspace,
) -> None:
    first = in_status(tested_once, AS_OF)

    redelivered(tested_once, AGAIN, "people_2.csv", NEXT)
    (line,) = (each for name, each in retested(tested_once, NEXT).items() if name == HELD)

    last_delivery = routed(on(tested_once, NEXT, "wave_1"), "contact").since
    assert last_delivery == NEXT, "the days of the last delivery would have begun anew"
    assert in_status(tested_once, NEXT) == first
    assert (line.since, line.due) == first


def test_the_handoff_says_the_same_due_date(tested_once: Workspace) -> None:
    _, due = in_status(tested_once, AS_OF)
    redelivered(tested_once, AGAIN, "people_2.csv", NEXT, until=EXPORT)
    run_handoff_report(on(tested_once, NEXT, "wave_1"))

    (*_, folder) = kept_handoffs(tested_once, SLUG, "wave_1")
    record = LaunchRecord.model_validate_json((folder / RECORD_FILE).read_bytes())
    assert [work.due for work in record.unresolved if work.rule == RULE] == [due]


def test_a_row_that_went_out_in_between_begins_anew(tested_once: Workspace) -> None:
    first, _ = in_status(tested_once, AS_OF)
    redelivered(tested_once, FIXED, "people_2.csv", NEXT, until=EXPORT)
    retested(tested_once, NEXT)

    redelivered(tested_once, AGAIN, "people_3.csv", LATER)

    assert (first, in_status(tested_once, LATER)[0]) == (AS_OF, LATER)


def test_nothing_that_happens_later_moves_the_day(tested_once: Workspace) -> None:
    days = [in_status(tested_once, AS_OF + timedelta(days=n)) for n in (0, 3, 40)]

    assert len(set(days)) == 1
