"""Collecting what was replaced, while others read, import and collect."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from meanwhile import no_collection
from samples import detections, hold_bucket, rows, street
from stack import wait_for

LEAF_OF_RUN = "select 'coco_parts.a_' || import_id from coco.runs where dataset = %s"
PENDING = "select count(*) from pg_inherits where inhdetachpending"
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
ASKING = """
    select count(*) from pg_stat_activity
    where usename = 'pgcoco' and query in ('begin', 'select coco.lock_collection()', 'rollback')
      and backend_start > %s"""
WAITING = "select count(*) from pg_locks where locktype = 'virtualxid' and not granted"


def leaf_of_run(db, dataset):
    return db.execute(LEAF_OF_RUN, (dataset,)).fetchone()[0]


@pytest.fixture
def run(web, dataset):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return f"/datasets/{dataset}/runs/run"


@pytest.fixture
def leaf(db, run, dataset):
    return leaf_of_run(db, dataset)


@pytest.fixture
def collector(postgres):
    """A transaction that holds the lock of the collection, until its connection is closed."""
    with no_collection(postgres, "pgcoco") as connection:
        yield connection


@pytest.fixture
def detacher(postgres, collector):
    """The other connection of the process that collects."""
    with postgres.connect(user="pgcoco", autocommit=True) as connection:
        yield connection


def detach(detacher, leaf):
    parent = "select inhparent::regclass from pg_inherits where inhrelid = %s::regclass"
    bucket, = detacher.execute(parent, (leaf,)).fetchone()
    try:
        detacher.execute(f"alter table {bucket} detach partition {leaf} concurrently")
    except psycopg.OperationalError:  # its connection is ended by the test
        pass


@pytest.fixture
def detaching(web, db, holder, detacher, run, leaf, dataset):
    """Waits for a reader with the detach of a leaf that was replaced."""
    hold_bucket(holder, dataset)
    assert web.put(run, detections(6)).status == 200
    thread = threading.Thread(target=detach, args=(detacher, leaf))
    thread.start()
    wait_for(lambda: db.execute(PENDING).fetchone() == (1,), "a pending detach")
    yield thread
    holder.rollback()
    thread.join()


@pytest.fixture
def cut_off(db, collector, detacher, detaching, leaf):
    """A leaf whose detach was cut off between its two transactions."""
    db.execute("select pg_terminate_backend(%s)", (detacher.info.backend_pid,))
    detaching.join()
    collector.close()
    return leaf


def test_what_was_cut_off_is_ended_by_the_next(web, db, holder, cut_off, dataset, collect):
    """A detach that is cut off between its two transactions stays pending. Until it is finalized,
    no other can begin in the bucket."""
    assert len(rows(db, dataset, "run")) == 6
    holder.rollback()
    collect()
    assert db.execute(PENDING).fetchone() == (0,)
    assert len(rows(db, dataset, "run")) == 6
    assert db.execute("select to_regclass(%s)", (cut_off,)).fetchone() == (None,)


QUESTIONS = {
    "constants": "select count(*) from coco.annotations where dataset_id = {id} and source = 'run'",
    "only the dataset": """
        select count(*) from coco.annotations
        where dataset_id = {id} and source <> 'ground_truth'""",
    "a subselect": """
        select count(*) from coco.annotations
        where source = 'run'
          and dataset_id = (select id from coco.datasets where name = '{name}')""",
    "only a subselect": """
        select count(*) from coco.annotations
        where source <> 'ground_truth'
          and dataset_id = (select id from coco.datasets where name = '{name}')""",
    "both by subselects": """
        select count(*) from coco.annotations
        where (dataset_id, source)
            = (select dataset_id, run_name from coco.runs where dataset = '{name}')""",
    "a join": """
        select count(*) from coco.annotations a join coco.datasets d on d.id = a.dataset_id
        where d.name = '{name}' and source = 'run'""",
    "one image": """
        select count(*) from coco.annotations
        where image_id in (1, 2, 3) and source = 'run'
          and dataset_id = (select id from coco.datasets where name = '{name}')""",
    "no dataset": """
        select count(*) from coco.annotations a
        where source = 'run'
          and exists (select from coco.datasets d where d.id = a.dataset_id and name = '{name}')""",
}


@pytest.fixture
def other_dataset(web, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    return name


@pytest.fixture
def questions(db, dataset):
    id, = db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()
    return {kind: question.format(id=id, name=dataset) for kind, question in QUESTIONS.items()}


def test_a_pending_detach_is_not_seen(
        web, db, reader, other_dataset, detaching, dataset, questions):
    """PostgreSQL numbers partitions as of the time of planning. With a single one left to read it
    numbers none; hence the other dataset."""
    assert web.put_run(other_dataset, "run", detections(3)).status == 200
    assert {kind: reader.execute(question).fetchone()[0]
            for kind, question in questions.items()} == dict.fromkeys(questions, 6)
    id, = db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()
    for mode in ("force_generic_plan", "force_custom_plan"):
        reader.execute(f"set plan_cache_mode = {mode}")
        reader.execute(f"prepare {mode} (bigint, text) as select count(*) from coco.annotations"
                       " where dataset_id = $1 and source = $2")
        assert reader.execute(f"execute {mode} ({id}, 'run')").fetchone() == (6,), mode


def test_a_second_collector_leaves_a_waiting_detach_alone(
        web, db, holder, collector, detaching, leaf, dataset, pgcoco, collect):
    done = pgcoco("gc", "--wait", "0")
    assert done.returncode == 0, done
    assert b" 0 dropped, 0 prepared, 0 postponed, " in done.stdout
    assert done.stdout.endswith(
        b" 0 removed from the history; another process is collecting\n"), done
    assert db.execute(PENDING).fetchone() == (1,)
    assert web.put_run(dataset, "other", detections(4)).status == 200
    assert holder.execute("select count(*) from coco.annotations").fetchone() > (0,)
    holder.rollback()
    detaching.join()
    assert db.execute(PENDING).fetchone() == (0,)
    collector.close()
    collect()
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (None,)


def test_behind_a_pending_detach_nothing_else_of_its_bucket_is_tried(
        web, db, run, detaching, leaf, dataset):
    """It would fail, and fill the list that other buckets wait for."""
    second = leaf_of_run(db, dataset)
    assert web.put(run, detections(7)).status == 200
    garbage = "select name from coco.garbage('0')"
    wait_for(lambda: {leaf, second} <= {name for name, in db.execute(garbage)},
             "two leaves to collect")
    with db.transaction(force_rollback=True):
        tried = {name for name, in db.execute("select leaf from coco.maintenance('0', '0', true)")}
    assert leaf in tried and second not in tried


def test_a_second_collector_waits_for_its_turn(web, db, collector, run, leaf, pgcoco, collect):
    """Who collects by hand wants it done. A worker's own collection takes milliseconds."""
    assert web.put(run, detections(6)).status == 200
    before, = db.execute("select clock_timestamp()").fetchone()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(pgcoco, "gc")
        wait_for(lambda: db.execute(ASKING, (before,)).fetchone() != (0,),
                 "a collector that asked for its turn")
        assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() != (None,)
        collector.close()
        assert done.result().returncode == 0
    assert b"another process" not in done.result().stdout
    collect()
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (None,)


def test_ending_what_was_cut_off_gives_way_to_a_reader(
        web, db, holder, cut_off, dataset, pgcoco, collect):
    """It waits for older snapshots and holds locks that their owners may want. That must not end
    in a deadlock."""
    holder.rollback()
    holder.execute("set transaction isolation level repeatable read")
    holder.execute("select 1")
    before = db.execute(DEADLOCKS).fetchone()
    ended = []
    thread = threading.Thread(target=lambda: ended.append(pgcoco("gc")))
    thread.start()
    wait_for(lambda: ended or db.execute(WAITING).fetchone() != (0,),
             "a collection that waits or has ended")
    assert holder.execute(f"select count(*) from {cut_off}").fetchone() == (5,)
    assert web.put_run(dataset, "other", detections(4)).status == 200
    holder.rollback()
    thread.join()
    assert db.execute(DEADLOCKS).fetchone() == before
    collect()
    assert db.execute("select to_regclass(%s)", (cut_off,)).fetchone() == (None,)


def test_old_imports_are_removed_from_the_history(web, db, pgcoco, dataset, token, collect):
    for n in range(3):
        reply = web.put_run(dataset, "run", detections(2), **{"import": f"{token}-{n}"})
        assert reply.status == 200
    assert web.put_run(dataset, "run", "17", **{"import": f"{token}-3"}).status == 422
    collect()

    def ages():
        return [phase for phase, in db.execute(
            "select phase from coco.imports where starts_with(token, %s) order by import_id",
            (token,))]

    assert ages() == ["published", "published", "published", "failed"]
    assert pgcoco("gc").returncode == 0
    assert len(ages()) == 4, "they are young and few"
    db.execute("update coco.imports set finished_at = finished_at - interval '31 days'"
               " where starts_with(token, %s)", (token,))
    assert b"removed from the history" in pgcoco("gc").stdout
    assert ages() == ["published"], "the one that is published stays"


def test_the_history_is_bounded_in_rows(web, db, pgcoco, dataset, token, collect):
    for _ in range(4):
        assert web.put_run(dataset, "run", "17", **{"import": token}).status == 422
    collect()
    assert pgcoco("gc", "--history-rows", "2").returncode == 0
    left, = db.execute("select count(*) from coco.imports where token = %s", (token,)).fetchone()
    assert left == 2


def test_an_import_that_was_lost_is_forgotten_in_time(postgres, db, pgcoco, dataset, token, web):
    with postgres.connect(user="pgcoco", autocommit=True) as owner:
        import_id, dataset_id, name, _ = owner.execute(
            "select * from coco.run_import_begin(%s, 'run', %s)", (dataset, token)).fetchone()
        owner.execute("select coco.import_loaded(%s, %s, %s, %s, 'run')",
                      (import_id, token, dataset_id, name))
    db.execute("update coco.imports set phase_at = phase_at - interval '1 hour' where token = %s",
               (token,))
    wait_for(lambda: pgcoco("gc").returncode == 0 and db.execute(
        "select collected and finished_at is not null from coco.imports where token = %s",
        (token,)).fetchone() == (True,), "the leaf of the lost import is collected")
    assert web.import_state(token)["state"] == "lost"
    db.execute("update coco.imports set finished_at = finished_at - interval '31 days'"
               " where token = %s", (token,))
    wait_for(lambda: pgcoco("gc").returncode == 0 and db.execute(
        "select count(*) from coco.imports where token = %s", (token,)).fetchone() == (0,),
        "the lost import is forgotten")
