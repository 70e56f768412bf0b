"""Clients that are too slow are sent away; those that are not are not."""

import contextlib
import http.client
import json
import select
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastcgi import STDIN, Peer, body, head, record
from samples import array, detection, detections, rows, street
from stack import wait_for


PAST_THE_GATE = b"[" + b" " * 70_000  # a thread reads on


@pytest.mark.parametrize("beginning", [b"[", PAST_THE_GATE], ids=["at the gate", "later"])
def test_a_body_that_falls_silent_is_given_up(own_site, dataset, beginning):
    web = own_site("--body-timeout", "1")
    with web.sender("PUT", f"/datasets/{dataset}/runs/slow", length=1000000) as sender:
        sender.send(beginning)
        reply = sender.reply(end=False)
    assert (reply.status, reply.json()["code"]) == (408, "slow_body")
    assert web.get(f"/datasets/{dataset}/runs/slow").status == 404


def test_a_body_that_drips_is_given_up(own_site, dataset):
    """Also after its first 64 KiB, which come at once."""
    web = own_site("--min-rate", "10000")
    with web.sender("PUT", f"/datasets/{dataset}/runs/slow", length=1000000) as sender:
        sender.send(PAST_THE_GATE)
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


def test_bytes_that_are_no_body_do_not_keep_it_alive(own_site, dataset, token):
    """Records of a request that does not exist, one at a time."""
    web = own_site("--body-timeout", "1")
    with Peer(web.site) as peer:
        peer.send(head("PUT", f"/datasets/{dataset}/runs/slow", QUERY_STRING=f"import={token}")
                  + body(PAST_THE_GATE))
        web.wait_for_state(token, "running")
        for _ in range(200):
            if peer.has_answer():
                break
            peer.send(record(STDIN, b" ", id=7))
            time.sleep(0.1)
        assert peer.has_answer()
        status, problem = peer.answer()
    assert (status, json.loads(problem)["code"]) == (408, "slow_body")


def upload(db, token):
    """The import's backend: (how many rows it has copied, whether it holds a snapshot)."""
    return db.execute("select split_part(application_name, ' ', 4), backend_xmin is not null"
                      " from pg_stat_activity"
                      " where application_name like %s", (f"pgcoco {token} copy%",)).fetchone()


def wait_for_rest(db, token):
    """Until the import, whose client has fallen silent, is in nobody's way."""
    return wait_for(lambda: (now := upload(db, token)) and not now[1] and now[0] and int(now[0]),
                    "the copy to rest")


def rows_of(count, start=0, **more):
    return ",".join(json.dumps(detection(n, **more)) for n in range(start, start + count)).encode()


def test_a_slow_upload_does_not_keep_replaced_runs_from_being_collected(
        web, db, dataset, token, collect):
    """An open COPY would hold a snapshot older than all leaves that are replaced meanwhile."""
    with web.sender("PUT", f"/datasets/{dataset}/runs/slow?import={token}") as sender:
        sender.send(b"[" + rows_of(3000) + b",")  # more than is read before the import begins
        first = wait_for_rest(db, token)
        assert 0 < first <= 3000
        assert web.import_state(token)["rows"] == first
        for n in range(3):
            assert web.put_run(dataset, "run", array(*detections(n + 1))).status == 200
        collect()
        # The rest in two pieces, one of them with more columns, and silence between.
        sender.send(rows_of(500, 3000, keypoints=[1, 2, 2]) + b",")
        second = wait_for(lambda: (now := wait_for_rest(db, token)) > first and now,
                          "more rows at rest")
        assert web.import_state(token)["rows"] == second
        sender.send(rows_of(500, 3500) + b"]")
        reply = sender.reply()
    assert (reply.status, reply.json()["prediction_count"]) == (200, 4000), reply
    found = rows(db, dataset, "slow")
    assert [row[0] for row in found] == list(range(1, 4001))
    assert [row[3] for row in found] == [float(n) for n in range(4000)]
    collect()


def test_an_upload_that_is_never_silent_lets_go_of_its_snapshot_too(web, db, dataset, token):
    """Every ten seconds, however fast the rows come."""
    with web.sender("PUT", f"/datasets/{dataset}/runs/slow?import={token}") as sender:
        sender.send(b"[" + rows_of(3000))
        sent = 3000
        while not (now := upload(db, token)) or now[0] in ("", "0"):
            assert sent < 100_000
            sender.send(b"," + rows_of(100, sent))
            sent += 100
            time.sleep(0.05)
        assert int(now[0]) <= sent
        sender.send(b"]")
        assert sender.reply().json()["prediction_count"] == sent
    assert [row[0] for row in rows(db, dataset, "slow")] == list(range(1, sent + 1))


def test_a_slow_ground_truth_rests_too(web, db, name, token):
    truth = street(images=[{"id": n, "file_name": f"{n:0100}.jpg"} for n in range(1, 2001)])
    content = json.dumps(truth).encode()
    with web.sender("PUT", f"/datasets/{name}?import={token}") as sender:
        sender.send(content[:150_000])
        wait_for_rest(db, token)
        sender.send(content[150_000:])
        reply = sender.reply()
    assert (reply.status, reply.json()["image_count"], reply.json()["annotation_count"]) == (
        201, 2000, 4), reply


@pytest.mark.parametrize("how", ["vanishes", "loses the database", "sends nonsense"])
def test_what_goes_wrong_after_a_rest_takes_all_back(web, db, dataset, token, collect, how):
    assert web.put_run(dataset, "slow", array(*detections(5))).status == 200
    with web.sender("PUT", f"/datasets/{dataset}/runs/slow?import={token}") as sender:
        sender.send(b"[" + rows_of(3000) + b",")
        wait_for_rest(db, token)
        if how == "vanishes":
            sender.vanish()
        elif how == "loses the database":
            db.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                       " where application_name like %s",
                       (f"pgcoco {token} %",))
            sender.send(rows_of(10) + b"]")
            assert (sender.reply().status) == 503
        else:
            sender.send(rows_of(2) + b",?]")
            problem = sender.reply().json()
            assert (problem["code"], problem["index"]) == ("not_json", 3002)
    wait_for(lambda: upload(db, token) is None, "the import to end")
    assert len(rows(db, dataset, "slow")) == 5
    collect()


def copies(db):
    return db.execute("select count(*) from pg_stat_activity"
                      " where application_name ~ '^pgcoco .* copy'").fetchone()[0]


class Trickle:
    """Uploads that keep the minimum rate, and hold a connection of the database for that."""

    def __init__(self, web, dataset, count):
        self.senders = [web.sender("PUT", f"/datasets/{dataset}/runs/slow{n}")
                        for n in range(count)]
        for sender in self.senders:
            sender.send(b"[" + rows_of(1000))

    def answered(self):
        return select.select([sender.socket for sender in self.senders], [], [], 0)[0]

    def go_on_until(self, done):
        end = time.monotonic() + 60
        while not done():
            assert time.monotonic() < end, "waited in vain"
            for sender in self.senders:
                if sender.socket not in self.answered():
                    sender.send(b" " * 600)
            time.sleep(0.3)

    def replies(self):
        return [sender.reply(end=False) for sender in self.senders
                if sender.socket in self.answered()]


@pytest.mark.parametrize("method, path", [("PUT", "/datasets/{}/runs/good"),
                                          ("GET", "/datasets/{}/annotations")])
def test_slow_uploads_make_room_for_those_who_wait(own_site, dataset, db, method, path):
    """One goes for one that waits; the others may go on."""
    web = own_site("--long-connections", "2")
    with ThreadPoolExecutor(1) as pool:
        slow = Trickle(web, dataset, 2)
        wait_for(lambda: copies(db) == 2, "both to copy")
        waiting = pool.submit(web.request, method, path.format(dataset),
                              b"[]" if method == "PUT" else None)
        slow.go_on_until(waiting.done)
        assert waiting.result().status == 200
        reply, = slow.replies()
        assert (reply.status, reply.json()["code"]) == (408, "slow_body")
        assert "others wait" in reply.json()["detail"]
        for sender in slow.senders:
            sender.vanish()


def test_a_slow_reader_of_a_file_makes_room_for_those_who_wait(own_site, web, dataset):
    assert web.put_run(dataset, "run", array(*detections(100_000))).status == 200
    other = own_site("--long-connections", "1", "--body-timeout", "600")
    with other.stream(f"/datasets/{dataset}/runs/run/predictions") as reading:
        reading.read(1000)
        assert other.put_run(dataset, "good", b"[]").status == 200
        with pytest.raises(http.client.IncompleteRead):
            reading.read()


def test_slow_uploads_that_nobody_waits_for_may_be_slow(own_site, dataset, db):
    web = own_site("--long-connections", "2")
    slow = Trickle(web, dataset, 1)
    wait_for(lambda: copies(db) == 1, "it to copy")
    end = time.monotonic() + 5  # longer than a client is watched before it would have to go
    slow.go_on_until(lambda: time.monotonic() > end)
    assert slow.answered() == []
    assert web.put_run(dataset, "good", b"[]").status == 200
    slow.senders[0].send(b"]")
    assert slow.senders[0].reply().status == 200


def last_dataset_asked(db):
    """When an upload has last asked for its dataset, which it does before it waits for its turn."""
    return db.execute("select max(query_start) from pg_stat_activity"
                      " where query ~ 'dataset_find' and pid <> pg_backend_pid()").fetchone()[0]


def test_those_who_wait_for_a_connection_get_it_in_their_order(own_site, dataset, db):
    web = own_site("--long-connections", "1", "--threads", "16", "--min-rate", "0")
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(web.site)) for _ in range(5)]
        for n, peer in enumerate(peers):
            before = last_dataset_asked(db)
            peer.send(head("PUT", f"/datasets/{dataset}/runs/run{n}") + body(b"[" + rows_of(1000)))
            if n > 0:
                peer.send(body(b"]") + record(STDIN))
            wait_for(lambda: last_dataset_asked(db) != before, "it to wait for its turn")
            wait_for(lambda: copies(db) == 1, "the first to copy")
        peers[0].send(body(b"]") + record(STDIN))
        assert [peer.answer()[0] for peer in peers] == [200] * 5
    assert db.execute("select source from coco.imports where dataset = %s and source like 'run_'"
                      " order by import_id",
                      (dataset,)).fetchall() == [(f"run{n}",) for n in range(5)]
