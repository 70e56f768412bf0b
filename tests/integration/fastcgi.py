"""A web server of the tests' own: it speaks FastCGI to a worker, as badly as a test wants."""

import contextlib
import select
import socket
import struct

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = range(1, 7)
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = 9, 10, 11


def record(kind, content=b"", id=1, version=1):
    return struct.pack(">BBHHBx", version, kind, id, len(content), 0) + content


def begin(id=1, role=1, keep=1):
    return record(BEGIN, struct.pack(">HB5x", role, keep), id)


def length(number):
    return struct.pack(">B", number) if number < 128 else struct.pack(">I", number | 1 << 31)


def pairs(variables):
    return b"".join(length(len(name)) + length(len(value)) + name.encode() + value.encode()
                    for name, value in variables.items())


def head(method, path, **variables):
    """The records of a request before its body."""
    named = {"REQUEST_METHOD": method, "PATH_INFO": path, **variables}
    return begin() + record(PARAMS, pairs(named)) + record(PARAMS)


def body(content=b""):
    pieces = [content[at:at + 32768] for at in range(0, len(content), 32768)]
    return b"".join(record(STDIN, piece) for piece in pieces)


class Peer:
    """A connection to the socket of a worker."""

    def __init__(self, site):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(site.socket))  # waits while the queue of the socket is full
        self.socket.settimeout(120)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def has_answer(self):
        watch = select.poll()
        watch.register(self.socket, select.POLLIN)
        return bool(watch.poll(0))

    def has_ended(self):
        """True if the answer has been sent as a whole, even if nobody has read it."""
        watch = select.poll()
        watch.register(self.socket, select.POLLRDHUP)
        return bool(watch.poll(0))

    def records(self):
        """Everything that comes: [(type, id, content)]."""
        seen = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := self.socket.recv(65536):
                seen += piece
        found = []
        while seen:
            _, kind, id, size, padding = struct.unpack(">BBHHBx", seen[:8])
            found.append((kind, id, seen[8:8 + size]))
            seen = seen[8 + size + padding:]
        return found

    def answer(self):
        """(status, body); the answer must end as the protocol wants."""
        records = self.records()
        assert records[-2:] == [(STDOUT, 1, b""), (END, 1, bytes(8))], records
        head, _, body = b"".join(content for kind, _, content in records
                                 if kind == STDOUT).partition(b"\r\n\r\n")
        assert head.startswith(b"Status: "), head
        return int(head.split()[1]), body
