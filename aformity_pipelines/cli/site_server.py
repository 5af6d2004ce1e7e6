"""The site shown to browsers on this machine: files only, on loopback only, with headers that allow nothing else.

A page from elsewhere cannot reach it by a name that it lets point here: only loopback's own names are answered.
"""

import html
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.client import HTTP_PORT
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from socket import socket
from typing import IO, TypeAlias

from aformity_pipelines.stages.site.publish import INDEX

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")
PATIENCE = 10.0
"""Seconds that somebody may say nothing, in the middle of a question or while the answer is sent."""
POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
NOTHING = "default-src 'none'; sandbox"
"""What a file may do that is no page."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


TYPES = {
    "": "application/octet-stream",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class SiteRequests(SimpleHTTPRequestHandler):
    """Answers requests for the files of one folder."""

    extensions_map = TYPES
    server_version = "aformity"
    sys_version = ""
    policy = NOTHING
    timeout = PATIENCE
    server: ThreadingHTTPServer

    def send_head(self) -> BytesIO | IO[bytes] | None:  # type: ignore[override]  # the stub names a type of its own
        """Answer with a file inside the folder, to somebody who asked for this machine by its own name."""
        file = self._file()
        if self.headers.get("Host") not in _names(self.server.server_port):
            refusal = HTTPStatus.MISDIRECTED_REQUEST
        elif file is None:
            refusal = HTTPStatus.NOT_FOUND
        else:
            self.policy = _policy_of(file)
            return super().send_head()
        self.policy = NOTHING
        self.send_error(refusal)
        return None

    def _file(self) -> Path | None:
        """Return the file inside the folder that is asked for, if it is there."""
        try:
            path = Path(self.translate_path(self.path))
            file = path / INDEX if path.is_dir() else path
            return file if _is_inside(file, Path(self.directory)) else None
        except (OSError, ValueError, RuntimeError):
            return None  # a NUL, a name longer than any, links that go round in circles

    def end_headers(self) -> None:
        """Add what every answer says."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", f"{self.policy}; frame-ancestors 'none'")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what people read is nobody's business."""


Request: TypeAlias = socket | tuple[bytes, socket]
"""What `socketserver` hands to a server."""


class SiteServer(ThreadingHTTPServer):
    """A server that goes on in silence when somebody leaves before the answer is whole."""

    def finish_request(self, request: Request, client_address: object) -> None:
        """Answer, as far as somebody is still there."""
        with suppress(ConnectionError, TimeoutError):
            super().finish_request(request, client_address)


def serve(folder: Path, port: int, started: Callable[[str], None] | None = None) -> None:
    """Serve `folder` on loopback until Ctrl-C.  OSError where the port is taken."""
    with site_server(folder, port) as server:
        if started:
            started(f"http://{LOOPBACK}:{server.server_address[1]}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def site_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of `folder` on loopback, listening but not yet answering; port 0 takes any."""
    return SiteServer((LOOPBACK, port), partial(SiteRequests, directory=str(folder)))


def _names(port: int) -> frozenset[str]:
    """Return what a browser calls this server; it leaves out the port of all web pages."""
    bare = NAMES if port == HTTP_PORT else ()
    return frozenset({*bare, *(f"{name}:{port}" for name in NAMES)})


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether a file is there, not hidden, and no link leads out of the folder."""
    root = folder.resolve()
    real = file.resolve()
    return real.is_file() and real.is_relative_to(root) and not _is_hidden(real.relative_to(root))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _policy_of(file: Path) -> str:
    """Return the policy that a page gives itself; nothing is allowed to any other file."""
    if file.suffix != ".html":
        return NOTHING
    found = POLICY.search(file.read_bytes()[:16384])
    return html.unescape(found[1].decode()) if found else NOTHING
