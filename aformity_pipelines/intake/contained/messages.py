"""Messages over a stream socket: their length in eight bytes, then the bytes.  Keep out: what they mean."""

import socket
import struct

_LENGTH = struct.Struct(">Q")
_BLOCK = 1 << 20


class LineBroken(Exception):
    """The other side went away, or sent more than it may."""


def send(line: socket.socket, message: bytes) -> None:
    """Send one message.  Raises LineBroken if nobody listens any more."""
    try:
        line.sendall(_LENGTH.pack(len(message)))
        line.sendall(message)
    except OSError as error:
        raise LineBroken(f"the other side went away ({error.strerror})") from error


def receive(line: socket.socket, *, at_most: int) -> bytes:
    """Return the next message.  Raises LineBroken if there is none, or one of more than `at_most` bytes.

    Waits as long as the socket's own timeout allows; raises TimeoutError after that.
    """
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    if length > at_most:
        raise LineBroken(f"a message of {length} bytes came, {at_most} are the most")
    return _exactly(line, length)


def _exactly(line: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        try:
            block = line.recv(min(_BLOCK, length - len(received)))
        except ConnectionError as error:
            raise LineBroken(f"the other side went away ({error.strerror})") from error
        if not block:
            raise LineBroken("the other side went away")
        received += block
    return bytes(received)
