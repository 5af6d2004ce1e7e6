"""The site on loopback: its files with strict headers, to this machine's own names, and nothing else."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aformity_pipelines.cli.site_server import SiteRequests, site_server

PAGE = (
    '<!doctype html><meta http-equiv="Content-Security-Policy"'
    ' content="default-src &#39;none&#39;; style-src &#39;sha256-x&#39;"><p>Tiny</p>'
)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    site = tmp_path / "site"
    (site / "tiny" / "wave_1").mkdir(parents=True)
    (site / "index.html").write_text(PAGE)
    (site / "site.json").write_text("{}")
    (site / ".hidden").write_text("no")
    (tmp_path / "secret.txt").write_text("secret")
    (site / "out.txt").symlink_to(tmp_path / "secret.txt")
    (site / "round").symlink_to("round")
    server = site_server(site, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join(5)


def asked(
    port: int, path: str, *, host: str | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    found = (
        answer.status,
        {name.title(): value for name, value in answer.getheaders()},
        answer.read().decode(),
    )
    connection.close()
    return found


def test_a_page_comes_with_its_own_policy_and_strict_headers(port: int) -> None:
    status, headers, body = asked(port, "/")

    assert (status, body) == (200, PAGE)
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'sha256-x'; frame-ancestors 'none'"
    )
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Python" not in headers["Server"]


def test_a_file_that_is_no_page_may_do_nothing(port: int) -> None:
    _, headers, _ = asked(port, "/site.json")

    assert headers["Content-Type"] == "application/json"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")


@pytest.mark.parametrize(
    "path",
    [
        "/tiny/",
        "/tiny/wave_1/",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//secret.txt",
        "/.hidden",
        "/out.txt",
        "/nothing.html",
    ],
)
def test_folders_hidden_files_links_and_what_lies_outside_are_not_there(port: int, path: str) -> None:
    status, headers, body = asked(port, path)

    assert status in (301, 404)
    assert "secret" not in body.replace("secret.txt", "")
    assert "wave_1" not in body.replace(path, "")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80"]
)
def test_a_name_that_was_made_to_point_here_is_refused(port: int, host: str) -> None:
    assert asked(port, "/", host=host)[0] == 421


def test_localhost_is_this_machine_too(port: int) -> None:
    assert asked(port, "/", host=f"localhost:{port}")[0] == 200


@pytest.mark.parametrize("path", ["/%00", "/index.html%00.txt", f"/{'a' * 3000}", "/round", "/round/x"])
def test_what_can_name_no_file_is_answered_and_says_nothing_in_the_terminal(
    port: int, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert asked(port, path)[0] == 404
    assert capfd.readouterr() == ("", "")


def test_somebody_who_says_nothing_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SiteRequests, "timeout", 0.1)
    with site_server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as silent:
            silent.sendall(b"GET / HT")

            assert silent.recv(1) == b""
        server.shutdown()


def test_somebody_who_leaves_in_the_middle_is_no_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "long.json").open("wb") as file:
        file.truncate(50_000_000)
    with site_server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as leaving:
            leaving.sendall(b"GET /long.json HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % server.server_port)
            leaving.recv(1)
        server.shutdown()
        deadline = time.monotonic() + 5
        while threading.active_count() > 2 and time.monotonic() < deadline:
            time.sleep(0.01)

    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_reading_is_answered(port: int, method: str) -> None:
    assert asked(port, "/", method=method)[0] == 501


def test_only_loopback_is_listened_to(tmp_path: Path) -> None:
    with site_server(tmp_path, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
