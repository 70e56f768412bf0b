"""Clients that read their answers slowly, or not at all."""

import contextlib
import json
import time
from pathlib import Path

import pytest

from client import HTML, Client
from fastcgi import STDIN, Peer, head, record
from samples import street
from stack import MIB, is_sanitized, wait_for

FAT = {"description": "\N{SNOWMAN}<" * 900_000}  # 3.6 MB of UTF-8; the most that is kept is 4 MiB


@pytest.fixture(scope="module")
def fat(site):
    """A dataset whose document is large."""
    truth = json.dumps(street(info=FAT), ensure_ascii=False).encode()
    assert Client(site).put("/datasets/fat", truth).status == 201
    return "/datasets/fat"


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
    assert web.get(fat).json()["info"] == FAT


def test_a_page_of_a_document_that_grows_by_its_markup_is_bounded(web, name):
    info = {f"{n}": {f"{m}": "" for m in range(2)} for n in range(15_000)}
    assert len(json.dumps(info)) < 500_000
    assert web.put("/datasets/" + name, street(info=info)).status == 201
    page = web.get("/datasets/" + name, accept=HTML)
    assert page.status == 200 and len(page.body) < MIB
    assert "too many for a page" in page.text


def test_readers_of_pages_cost_the_service_no_documents(own_site, fat):
    """Forty of them read nothing; each once held its document, and a page of 20 MB."""
    client = own_site("--threads", "64", "--short-connections", "2", "--body-timeout", "600")
    worker = client.site.process.pid
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            peer = stack.enter_context(Peer(client.site))
            peer.send(request(fat, HTTP_ACCEPT=HTML))
            wait_for(peer.has_answer, "the answer to begin")
        if not is_sanitized():
            assert memory(worker) < 64 * MIB, memory(worker)


def test_slow_readers_make_room_for_those_who_wait(own_site, fat):
    """Four of them hold all threads; one goes for one that waits."""
    client = own_site("--threads", "4", "--body-timeout", "600")
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(client.site)) for _ in range(4)]
        for peer in peers:
            peer.send(request(fat))
            wait_for(peer.has_answer, "the answer to begin")
        assert client.get("/datasets").status == 200


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
        other.send(request("/datasets"))
        while not other.has_answer():
            if reads:
                peer.socket.recv(reads)
            time.sleep(0.1)
        assert other.answer()[0] == 200
