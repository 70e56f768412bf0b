"""Clients that are slow to begin, or never do, keep nobody else from being answered."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastcgi import STDIN, Peer, begin, body, head, record
from samples import array, detections, waiting_reads
from stack import MIB, is_sanitized, peak_memory, wait_for

UPLOAD = 70_000  # bytes: a thread takes the upload, which is then silent


@pytest.fixture
def senders():
    """senders(count, path, first bytes): requests that are begun and not ended."""
    with contextlib.ExitStack() as stack:
        def start(web, count, path, beginning=b""):
            opened = [stack.enter_context(web.sender("PUT", path.format(n), length=1 << 30))
                      for n in range(count)]
            for sender in opened:
                sender.send(beginning)
            return opened

        yield start


def test_130_connections_that_send_only_headers_hold_no_thread(own_site, dataset, senders):
    web = own_site("--threads", "4")
    waiting = senders(web, 130, f"/datasets/{dataset}/runs/run{{}}")
    for path in ("/healthz", "/readyz", f"/datasets/{dataset}"):
        assert web.get(path).status == 200
    assert web.put_run(dataset, "good", detections(2)).status == 200
    assert not any(sender.has_answer() for sender in waiting)


def test_uploads_that_last_leave_threads_to_reads(own_site, dataset, senders):
    """Of four threads, uploads get two; the third upload waits for its turn."""
    web = own_site("--threads", "4")
    waiting = senders(web, 8, f"/datasets/{dataset}/runs/run{{}}", b"[" + b" " * UPLOAD)
    for _ in range(3):
        assert web.get("/healthz").status == 200
        assert web.get(f"/datasets/{dataset}").status == 200
    assert web.delete(f"/datasets/{dataset}/runs/none").status == 404
    assert not any(sender.has_answer() for sender in waiting)


def test_an_upload_that_waited_for_its_turn_gets_it(own_site, dataset, senders):
    web = own_site("--threads", "2")
    first, second = senders(web, 2, f"/datasets/{dataset}/runs/run{{}}", b"[" + b" " * UPLOAD)
    first.vanish()
    second.vanish()
    assert web.put_run(dataset, "good", array(*detections(2000))).status == 200


def test_health_is_answered_while_reads_hold_all_threads(own_site, holder):
    web = own_site("--threads", "2", "--short-connections", "2")
    holder.execute("lock table coco.datasets in access exclusive mode")
    with ThreadPoolExecutor(6) as pool:
        reads = [pool.submit(web.get, "/datasets") for _ in range(6)]
        wait_for(lambda: waiting_reads(holder) >= 2, "two reads at the lock")
        for _ in range(5):
            assert web.get("/healthz").status == 200
        assert not any(read.done() for read in reads)
        holder.rollback()
        assert {read.result().status for read in reads} == {200}


def test_of_too_many_the_one_that_has_waited_longest_goes(own_site, dataset, senders):
    web = own_site("--waiting", "5")
    path = f"/datasets/{dataset}/runs/run{{}}"
    first, second, *others = [senders(web, 1, path, b"[")[0] for _ in range(5)]
    assert not any(sender.has_answer() for sender in [first, second, *others])
    others += senders(web, 1, path, b"[")
    for sender in (first, second):
        reply = sender.reply(end=False)
        assert (reply.status, reply.json()["code"]) == (503, "busy")
        assert int(reply.headers["Retry-After"]) > 0
        others += senders(web, 1, path, b"[")
    others[0].vanish()
    assert web.get("/healthz").status == 200
    assert not any(sender.has_answer() for sender in others[2:])


def test_connections_without_a_request_are_closed(own_site):
    """They sent nothing, a beginning, or parameters without an end."""
    site = own_site("--body-timeout", "600").site
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(site)) for _ in range(3)]
        peers[1].send(begin())
        peers[2].send(head("GET", "/healthz")[:-8])
        assert [peer.records() for peer in peers] == [[], [], []]


def test_a_request_that_needs_no_body_does_not_wait_for_one(own_site, dataset):
    site = own_site().site
    for method, path, status in (("GET", "/healthz", 200), ("PUT", "/healthz", 405),
                                 ("POST", "/nothing", 404),
                                 ("DELETE", f"/datasets/{dataset}/runs/none", 404)):
        with Peer(site) as peer:
            peer.send(head(method, path, CONTENT_LENGTH="1000") + body(b"["))
            assert peer.answer()[0] == status


def test_bodies_of_waiting_connections_are_bounded_in_all(own_site, dataset):
    """Each may bring 64 KiB of parameters, and as much of a body: more than 64 MiB for 1,024."""
    site = own_site("--min-rate", "0").site
    parameters = {f"HTTP_X{n}": "x" * 6000 for n in range(10)}
    request = head("PUT", f"/datasets/{dataset}/runs/run", **parameters) + body(b" " * 60_000)
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(site)) for _ in range(700)]
        for peer in peers:
            peer.send(request)
        wait_for(peers[0].has_answer, "the first to be sent away")
        assert peers[0].answer()[0] == 503
        assert not peers[-1].has_answer()
        peers[-1].send(record(STDIN))
        assert peers[-1].answer()[0] == 400


def test_a_client_that_drips_its_first_bytes_is_told_so(own_site, dataset):
    """At the gate the same limits apply as later."""
    site = own_site("--min-rate", "1000", "--body-timeout", "600").site
    with Peer(site) as peer:
        peer.send(head("PUT", f"/datasets/{dataset}/runs/run"))
        while not peer.has_answer():
            peer.send(body(b" "))
            time.sleep(0.1)
        assert peer.answer()[0] == 408


@pytest.mark.parametrize("beginning", [
    b"a preamble, ", b"--b\r\nContent-Disposition: form-data; name=other\r\n\r\n"],
    ids=["a preamble", "a part"])
def test_what_comes_before_the_file_of_a_form_is_bounded(web, dataset, beginning):
    """It has no use, so it must not hold a thread and a connection of the database."""
    sent = 0
    with web.sender("POST", f"/datasets/{dataset}/predictions",
                    {"Content-Type": "multipart/form-data; boundary=b"}) as sender:
        sender.send(beginning)
        while not sender.has_answer():
            assert sent < 10_000_000
            sender.send(b"x" * 10_000)
            sent += 10_000
        reply = sender.reply(end=False)
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply


def test_uploads_that_wait_for_a_thread_have_a_limit_too(own_site, dataset, senders, token):
    """With two threads: one upload runs, four wait, and the others are told so."""
    web = own_site("--threads", "2", "--min-rate", "0")
    beginning = b"[" + b" " * UPLOAD
    senders(web, 1, f"/datasets/{dataset}/runs/first?import={token}", beginning)
    web.wait_for_state(token, "running")
    sent = senders(web, 8, f"/datasets/{dataset}/runs/run{{}}", beginning)
    wait_for(lambda: sum(sender.has_answer() for sender in sent) == 4, "four to be refused")
    assert web.get(f"/datasets/{dataset}").status == 200
    for sender in (one for one in sent if one.has_answer()):
        reply = sender.reply(end=False)
        assert (reply.status, reply.json()["code"]) == (503, "busy")


def crowd(stack, site, request, count):
    """So many connections that send this and nothing more."""
    peers = []
    for _ in range(count):
        peers.append(stack.enter_context(Peer(site)))
        peers[-1].send(request)
    return peers


def test_those_who_are_refused_are_in_nobodys_way(own_site, dataset):
    """2,300 begin an upload; 1,024 may wait. One thread answers reads: it tells nobody else."""
    client = own_site("--threads", "1", "--min-rate", "0")
    with contextlib.ExitStack() as stack:
        peers = crowd(stack, client.site, head("PUT", f"/datasets/{dataset}/runs/run"), 2300)
        for path in ("/healthz", f"/datasets/{dataset}", "/healthz"):
            with Peer(client.site) as peer:
                peer.send(head("GET", path) + record(STDIN))
                assert peer.answer()[0] == 200
        refused = [peer for peer in peers if peer.has_answer()]
        # A read whose head comes a moment after its connection waits, too.
        assert 2300 - 1024 <= len(refused) <= 2300 - 1024 + 3
        assert refused[0] is peers[0] and peers[-1] not in refused
        assert {peer.answer()[0] for peer in refused} == {503}


def test_those_who_are_refused_cost_no_memory(own_site, dataset):
    """1,287 send 60 KB each: 64 MiB of it are kept, and the rest is freed when it is refused."""
    site = own_site("--min-rate", "0").site
    request = head("PUT", f"/datasets/{dataset}/runs/run") + body(b" " * 60_000)
    before = peak_memory(site.process.pid)
    with contextlib.ExitStack() as stack:
        peers = crowd(stack, site, request, 1287)
        wait_for(lambda: sum(peer.has_answer() for peer in peers) > 263, "some to be refused")
        grown = peak_memory(site.process.pid) - before
        assert is_sanitized() or grown < 76 * MIB, grown
        peers[-1].send(record(STDIN))
        assert peers[-1].answer()[0] == 400


def begin_upload(client, path):
    sender = client.sender("PUT", path)
    sender.send(b" ")
    time.sleep(0.05)  # nginx connects, and then sends the parameters
    return sender


def test_one_who_is_refused_may_still_be_sending(own_site, dataset):
    """nginx reads an answer only if its writing does not fail: what comes for a while is dropped.
    What is sent here is more than a socket keeps."""
    client = own_site("--waiting", "1", "--min-rate", "0")
    request = head("PUT", f"/datasets/{dataset}/runs/run") + body(b" " * 10_000)
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Peer(client.site))
        first.send(request)  # without parameters, the second would push it out unanswered
        stack.enter_context(Peer(client.site)).send(request)
        wait_for(first.has_answer, "the first to be refused")
        for _ in range(10):
            first.send(body(b" " * 60_000))
        assert first.answer()[0] == 503
    for _ in range(20):
        path = f"/datasets/{dataset}/runs/run"
        with contextlib.ExitStack() as stack:
            first, second = (stack.enter_context(begin_upload(client, path)) for _ in range(2))
            while not (first.has_answer() or second.has_answer()):
                first.send(b" ")
                second.send(b" ")
                time.sleep(0.001)  # a thread takes an upload whose first 64 KiB have come
            sender = first if first.has_answer() else second
            assert sender.reply(end=False).status == 503
