"""A worker is killed at each step of an import.

The old run stays, and a collection leaves nothing behind.
"""

import http.client
import os
import signal
import threading

import pytest

from meanwhile import no_collection
from samples import big_results, detections, grow_old, hold_bucket, leaves, published_leaves, rows
from stack import wait_for

PENDING = "select count(*) from pg_inherits where inhdetachpending"


@pytest.fixture
def run(web, dataset):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return f"/datasets/{dataset}/runs/run"


class Upload(threading.Thread):
    """A request whose answer may never come."""

    def __init__(self, web, path, body):
        super().__init__(daemon=True)
        self.web, self.path, self.body, self.reply = web, path, body, None
        self.start()

    def run(self):
        try:
            self.reply = self.web.put(self.path, self.body)
        except (OSError, http.client.HTTPException):
            pass  # its worker was killed


def kill_workers(site):
    workers = site.workers()
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    site.wait_for_new_workers(workers)


def is_at(db, token, step):
    """Whether the import's backend does this step and waits in it."""
    return db.execute("select count(*) from pg_stat_activity where application_name = %s"
                      " and wait_event is not null",
                      (f"pgcoco {token} {step}",)).fetchone()[0] == 1


def gone(db, token):
    return db.execute("select count(*) from pg_stat_activity where application_name like %s",
                      (f"pgcoco {token} %",)).fetchone()[0] == 0


def hold_attach(holder, dataset):
    holder.execute("lock table coco.annotation_versions in share update exclusive mode")


# The publication waits for transactions that have read the bucket since before the attach.
STEPS = {"attach": hold_attach, "publish": hold_bucket}


@pytest.mark.parametrize("step", STEPS)
def test_killed_in_a_step_after_the_copy(
        web, site, postgres, db, holder, run, dataset, token, collect, step):
    before = rows(db, dataset, "run")
    with no_collection(postgres):
        STEPS[step](holder, dataset)
        upload = Upload(web, f"{run}?import={token}", detections(9))
        wait_for(lambda: is_at(db, token, step), f"the import to wait in {step}")
        kill_workers(site)
        upload.join(30)
        assert not upload.is_alive() and (upload.reply is None
                                          or upload.reply.status == 502), upload.reply
        holder.rollback()
        wait_for(lambda: gone(db, token), "the killed import's backend to end")
        assert rows(db, dataset, "run") == before
        # It may take 10 s to be sure.
        assert web.import_state(token)["state"] in ("running", "lost")
        assert leaves(db) - published_leaves(db)  # there was something to collect
    grow_old(db)
    collect()
    assert db.execute(PENDING).fetchone() == (0,)
    assert web.put(run, detections(7)).json()["replaced_count"] == 5
    collect()


def test_a_leaf_has_its_index_before_readers_can_see_it(
        web, db, holder, run, dataset, token, collect):
    """Without an index, a query for one image would read every row of an unpublished leaf."""
    collect()
    hold_attach(holder, dataset)
    upload = Upload(web, f"{run}?import={token}", detections(9))
    wait_for(lambda: is_at(db, token, "attach"), "the import to wait before the attach")
    leaf, = leaves(db) - published_leaves(db)
    assert db.execute("select count(*) from pg_index where indrelid = %s::regclass and indisvalid",
                      (f"coco_parts.{leaf}",)).fetchone() == (1,)
    holder.rollback()
    upload.join(30)
    assert upload.reply.status == 200


def test_killed_before_a_row_was_sent(web, site, db, run, dataset, token, collect):
    before = rows(db, dataset, "run")
    with web.sender("PUT", f"{run}?import={token}") as sender:
        sender.send(next(big_results(100_000)) + b" " * 70_000)  # enough for the import to begin
        web.wait_for_state(token, "running")
        kill_workers(site)
        sender.vanish()
    wait_for(lambda: gone(db, token), "the killed import's backend to end")
    assert rows(db, dataset, "run") == before
    collect()


def test_killed_when_it_had_published(web, site, db, run, dataset, token, collect):
    assert web.put(f"{run}?import={token}", detections(9)).status == 200
    kill_workers(site)
    assert len(rows(db, dataset, "run")) == 9
    assert web.import_state(token)["state"] == "done"
    collect()
    assert db.execute(PENDING).fetchone() == (0,)
