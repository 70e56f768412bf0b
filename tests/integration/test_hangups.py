"""Clients that hang up, or that only stop sending."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import form
from fastcgi import STDIN, Peer, body, head, record
from samples import array, detections, waiting_reads
from stack import wait_for


def exchange(site, data):
    """What a client gets that stops sending after its request: (status line, body)."""
    with socket.create_connection(("127.0.0.1", site.port), 60) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    headers, _, content = answer.partition(b"\r\n\r\n")
    return headers.split(b"\r\n")[0].decode(), json.loads(content)


@pytest.mark.parametrize("path", ["/datasets/{}", "/datasets/{}/annotations",
                                  "/datasets/{}/runs/run/predictions"])
def test_a_client_that_stops_sending_gets_its_answer(web, site, dataset, holder, path):
    """Also if the answer takes a while."""
    assert web.put_run(dataset, "run", detections(5000)).status == 200
    request = f"GET {path.format(dataset)} HTTP/1.0\r\n\r\n".encode()
    assert exchange(site, request)[0] == "HTTP/1.1 200 OK"
    holder.execute("lock table coco.datasets in access exclusive mode")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(exchange, site, request)
        wait_for(lambda: waiting_reads(holder), "the request to wait")
        holder.rollback()
        assert answer.result()[0] == "HTTP/1.1 200 OK"


@pytest.mark.parametrize("size", [10, 20_000])
@pytest.mark.parametrize("as_form", [False, True], ids=["body", "form"])
def test_an_upload_of_a_client_that_stops_sending_gets_its_answer(site, dataset, size, as_form):
    content, kind = array(*detections(size)), "application/json"
    if as_form:
        content, kind = form([("run_name", "half"), ("file", "x.json", content)])
    headers = (f"POST /datasets/{dataset}/predictions?run_name=half HTTP/1.0\r\n"
               f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n")
    status, answer = exchange(site, headers.encode() + content)
    assert (status, answer["prediction_count"]) == ("HTTP/1.1 200 OK", size)


@pytest.mark.parametrize("method, path", [("PUT", "/datasets/{}/runs/gone"),
                                          ("GET", "/datasets/{}/annotations")])
def test_a_request_whose_client_has_gone_leaves_the_line(own_site, dataset, token, method, path):
    """It waits for a connection of the database; those behind it do not wait for it."""
    web = own_site("--long-connections", "1", "--min-rate", "0", "--threads", "4")
    with web.sender("PUT", f"/datasets/{dataset}/runs/first?import={token}") as first:
        first.send(b"[" + b" " * 100_000)
        web.wait_for_state(token, "running")
        # Of four threads, two are for uploads and exports: the second one is free again.
        with Peer(web.site) as gone:
            gone.send(head(method, path.format(dataset)) + body(b"[]") + record(STDIN))
            gone.socket.shutdown(socket.SHUT_RDWR)
        with web.sender("PUT", f"/datasets/{dataset}/runs/last") as last:
            last.send(b"[]")
            first.send(b"]")
            assert first.reply().status == 200
            assert last.reply().status == 200
    assert web.get(f"/datasets/{dataset}/runs/gone").status == 404
