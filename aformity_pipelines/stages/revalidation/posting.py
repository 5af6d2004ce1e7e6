"""One POST to a server that may be slow, endless or hostile: an answer within a time, or none.

No redirect is followed, no proxy of the surroundings used, and nothing of an answer read behind its headers.
"""

import socket
import ssl
from collections.abc import Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from urllib.parse import urlsplit


def posted(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> int:
    """Return the status that the server at `url` answers with, within `seconds` in all.

    TimeoutError where it takes longer, however busily it talks; OSError, HTTPException or ValueError where it cannot be
    reached or understood.  Only a name with several addresses that stay silent has `seconds` for each of them.
    """
    place = urlsplit(url)
    connection = _connection(url, seconds)
    is_over = Event()
    deadline = Timer(seconds, partial(_hang_up, connection, is_over))
    deadline.daemon = True
    deadline.start()
    try:
        connection.connect()
        _refuse_late(is_over)
        target = (place.path or "/") + (f"?{place.query}" if place.query else "")
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        status = connection.getresponse().status
    except (OSError, HTTPException, ValueError):
        _refuse_late(is_over)
        raise
    finally:
        deadline.cancel()
        connection.close()
    # A line that was hung up on reads like the end of an answer.
    _refuse_late(is_over)
    return status


def _connection(url: str, seconds: float) -> HTTPConnection:
    place = urlsplit(url)
    host = place.hostname or ""
    if place.scheme == "https":
        secure = ssl.create_default_context()
        return HTTPSConnection(host, place.port or 443, timeout=seconds, context=secure)
    return HTTPConnection(host, place.port or 80, timeout=seconds)


def _hang_up(connection: HTTPConnection, is_over: Event) -> None:
    """Wake whoever waits for the server: each of its bytes would buy it time again."""
    is_over.set()
    if isinstance(connection.sock, socket.socket):
        try:
            # TLS would take its own end for a fault of the reader: what is below it is enough.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        except OSError:
            return  # closed already


def _refuse_late(is_over: Event) -> None:
    if is_over.is_set():
        raise TimeoutError
