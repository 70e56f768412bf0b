"""Collecting what was replaced, while others read, import and collect."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from samples import detections, rows
from stack import wait_for

PENDING = "select count(*) from pg_inherits where inhparent = 'coco.annotation_versions'::regclass and inhdetachpending"
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
TURNED_AWAY = "select count(*) from pg_stat_activity where query = 'select coco.lock_collection()' and state = 'idle' and pid <> pg_backend_pid()"
WAITING = "select count(*) from pg_locks where locktype = 'virtualxid' and not granted"


@pytest.fixture
def run(web, dataset):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return f"/datasets/{dataset}/runs/run"


@pytest.fixture
def leaf(db, run, dataset):
    name, = db.execute("select 'coco_parts.a_' || import_id from coco.runs where dataset = %s", (dataset,)).fetchone()
    return name


@pytest.fixture
def collector(postgres):
    """The one session that may collect, until it is closed."""
    with postgres.connect(user="pgcoco", autocommit=True) as connection:
        wait_for(lambda: connection.execute("select coco.lock_collection()").fetchone() == (True,), "the lock of the collection")
        yield connection


def detach(collector, leaf):
    try:
        collector.execute(f"alter table coco.annotation_versions detach partition {leaf} concurrently")
    except psycopg.OperationalError:  # its connection is ended by the test
        pass


@pytest.fixture
def detaching(web, db, holder, collector, run, leaf):
    """Waits for a reader with the detach of a leaf that was replaced."""
    holder.execute("select count(*) from coco.annotation_versions where dataset_id = -1")
    assert web.put(run, detections(6)).status == 200
    thread = threading.Thread(target=detach, args=(collector, leaf))
    thread.start()
    wait_for(lambda: db.execute(PENDING).fetchone() == (1,), "a pending detach")
    yield thread
    holder.rollback()
    thread.join()


@pytest.fixture
def cut_off(db, collector, detaching, leaf):
    """A leaf whose detach was cut off between its two transactions."""
    db.execute("select pg_terminate_backend(%s)", (collector.info.backend_pid,))
    detaching.join()
    return leaf


def test_what_was_cut_off_is_ended_by_the_next(web, db, holder, cut_off, dataset, collect):
    """A detach stays pending when it is cut between its two transactions; until it is finalized no other can begin."""
    assert len(rows(db, dataset, "run")) == 6
    holder.rollback()
    collect()
    assert db.execute(PENDING).fetchone() == (0,)
    assert len(rows(db, dataset, "run")) == 6
    assert db.execute("select to_regclass(%s)", (cut_off,)).fetchone() == (None,)


def test_a_second_collector_leaves_a_waiting_detach_alone(web, db, holder, collector, detaching, leaf, dataset, pgcoco, collect):
    done = pgcoco("gc", "--wait", "0")
    assert done.returncode == 0, done
    assert done.stdout.endswith(b" 0 dropped, 0 postponed; another process is collecting\n"), done
    assert db.execute(PENDING).fetchone() == (1,)
    assert web.put_run(dataset, "other", detections(4)).status == 200
    assert holder.execute("select count(*) from coco.annotations").fetchone() > (0,)
    holder.rollback()
    detaching.join()
    assert db.execute(PENDING).fetchone() == (0,)
    collector.close()
    collect()
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (None,)


def test_a_second_collector_waits_for_its_turn(web, db, collector, run, leaf, pgcoco, collect):
    """Somebody who collects by hand wants it done, and a worker's own collection takes milliseconds."""
    assert web.put(run, detections(6)).status == 200
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(pgcoco, "gc")
        wait_for(lambda: db.execute(TURNED_AWAY).fetchone() != (0,), "a collector that asked for its turn")
        assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() != (None,)
        collector.close()
        assert done.result().returncode == 0
    assert b"another process" not in done.result().stdout
    collect()
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (None,)


def test_ending_what_was_cut_off_gives_way_to_a_reader(web, db, holder, cut_off, dataset, pgcoco, collect):
    """It waits for older snapshots and holds locks that their owners may want: nobody may be told of a deadlock."""
    holder.rollback()
    holder.execute("set transaction isolation level repeatable read")
    holder.execute("select 1")
    before = db.execute(DEADLOCKS).fetchone()
    ended = []
    thread = threading.Thread(target=lambda: ended.append(pgcoco("gc")))
    thread.start()
    wait_for(lambda: ended or db.execute(WAITING).fetchone() != (0,), "a collection that waits or has ended")
    assert holder.execute(f"select count(*) from {cut_off}").fetchone() == (5,)
    assert web.put_run(dataset, "other", detections(4)).status == 200
    holder.rollback()
    thread.join()
    assert db.execute(DEADLOCKS).fetchone() == before
    collect()
    assert db.execute("select to_regclass(%s)", (cut_off,)).fetchone() == (None,)
