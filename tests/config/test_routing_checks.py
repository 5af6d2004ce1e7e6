"""Names in owners, field groups and approvals that are nothing here, or that nobody could meet."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from aformity_pipelines.config.documents import Defs
from aformity_pipelines.config.load import check, load_migration
from aformity_pipelines.config.problems import render

Write = Callable[..., Path]
DEFS = "customers/acme/defs.yaml"
SCHEDULE = '  schedule: {cron: "0 6 * * 1", waves: [wave_2]}\n'
OWNERS = "    default: {person: priya, due_days: 10}\n"


def _owner(subject: str) -> tuple[str, str]:
    return OWNERS, f"{OWNERS}    {subject}: {{person: priya, due_days: 3}}\n"


def _more(text: str) -> tuple[str, str]:
    return SCHEDULE, SCHEDULE + text


def _approval(text: str) -> tuple[str, str]:
    return _more(f'  approvals:\n    - says: "A rule."\n{text}')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_owner("group.money"), "16: owners names 'group.money', which is nothing here; none is known here"),
        (_owner("moment.logins"), "16: owners names 'moment.logins', which is nothing here; did you mean 'login'?"),
        (_owner("risk.criticl"), "16: owners names 'risk.criticl', which is nothing here; did you mean 'critical'?"),
        (_owner("contact.mail"), "16: owners names 'contact.mail', which is nothing here; did you mean 'email'?"),
        (
            _more("  field_groups:\n    people: [contact.email, contact.land]\n"),
            "19: field group 'people' names 'contact.land', which is no `entity.field`",
        ),
        (
            _more("  field_groups:\n    contact: contact.email\n"),
            "19: field group 'contact' has the name of an entity; give the group another name",
        ),
        (_approval("      people: pria\n"), "20: this approval names 'pria' in `people`, which is nothing here; did you mean 'priya'?"),
        (_approval("      roles: leader\n"), "20: this approval names 'leader' in `roles`, which is nothing here; did you mean 'lead'?"),
        (_approval("      fields: [contact, contact.mail]\n      people: priya\n"), "20: this approval names 'contact.mail' in `fields`"),
        (_approval("      moments: [logon]\n      people: priya\n"), "20: this approval names 'logon' in `moments`, which is nothing here; did you mean 'login'?"),
        (_approval("      sides: customer\n"), "20: nobody of `people` is on the customer side, so nobody could decide"),
        (_approval("      persons: 2\n"), "20: this approval asks for 2 people, and only 1 of `people` could stand by a decision"),
    ],
)  # fmt: skip
def test_a_name_that_is_nothing_here_is_a_problem_at_its_line(
    project: Write, change: tuple[str, str], message: str
) -> None:
    (problem,) = check(project({DEFS: change}))

    assert message in problem.headline()


def test_a_field_in_two_groups_is_a_problem_only_where_they_have_different_owners(
    project: Write, texts: dict[str, str]
) -> None:
    groups = "  field_groups: {a: contact.born, b: contact.born}\n"
    two = "    group.a: {person: priya, due_days: 3}\n    group.b: {person: priya, due_days: %d}\n"

    def found(days: int, more: str = "") -> list[str]:
        text = texts[DEFS].replace(OWNERS, OWNERS + two % days + more).replace(SCHEDULE, SCHEDULE + groups)
        return [each.says for each in check(project({DEFS: text}))]

    assert found(3) == []
    assert found(4) == ["contact.born is in the field groups a and b, which have different owners"]
    assert found(4, "    contact.born: {person: priya, due_days: 1}\n") == []


def test_rules_written_into_suites_say_how_grave_they_are_where_an_approval_asks(project: Write) -> None:
    suite = '{"name": "x", "expectations": [{"type": "e", "kwargs": {}, "severity": "info", "meta": {"rule": "contact.born.past", "policy": "hold", "says": "S.", "moment": "login"}}]}'
    files = {"expectations/shop/contact/mapped.json": suite}

    plain = load_migration(project(files), "acme")
    risky = load_migration(
        project({**files, DEFS: _approval("      people: priya\n      risks: info\n")}),
        "acme",
    )

    assert not plain.written_rules
    assert risky.written_rules["contact.born.past"].severity == "info"


@pytest.mark.parametrize("text", ["https://u:secretpw@h/x", "u:secretpw@h/x", "https://h :x/?key=secretpw"])
@pytest.mark.parametrize(
    "member",
    [
        "  intake: {{url: '{text}'}}\n",
        "  intake: '{text}'\n",
        "  intake: {{url: ['{text}'], more: 1}}\n",
        "  schedule: {{cron: '0 6 * * 1', waves: wave_2, notify: {{webhook: '{text}'}}}}\n",
        "  schedule: {{cron: '0 6 * * 1', waves: wave_2, notify: {{webhook: {{url: '{text}'}}}}}}\n",
    ],
)
def test_a_refused_address_is_told_without_the_password_in_it(project: Write, text: str, member: str) -> None:
    written = member.format(text=text)
    change = (SCHEDULE, written if "schedule" in written else SCHEDULE + written)
    root = project({DEFS: change})

    problems = check(root)

    shown = "".join(render(each, (root / each.path).read_text(encoding="utf-8")) for each in problems)
    assert problems
    assert "secretpw" not in shown + repr(problems)
    with pytest.raises(ValidationError) as refused:
        Defs.model_validate(yaml.safe_load((root / DEFS).read_text(encoding="utf-8")))
    assert "secretpw" not in str(refused.value)
