"""Digests of re-validations: what they say, and hooks that send them once at most, tried against servers on loopback."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.revalidation import digests, sending
from aformity_pipelines.stages.revalidation.history import folder_of
from aformity_pipelines.stages.revalidation.revalidate import run_revalidation
from aformity_pipelines.stages.revalidation.sending import Sending, send_digests
from tests.builders.retests import FIXED, NEXT, WAVE, change_defs, on, retested
from tests.builders.two_sources import AS_OF, SLUG, deliver


def test_digests_that_a_kill_prevented_are_written_by_the_next_call(
    tested_once: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(digests, "publish_folder", dies)
    with pytest.raises(KeyboardInterrupt):
        retested(tested_once, NEXT)
    monkeypatch.undo()

    _, is_new = run_revalidation(on(tested_once, NEXT))

    assert not is_new
    assert (tested_once.digests(SLUG, WAVE) / "0002" / "sam.md").is_file()


def test_a_digest_that_a_kill_prevented_is_written_by_a_test_on_a_later_day(
    tested_once: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(digests, "publish_folder", dies)
    with pytest.raises(KeyboardInterrupt):
        retested(tested_once, NEXT)
    monkeypatch.undo()

    run_revalidation(on(tested_once, NEXT + timedelta(days=1)))

    home = tested_once.digests(SLUG, WAVE)
    assert [(home / number / "sam.md").is_file() for number in ("0001", "0002", "0003")] == [True] * 3


def test_a_digest_says_what_is_held_by_which_broken_rule_and_names_rows_but_no_value(
    tested_once: Workspace,
) -> None:
    line = retested(tested_once)["contact people:p3"]

    (path,) = (tested_once.digests(SLUG, WAVE) / "0001").iterdir()
    text = path.read_text(encoding="utf-8")

    assert path.name == "sam.md"
    assert "wave_2: The leads. It launches on 2027-02-01. First test of this wave." in text
    assert "## Blocked: 1 row" in text
    assert "Not so: The e-mail address of every contact must be a valid e-mail address" in text
    assert f"`people:p3` (`{line.row}`)" in text
    assert "`aformity review export tiny --wave wave_2`" in text
    told = text + (folder_of(tested_once, SLUG, WAVE, 1) / "record.json").read_text(encoding="utf-8")
    assert not [word for word in ("Kim", "dell") if word in told]


@pytest.mark.slow
def test_a_row_whose_key_is_personal_is_named_by_its_id(exported_once: Workspace) -> None:
    sources = yaml.safe_load((exported_once.customer(SLUG) / "defs.yaml").read_text(encoding="utf-8"))[
        "attributes"
    ]["sources"]
    change_defs(exported_once, sources=sources | {"people": sources["people"] | {"key": "Mail"}})
    line = retested(exported_once)["contact people:kim(at)dell"]

    text = (exported_once.digests(SLUG, WAVE) / "0001" / "sam.md").read_text(encoding="utf-8")

    assert f"Rows: `{line.row}`" in text
    assert "kim(at)dell" not in text


@pytest.mark.slow
def test_an_owner_is_told_what_became_ready_and_then_nothing(tested_once: Workspace) -> None:
    retested(tested_once)
    deliver(tested_once, {"people_2.csv": FIXED})
    retested(tested_once, NEXT)
    retested(tested_once, NEXT + timedelta(days=7))

    home = tested_once.digests(SLUG, WAVE)

    assert "## Ready since the last time: 1 row" in (home / "0002" / "sam.md").read_text(encoding="utf-8")
    assert list((home / "0003").iterdir()) == []


@pytest.mark.slow
def test_a_digest_without_news_is_one_line(exported_once: Workspace) -> None:
    change_defs(exported_once, owners={"default": {"person": "sam", "due_days": 90}})
    retested(exported_once)
    retested(exported_once, NEXT)

    text = (exported_once.digests(SLUG, WAVE) / "0002" / "sam.md").read_text(encoding="utf-8")

    assert text.splitlines()[2:] == [
        "Nothing new: 1 row still blocked; the next is due on 2027-02-18."
        " `aformity revalidate tiny --wave wave_2 --rows` shows them."
    ]


@dataclass
class Heard:
    """What a server on loopback was sent, and how it answers."""

    port: int = 0
    status: int = 200
    location: str = ""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def web() -> Iterator[Heard]:
    heard = Heard()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.requests.append((self.path, dict(self.headers), body))
            self.send_response(heard.status)
            if heard.location:
                self.send_header("Location", heard.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            heard.requests.append((self.path, {}, b""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server, serving(server):
        heard.port = server.server_address[1]
        yield heard


@pytest.fixture
def post_office() -> Iterator[Heard]:
    """A mail server that knows as much of SMTP as one message takes."""
    heard = Heard(status=250)

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line.decode().split(":")[0].strip().upper()
                if word == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    heard.requests.append(("DATA", {}, text))
                elif word == "RCPT TO":
                    heard.requests.append((line.decode().strip(), {}, b""))
                    self.wfile.write(b"%d so\r\n" % heard.status)
                    continue
                self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 so\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Session) as server, serving(server):
        heard.port = server.server_address[1]
        yield heard


def notify(workspace: Workspace, **hooks: Any) -> None:
    change_defs(workspace, schedule={"cron": "0 6 * * 1", "waves": WAVE, "notify": hooks})


def mail(post_office: Heard, **more: Any) -> dict[str, Any]:
    to = {"sam": "sam@tiny.example"}
    return {
        "host": "127.0.0.1", "port": post_office.port, "security": "none", "from": "aformity@tiny.example", "to": to
    } | more  # fmt: skip


def tell(workspace: Workspace, **secrets: str) -> tuple[Sending, ...]:
    run = on(workspace, AS_OF)
    record, _ = run_revalidation(run)
    return send_digests(run, record, secrets.get)


def outcomes(sent: tuple[Sending, ...]) -> list[tuple[str, str, str]]:
    return [(each.owner, each.hook, each.outcome) for each in sent]


def test_nothing_is_sent_unless_the_config_says_where(tested_once: Workspace, web: Heard) -> None:
    assert tell(tested_once) == ()
    assert web.requests == []
    assert not list((tested_once.digests(SLUG, WAVE) / "0001").glob("*.sent.json"))


def test_a_webhook_gets_each_digest_once_as_json(tested_once: Workspace, web: Heard) -> None:
    notify(tested_once, webhook={"url": web.url, "token_env": "HOOK_TOKEN"})

    first = tell(tested_once, HOOK_TOKEN="s3cret")
    second = tell(tested_once, HOOK_TOKEN="s3cret")

    assert (outcomes(first), second) == ([("Sam Lee", "webhook", "sent")], ())
    ((path, headers, body),) = web.requests
    told = json.loads(body)
    assert (path, headers["Authorization"]) == ("/hook", "Bearer s3cret")
    assert (told["customer"], told["wave"], told["owner"], told["newly_blocked"]) == (
        SLUG,
        WAVE,
        "Sam Lee",
        1,
    )
    assert told["text"] == (tested_once.digests(SLUG, WAVE) / "0001" / "sam.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("status", [302, 307, 500, 403])
def test_what_a_webhook_refuses_is_told_and_never_tried_again(
    tested_once: Workspace, web: Heard, status: int
) -> None:
    web.status, web.location = status, f"http://127.0.0.1:{web.port}/elsewhere"
    notify(tested_once, webhook=web.url)

    first = tell(tested_once)
    second = tell(tested_once)

    assert (outcomes(first), second) == ([("Sam Lee", "webhook", f"the webhook answered {status}")], ())
    assert [path for path, _, _ in web.requests] == ["/hook"], (
        "no redirect is followed, nothing is sent again"
    )


def test_a_webhook_that_cannot_be_reached_fails_nothing_and_tells_no_address(
    tested_once: Workspace,
) -> None:
    notify(tested_once, webhook="http://127.0.0.1:9/services/T0/secret-path")

    ((_, _, outcome),) = outcomes(tell(tested_once))

    assert outcome == "the webhook could not be reached (ConnectionRefusedError)"


def test_a_webhook_that_never_answers_is_given_up(
    tested_once: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.2)

    class Silent(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1 << 16)
            threading.Event().wait(1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silent) as server, serving(server):
        notify(tested_once, webhook=f"http://127.0.0.1:{server.server_address[1]}/")

        ((_, _, outcome),) = outcomes(tell(tested_once))

    assert outcome == "the webhook could not be reached (TimeoutError)"


@pytest.mark.parametrize(
    "talk", [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50, b"HTTP/1.1 100 Continue\r\n\r\n" * 50, b"H" * 50]
)
def test_a_webhook_that_talks_on_and_on_is_given_up(
    tested_once: Workspace, monkeypatch: pytest.MonkeyPatch, talk: bytes
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.3)

    class Talking(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1 << 16)
            with suppress(OSError):
                for at in range(0, len(talk), 5):  # each read is answered long before it would be too late
                    self.request.sendall(talk[at : at + 5])
                    threading.Event().wait(0.05)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talking) as server, serving(server):
        server.daemon_threads = True
        notify(tested_once, webhook=f"http://127.0.0.1:{server.server_address[1]}/")

        ((_, _, outcome),) = outcomes(tell(tested_once))

    assert outcome == "the webhook could not be reached (TimeoutError)"


def test_a_digest_whose_sending_was_cut_off_is_not_sent_twice(
    tested_once: Workspace, web: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify(tested_once, webhook=web.url)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "_post", dies)
    with pytest.raises(KeyboardInterrupt):
        tell(tested_once)
    monkeypatch.undo()

    assert tell(tested_once) == ()
    assert web.requests == []
    marker = tested_once.digests(SLUG, WAVE) / "0001" / "sam.sent.json"
    assert json.loads(marker.read_bytes()) == {"webhook": "begun"}


def test_a_secret_that_is_not_set_is_named_and_nothing_is_sent(tested_once: Workspace, web: Heard) -> None:
    notify(tested_once, webhook={"url": web.url, "token_env": "HOOK_TOKEN"})

    ((_, _, outcome),) = outcomes(tell(tested_once))

    assert outcome == "the environment variable HOOK_TOKEN is not set"
    assert web.requests == []
    assert outcomes(tell(tested_once, HOOK_TOKEN="s3cret")) == [("Sam Lee", "webhook", "sent")]


def test_a_mail_whose_password_is_not_set_can_be_sent_later_and_what_was_sent_is_not_sent_again(
    tested_once: Workspace, web: Heard, post_office: Heard
) -> None:
    names = {"user_env": "MAIL_USER", "password_env": "MAIL_PASSWORD", "security": "starttls"}
    notify(tested_once, webhook=web.url, email=mail(post_office, **names))

    first, second = tell(tested_once, MAIL_USER="sam"), tell(tested_once, MAIL_USER="sam")

    missing = ("Sam Lee", "email", "the environment variable MAIL_PASSWORD is not set")
    assert outcomes(first) == [("Sam Lee", "webhook", "sent"), missing]
    assert outcomes(second) == [missing]
    assert (len(web.requests), post_office.requests) == (1, [])


def test_an_owner_gets_a_mail_once(tested_once: Workspace, post_office: Heard) -> None:
    notify(tested_once, email=mail(post_office))

    first, second = tell(tested_once), tell(tested_once)

    assert (outcomes(first), second) == ([("Sam Lee", "email", "sent")], ())
    (_, _, message) = post_office.requests[-1]
    assert post_office.requests[0][0].startswith("rcpt TO:<sam@tiny.example>")
    assert b"Subject: tiny wave_2: your open work, 2026-11-20" in message
    assert b"## Blocked: 1 row" in message
    assert len(post_office.requests) == 2


def test_an_owner_without_an_address_gets_no_mail_and_that_is_told(
    tested_once: Workspace, post_office: Heard
) -> None:
    notify(tested_once, email=mail(post_office, to={"ina": "ina@tiny.example"}))

    assert outcomes(tell(tested_once)) == [("Sam Lee", "email", "no address is known")]
    assert post_office.requests == []


def test_a_mail_server_that_refuses_fails_nothing(tested_once: Workspace, post_office: Heard) -> None:
    post_office.status = 550
    notify(tested_once, email=mail(post_office))

    ((_, _, outcome),) = outcomes(tell(tested_once))

    assert outcome == "the mail server did not take it (SMTPRecipientsRefused)"


def test_a_mail_is_not_sent_in_the_clear_where_the_server_cannot_encrypt(
    tested_once: Workspace, post_office: Heard
) -> None:
    notify(tested_once, email=mail(post_office, security="starttls"))

    ((_, _, outcome),) = outcomes(tell(tested_once))

    assert outcome == "the mail server did not take it (SMTPNotSupportedError)"
    assert post_office.requests == []


@pytest.mark.slow
def test_a_digest_without_news_is_not_sent(exported_once: Workspace, web: Heard) -> None:
    change_defs(exported_once, owners={"default": {"person": "sam", "due_days": 90}})
    retested(exported_once)
    notify(exported_once, webhook=web.url)
    run = on(exported_once, NEXT)
    record, _ = run_revalidation(run)

    assert send_digests(run, record, {}.get) == ()
    assert web.requests == []
