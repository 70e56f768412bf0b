"""The ways in which a user, or a broken client, talks to the service."""

import contextlib
import http.client
import itertools
import json
import os
import select
import socket
import struct
import subprocess
from urllib.parse import quote, urlencode

from stack import wait_for

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PATIENCE = 120  # seconds; only ends a failing test


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:2000]!r}"


class Client:
    def __init__(self, site):
        self.site = site

    def request(self, method, path, body=None, headers=None, accept="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Accept": accept, **(headers or {})})
            return read_reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    @contextlib.contextmanager
    def stream(self, path):
        """The response to a GET while it comes."""
        with contextlib.closing(http.client.HTTPConnection(
                "127.0.0.1", self.site.port, timeout=PATIENCE)) as connection:
            connection.request("GET", path)
            yield connection.getresponse()

    def delete(self, path):
        return self.request("DELETE", path)

    def put(self, path, body, query=None, **options):
        return self.request("PUT", with_query(path, query), as_bytes(body), **options)

    def post(self, path, body, query=None, **options):
        return self.request("POST", with_query(path, query), as_bytes(body), **options)

    def post_form(self, path, parts, method="POST", **options):
        body, kind = form(parts)
        return self.request(method, path, body, {"Content-Type": kind}, **options)

    def put_run(self, dataset, run, body, **query):
        return self.put(f"/datasets/{dataset}/runs/{run}", body, query)

    def import_state(self, token):
        return self.get("/imports/" + token).json()

    def wait_for_state(self, token, *states):
        return wait_for(lambda: (now := self.import_state(token)).get("state") in states and now,
                        f"import {token} is {' or '.join(states)}")

    def curl(self, path, *args, stdin=None):
        """curl as the README tells people to use it: (exit code, status, bytes sent, body)."""
        command = ["curl", "-sS", "--max-time", str(PATIENCE), "-w",
                   "\n%{http_code} %{size_upload}",
                   *(str(arg) for arg in args), self.site.url + path]
        done = subprocess.run(command, stdin=stdin or subprocess.DEVNULL, capture_output=True)
        body, _, figures = done.stdout.rpartition(b"\n")
        status, sent = figures.split()
        return done.returncode, int(status), int(sent), body

    def sender(self, method, path, headers=None, length=None):
        return Sender(self.site.port, method, path, headers, length)


class Sender:
    """A request whose body is sent piece by piece, as slowly or as badly as a test wants."""

    def __init__(self, port, method, path, headers=None, length=None):
        """length None means a chunked body."""
        self.chunked = length is None
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        framing = "Transfer-Encoding: chunked" if self.chunked else f"Content-Length: {length}"
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: application/json",
                 "Connection: close", framing,
                 *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def has_answer(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def interim(self):
        """The status line of an interim response such as 100 Continue."""
        seen = b""
        while not seen.endswith(b"\r\n\r\n"):
            piece = self.socket.recv(1)
            assert piece, seen
            seen += piece
        return seen.split(b"\r\n")[0]

    def reply(self, end=True):
        if end and self.chunked:
            self.socket.sendall(b"0\r\n\r\n")
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        return read_reply(response)

    def vanish(self):
        """Goes away with a reset, as a crashed client does; __exit__ alone is a polite goodbye."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def read_reply(response):
    return Reply(response.status, response.headers, response.read())


def refused(reply, status, code, *words):
    """Asserts that a problem was answered, with these words in its sentence."""
    assert (reply.status, reply.json()["code"]) == (status, code), reply
    for word in words:
        assert word in reply.json()["detail"], (word, reply.json()["detail"])


def ask_for_file(client, dataset, path, query=None, **more):
    """Imports a file or a directory of the server, below --import-dir."""
    return client.post(f"/datasets/{dataset}/predictions", {"prediction_path": path, **more}, query)


def with_query(path, query):
    return path + ("?" + urlencode(query, quote_via=quote) if query else "")


def as_bytes(body):
    """Bytes, files and iterators (sent in chunks) as they are; anything else as JSON."""
    if isinstance(body, bytes) or hasattr(body, "read") or hasattr(body, "__next__"):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


boundaries = itertools.count()


def form(parts, boundary=None):
    """multipart/form-data as a browser writes it: (body, content type). A part is (name, text) or
    (name, filename, bytes)."""
    boundary = boundary or f"----formboundary{next(boundaries)}x{os.getpid()}"
    body = b""
    for name, *rest in parts:
        disposition = f'form-data; name="{name}"'
        kind = ""
        if len(rest) == 2:
            disposition += f'; filename="{rest[0]}"'
            kind = "Content-Type: application/json\r\n"
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n{kind}\r\n".encode()
        body += as_bytes(rest[-1]) + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
