"""Clients that read their answers slowly, or not at all."""

import contextlib
import json
import time
from pathlib import Path

import pytest

from client import HTML
from fastcgi import STDIN, Peer, head, record
from stack import MIB, is_sanitized, wait_for

FAT = "\N{SNOWMAN}" + "<" * 50_000


@pytest.fixture
def ended_imports(db, token):
    """ended_imports(outcome) is the address of a document with twenty such outcomes."""
    def insert(outcome):
        text = json.dumps(outcome, ensure_ascii=False)
        db.execute("insert into coco.imports"
                   " (token, dataset, source, started_at, phase, finished_at, outcome)"
                   " select %s, 'd', 'r' || n, now(), 'failed', now(), %s"
                   " from generate_series(1, 20) n", (token, text))
        return "/imports/" + token

    yield insert
    db.execute("delete from coco.imports where token = %s", (token,))


@pytest.fixture
def fat(ended_imports, web):
    """A document that is too large for a page, and for what a socket keeps for its reader."""
    path = ended_imports({"detail": FAT})
    assert len(web.get(path).body) > 4 * int(Path("/proc/sys/net/core/wmem_default").read_text())
    return path


def request(path, **variables):
    return head("GET", path, **variables) + record(STDIN)


def memory(worker):
    for line in Path(f"/proc/{worker}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"process {worker} is gone")


def test_a_page_of_a_large_document_is_bounded_and_says_so(web, fat):
    page = web.get(fat, accept=HTML)
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
    assert len(page.body) < MIB
    assert "too many for a page" in page.text and "application/json" in page.text
    assert "\N{SNOWMAN}&lt;" in page.text and "<<" not in page.text
    assert {one["outcome"]["detail"] for one in web.get(fat).json()["imports"]} == {FAT}


def test_a_page_of_a_document_that_grows_by_its_markup_is_bounded(web, ended_imports):
    path = ended_imports({f"{n}": {f"{m}": "" for m in range(2)} for n in range(750)})
    assert len(web.get(path).body) < MIB / 2
    page = web.get(path, accept=HTML)
    assert page.status == 200 and len(page.body) < MIB
    assert "too many for a page" in page.text


def test_readers_of_pages_cost_the_service_no_documents(own_site, fat):
    """A hundred of them read nothing; each once held its document."""
    client = own_site("--threads", "128", "--short-connections", "2", "--body-timeout", "600")
    worker = client.site.process.pid
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(client.site)) for _ in range(100)]
        for peer in peers:
            peer.send(request(fat, HTTP_ACCEPT=HTML))
            wait_for(peer.has_answer, "the answer to begin")
        if not is_sanitized():
            assert memory(worker) < 64 * MIB, memory(worker)
        assert not any(peer.has_ended() for peer in peers)


def test_slow_readers_make_room_for_those_who_wait(own_site, fat):
    """Four of them hold all threads; one goes for one that waits."""
    client = own_site("--threads", "4", "--body-timeout", "600")
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(client.site)) for _ in range(4)]
        for peer in peers:
            peer.send(request(fat))
            wait_for(peer.has_answer, "the answer to begin")
        assert not any(peer.has_ended() for peer in peers)
        assert client.get("/datasets").status == 200
        assert sum(peer.has_ended() for peer in peers) == 1


@pytest.mark.parametrize("options, reads", [(("--body-timeout", "1"), 0),
                                            (("--body-timeout", "600", "--min-rate", "50000"),
                                             1000)],
                         ids=["nothing", "slowly"])
def test_a_reader_of_a_document_that_is_too_slow_is_cut_off(own_site, fat, options, reads):
    """It would hold the thread for as long as it likes."""
    client = own_site("--threads", "1", *options)
    with Peer(client.site) as peer, Peer(client.site) as other:
        peer.send(request(fat))
        wait_for(peer.has_answer, "the answer to begin")
        assert not peer.has_ended()
        other.send(request("/datasets"))
        while not other.has_answer():
            if reads:
                peer.socket.recv(reads)
            time.sleep(0.1)
        assert other.answer()[0] == 200
