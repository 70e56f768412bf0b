"""What a web server, or somebody in its place, may send to the socket of a worker."""

import json
import random
import socket
import struct

import pytest

from fastcgi import (ABORT, END, GET_VALUES, GET_VALUES_RESULT, PARAMS, STDIN, Peer, begin, body,
                     head, length, pairs, record)
from samples import array, count, detections

HEALTHY = (200, b'{"status": "ok"}\n')
QUESTION = pairs({"FCGI_MPXS_CONNS": ""})


def ask(site, data):
    with Peer(site) as peer:
        peer.send(data)
        return peer.answer()


@pytest.fixture(autouse=True)
def alive(site):
    """No worker dies of anything here."""
    before = site.workers()
    yield
    assert ask(site, head("GET", "/healthz") + record(STDIN)) == HEALTHY
    assert site.workers() == before


def test_a_request_is_answered_however_it_is_cut(site):
    whole = head("GET", "/healthz") + record(STDIN)
    for cut in range(len(whole)):
        with Peer(site) as peer:
            peer.send(whole[:cut])
            peer.send(whole[cut:])
            assert peer.answer() == HEALTHY
    with Peer(site) as peer:
        for at in range(len(whole)):
            peer.send(whole[at:at + 1])
        assert peer.answer() == HEALTHY


def test_an_upload_comes_byte_by_byte(site, db, dataset):
    content = array(*detections(3))
    sent = head("PUT", f"/datasets/{dataset}/runs/bytes") + body(content) + record(STDIN)
    with Peer(site) as peer:
        for at in range(len(sent)):
            peer.send(sent[at:at + 1])
        assert peer.answer()[0] == 200
    assert count(db, dataset, "bytes") == 3


# The bytes that once smashed libfcgi's stack, made it abort, or made it wait.
@pytest.mark.parametrize("data", [
    record(GET_VALUES, QUESTION * 4, id=0)[:-3],
    begin() + record(PARAMS, b"\xff\xff\xff\xfe\x01" + b"A" * 3000) + record(PARAMS),
    begin() + record(PARAMS, b"\xff\xff\xff\xff\xff\xff\xff\xff") + record(PARAMS),
    begin() + record(PARAMS, pairs({"A": "b\0c"})) + record(PARAMS),
    begin() + b"".join(record(PARAMS, pairs({"A": "x" * 60000})) for _ in range(100)),
    head("GET", "/healthz")[:-8] + record(STDIN),
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    random.Random(1).randbytes(100_000),
    record(GET_VALUES, QUESTION, id=0) * 100_000,
    b"",
], ids=["values", "length", "lengths", "NUL", "parameters", "order", "http", "noise", "questions",
        "nothing"])
def test_what_is_no_request_gets_no_answer(site, data):
    with Peer(site) as peer:
        try:
            peer.send(data)
            peer.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was closed meanwhile
        assert {kind for kind, _, _ in peer.records()} <= {GET_VALUES_RESULT}


def test_a_question_is_answered_before_and_during_a_request(site):
    with Peer(site) as peer:
        peer.send(record(GET_VALUES, QUESTION * 4, id=0) + begin()
                  + record(GET_VALUES, QUESTION, id=0) + head("GET", "/healthz")[16:]
                  + record(STDIN))
        kinds = [(kind, content) for kind, id, content in peer.records() if id == 0]
    assert kinds == [(GET_VALUES_RESULT, b"")] * 2


@pytest.mark.parametrize("data, id, status", [(begin(role=2), 1, 3), (begin() + begin(7), 7, 1)],
                         ids=["another role", "a second request"])
def test_what_this_program_does_not_do_is_refused_by_the_protocol(site, data, id, status):
    with Peer(site) as peer:
        peer.send(data)
        peer.socket.shutdown(socket.SHUT_WR)
        assert peer.records() == [(END, id, struct.pack(">IB3x", 0, status))]


def test_a_web_server_that_has_only_stopped_sending_gets_its_answer(site, db, dataset):
    content = array(*detections(2000))
    with Peer(site) as peer:
        peer.send(head("PUT", f"/datasets/{dataset}/runs/half") + body(content) + record(STDIN))
        peer.socket.shutdown(socket.SHUT_WR)
        status, answered = peer.answer()
    assert (status, json.loads(answered)["prediction_count"]) == (200, 2000)


def test_a_request_that_is_aborted_is_not_imported(site, db, dataset, web):
    with Peer(site) as peer:
        peer.send(head("PUT", f"/datasets/{dataset}/runs/none") + body(array(*detections(2000)))
                  + record(ABORT))
        peer.records()
    assert web.get(f"/datasets/{dataset}/runs/none").status == 404


def test_long_lengths_are_read(site):
    """Four bytes where one would do, and a parameter of 60,000 bytes."""
    named = pairs({"REQUEST_METHOD": "GET", "HTTP_X_LONG": "x" * 60_000})
    path = struct.pack(">II", 9 | 1 << 31, 8 | 1 << 31) + b"PATH_INFO/healthz"
    assert length(200) == b"\x80\0\0\xc8"
    assert ask(site, begin() + record(PARAMS, named) + record(PARAMS, path) + record(PARAMS)
               + record(STDIN)) == HEALTHY
