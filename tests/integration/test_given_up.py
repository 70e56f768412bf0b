"""An import ends when its client has hung up, or when it has taken too long, whatever it is at."""

import json
import time

import pytest

from fastcgi import STDIN, Peer, body, head, record
from samples import detection, detections, hold_bucket, rows
from stack import wait_for


@pytest.fixture
def run(web, dataset):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return f"/datasets/{dataset}/runs/run"


def hold_attach(holder, dataset):
    holder.execute("lock table coco.annotation_versions in share update exclusive mode")


def hold_history(holder, dataset):
    holder.execute("lock table coco.imports in share row exclusive mode")


# What an import waits for, and the phase that its backend is in then.
WAITS = {"index": hold_history, "attach": hold_attach, "publish": hold_bucket}


def waits(db, token, phase):
    return db.execute("select count(*) from pg_stat_activity where application_name = %s"
                      " and wait_event is not null",
                      (f"pgcoco {token} {phase}",)).fetchone()[0] == 1


def gone(db, token):
    return db.execute("select count(*) from pg_stat_activity where application_name like %s"
                      " and state <> 'idle'", (f"pgcoco {token} %",)).fetchone()[0] == 0


@pytest.mark.parametrize("phase", WAITS)
def test_the_wait_in_the_database_ends_with_its_client(
        web, site, db, holder, run, dataset, token, collect, phase):
    before = rows(db, dataset, "run")
    WAITS[phase](holder, dataset)
    content = json.dumps(detections(9)).encode()
    # nginx does not tell of a client that goes after the last byte of its body.
    with Peer(site) as peer:
        peer.send(head("PUT", run, QUERY_STRING=f"import={token}") + body(content) + record(STDIN))
        wait_for(lambda: waits(db, token, phase), f"the import to wait in {phase}")
    wait_for(lambda: gone(db, token), "the import to end while the lock is held")
    holder.rollback()
    ended = web.wait_for_state(token, "failed")
    assert ended["outcome"]["code"] == "client_gone"
    assert rows(db, dataset, "run") == before
    assert web.put(run, detections(7)).json()["replaced_count"] == 5
    collect()


@pytest.mark.parametrize("phase", ["attach", "publish"])
def test_the_wait_in_the_database_has_an_end(
        own_site, db, holder, run, dataset, token, collect, phase):
    web = own_site("--max-duration", "1")
    before = rows(db, dataset, "run")
    WAITS[phase](holder, dataset)
    reply = web.put(f"{run}?import={token}", detections(9))
    assert (reply.status, reply.json()["code"]) == (408, "took_too_long")
    assert "more than 1 seconds" in reply.json()["detail"]
    holder.rollback()
    assert web.import_state(token)["outcome"]["code"] == "took_too_long"
    assert rows(db, dataset, "run") == before
    collect()


def test_an_upload_that_keeps_its_rate_has_an_end(own_site, dataset, run, db, collect):
    web = own_site("--max-duration", "1")
    row = json.dumps(detection(0)).encode() + b",\n"
    with web.sender("PUT", run) as sender:
        sender.send(b"[" + row * 2000)
        for _ in range(100):
            time.sleep(0.1)
            try:
                sender.send(row * 100)
            except OSError:
                break
        reply = sender.reply(end=False)
    assert (reply.status, reply.json()["code"]) == (408, "took_too_long")
    assert len(rows(db, dataset, "run")) == 5
    collect()


def test_an_upload_without_a_limit_may_take_long(own_site, dataset, run):
    web = own_site("--max-duration", "0")
    assert web.put(run, detections(9)).status == 200
