"""`schedule.notify` in defs.yaml: what is refused before anything could be sent."""

from contextlib import nullcontext

import pytest
from pydantic import ValidationError

from aformity_pipelines.domain.schedule import Mail, MailSecurity, Notify, Schedule

MAIL = {"host": "mail.tiny.example", "from": "aformity@tiny.example", "to": {"ina": "ina@tiny.example"}}


def test_nobody_is_notified_unless_it_is_said() -> None:
    schedule = Schedule(cron="0 6 * * 1", waves="wave_2")  # type: ignore[arg-type]  # one wave is written as a word

    assert schedule.notify == Notify(webhook=None, email=None)
    assert schedule.addressees() == ()


def test_a_webhook_is_a_url_or_a_url_with_a_token() -> None:
    short = Notify.model_validate({"webhook": "https://hooks.tiny.example/a"})
    whole = Notify.model_validate(
        {"webhook": {"url": "https://hooks.tiny.example/a", "token_env": "HOOK_TOKEN"}}
    )

    assert short.webhook
    assert whole.webhook
    assert (short.webhook.url, short.webhook.token_env) == (whole.webhook.url, None)
    assert whole.webhook.token_env == "HOOK_TOKEN"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/", "//a.example/", "http://ina:pw@a.example/", "https://a b/"],
)
def test_a_webhook_is_http_or_https_without_a_password_in_it(url: str) -> None:
    with pytest.raises(ValidationError):
        Notify.model_validate({"webhook": url})


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [
        ("http://hooks.tiny.example/a", True),
        ("http://localhost.tiny.example/a", True),
        ("http://10.0.0.7/a", True),
        ("https://hooks.tiny.example/a", False),
        ("http://localhost:8080/a", False),
        ("http://127.0.0.2/a", False),
        ("http://[::1]:8080/a", False),
    ],
)
def test_a_token_leaves_the_machine_only_under_https(url: str, is_refused: bool) -> None:
    with pytest.raises(ValidationError, match="in the clear") if is_refused else nullcontext():
        Notify.model_validate({"webhook": {"url": url, "token_env": "HOOK_TOKEN"}})

    without = Notify.model_validate({"webhook": url})
    assert without.webhook
    assert without.webhook.url == url


@pytest.mark.parametrize(
    "more",
    [
        {"from": "Ina <ina@tiny.example>"},
        {"to": {"ina": "ina@tiny.example\nBcc: all@tiny.example"}},
        {"to": {}},
        {"port": 0},
        {"user_env": "MAIL_USER"},
        {"user_env": "MAIL_USER", "password_env": "MAIL_PASSWORD", "security": "none"},
        {"password": "secret"},
    ],
)
def test_a_mail_server_is_refused_where_it_could_not_be_meant(more: dict[str, object]) -> None:
    assert Mail.model_validate(MAIL).security is MailSecurity.STARTTLS

    with pytest.raises(ValidationError):
        Mail.model_validate(MAIL | more)
