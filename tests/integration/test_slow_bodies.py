"""Clients that are too slow are sent away; those that are not are not."""

import time


def test_a_body_that_falls_silent_is_given_up(own_site, dataset, db):
    web = own_site("--body-timeout", "1")
    with web.sender("PUT", f"/datasets/{dataset}/runs/slow", length=1000) as sender:
        sender.send(b"[")
        reply = sender.reply(end=False)
    assert (reply.status, reply.json()["code"]) == (408, "slow_body")
    assert web.get(f"/datasets/{dataset}/runs/slow").status == 404


def test_a_body_that_drips_is_given_up(own_site, dataset):
    web = own_site("--min-rate", "1000")
    with web.sender("PUT", f"/datasets/{dataset}/runs/slow", length=1000000) as sender:
        sender.socket.setblocking(False)
        answer = b""
        for _ in range(600):  # the rate is judged over ten seconds
            time.sleep(0.1)
            try:
                sender.send(b" ")
                answer = sender.socket.recv(100)
                break
            except BlockingIOError:
                continue
            except ConnectionError:
                break
        assert answer.startswith(b"HTTP/1.1 408 "), answer


def test_silent_clients_do_not_keep_others_from_importing(own_site, dataset, db):
    web = own_site("--long-connections", "1", "--threads", "32")
    silent = [web.sender("PUT", f"/datasets/{dataset}/runs/silent{i}", length=1000) for i in range(20)]
    try:
        for sender in silent:
            sender.send(b"[")
        assert web.put_run(dataset, "good", b"[]").status == 200
    finally:
        for sender in silent:
            sender.vanish()
