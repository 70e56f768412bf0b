"""A database is dumped and restored."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from matching import Maker
from samples import detections, hold_bucket, id_of, rows, street
from stack import wait_for


@pytest.fixture
def all_kinds_of_leaves(web, postgres, db, holder, dataset, token):
    """Published, loaded and not attached, replaced and detached by half; and matches."""
    assert web.put_run(dataset, "run", detections(4)).status == 200
    hold_bucket(holder, dataset)
    assert web.put_run(dataset, "run", detections(5)).status == 200
    with postgres.connect(user="pgcoco", autocommit=True) as owner:
        import_id, dataset_id, name, leaf = owner.execute(
            "select * from coco.run_import_begin(%s, 'other', %s)", (dataset, token)).fetchone()
        owner.execute(f"insert into {leaf} values (1, 1, 1, 1, 1, 1, 1, 0.5, 1)")
        owner.execute("select coco.import_loaded(%s, %s, %s, %s, 'other')",
                      (import_id, token, dataset_id, name))
        Maker(owner, dataset).make()
    pending = ("select from pg_inherits p join coco.imports i"
               " on p.inhrelid = to_regclass('coco_parts.a_' || i.import_id)"
               " where p.inhdetachpending and i.dataset_id = %s::bigint")
    ours = (id_of(db, dataset),)
    wait_for(lambda: db.execute(pending, ours).rowcount == 1, "a pending detach")
    return dataset


def test_a_dump_can_be_restored(
        client_program, postgres, db, all_kinds_of_leaves, home, collect, pgcoco, holder):
    dataset = all_kinds_of_leaves
    client_program("pg_dump")
    dump = home.folder("dump") / "coco.dump"
    here = ["-h", home.path, "-U", "postgres"]
    postgres.run("pg_dump", *here, "-Fc", "-f", dump, "coco")
    db.execute("create database restored")
    try:
        postgres.run("pg_restore", *here, "--exit-on-error", "-d", "restored", dump)
        with psycopg.connect(postgres.conninfo("postgres", "restored")) as restored:
            for source in ("run", "ground_truth"):
                assert rows(restored, dataset, source) == rows(db, dataset, source)
            for document in ("run_document(%s, 'run')", "errors_document(%s, 'run')"):
                ask = f"select coco.{document}::text"
                assert restored.execute(ask, (dataset,)).fetchone() \
                    == db.execute(ask, (dataset,)).fetchone()
            matches = ("select * from coco.matches where dataset_id = %s::bigint"
                       " order by annotation_id, truth_id")
            assert restored.execute(matches, (id_of(db, dataset),)).fetchall() \
                == db.execute(matches, (id_of(db, dataset),)).fetchall() != []
    finally:
        db.execute("drop database restored with (force)")
    holder.rollback()
    assert pgcoco("gc", "--grace", "0").returncode == 0
    collect()


@pytest.fixture
def busy(web, name, dataset):
    """A run and a ground truth are replaced without pause while the test runs."""
    stopped = threading.Event()

    def repeat(replace):
        while not stopped.is_set():
            assert replace().status in (200, 201)

    with ThreadPoolExecutor(2) as pool:
        loops = [pool.submit(repeat, lambda: web.put_run(dataset, "run", detections(5))),
                 pool.submit(repeat, lambda: web.put(f"/datasets/{name}", street()))]
        yield
        stopped.set()
    for loop in loops:
        loop.result()


def test_dumps_succeed_while_imports_run(client_program, postgres, home, busy):
    """pg_dump reads the list of tables, and fails if one is gone when it locks them."""
    client_program("pg_dump")
    failed = [done.stderr for _ in range(12) if (done := postgres.run(
        "pg_dump", "-h", home.path, "-U", "postgres", "--schema-only", "-f", "/dev/null", "coco",
        check=False)).returncode != 0]
    assert failed == []


@pytest.fixture
def replaced(web, db, postgres, dataset):
    """A leaf that was replaced, while nobody may collect; and a function that ends this."""
    assert web.put_run(dataset, "run", detections(4)).status == 200
    leaf, = db.execute("select 'coco_parts.a_' || import_id from coco.runs where dataset = %s",
                       (dataset,)).fetchone()
    with postgres.connect(user="pgcoco") as collector:

        def has_lock():
            locked, = collector.execute("select coco.lock_collection()").fetchone()
            if not locked:
                collector.rollback()
            return locked

        wait_for(has_lock, "the lock of the collection")
        assert web.put_run(dataset, "run", detections(5)).status == 200
        yield leaf, collector.rollback


@pytest.mark.parametrize("application", ["pg_dump", "backup"])
def test_a_leaf_on_the_list_of_a_dump_is_not_dropped(
        postgres, db, replaced, pgcoco, collect, application):
    leaf, release = replaced
    with postgres.connect(application_name=application) as dump:
        dump.execute("set transaction isolation level repeatable read, read only")
        dump.execute("select relname from pg_class").fetchall()
        release()
        assert pgcoco("gc").returncode == 0
        dump.execute(f"lock table {leaf} in access share mode")
    collect()
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (None,)


def wait_until_detached(db, pgcoco, leaf):
    def detached():
        assert pgcoco("gc", "--keep", "3600").returncode == 0
        return db.execute("select count(*) from pg_inherits where inhrelid = to_regclass(%s)",
                          (leaf,)).fetchone() == (0,)

    wait_for(detached, "the leaf to be detached")


@pytest.mark.parametrize("hold", ["select relname from pg_class",
                                  "lock table {} in row share mode"], ids=["listed", "locked"])
def test_a_drop_that_gives_way_is_no_error(
        db, home, replaced, holder, undone, pgcoco, collect, hold):
    leaf, release = replaced
    log = home.logs["postgres"][0]
    undone.execute("select relname from pg_class")  # the service collects, too
    before = len(log.read_bytes())
    release()
    wait_until_detached(db, pgcoco, leaf)
    holder.execute(hold.format(leaf))
    undone.rollback()
    with db.transaction():
        db.execute("set local lock_timeout = '50ms'")
        assert db.execute("select coco.drop_leaf(%s)", (leaf,)).fetchone() == (False,)
    assert pgcoco("gc").returncode == 0
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (leaf,)
    assert b"ERROR" not in log.read_bytes()[before:]
    holder.rollback()
    collect()
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (None,)


def test_a_replaced_leaf_is_kept_for_a_while_and_detached_at_once(replaced, db, pgcoco, collect):
    leaf, release = replaced
    attached = "select count(*) from pg_inherits where inhrelid = to_regclass(%s)"
    assert db.execute(attached, (leaf,)).fetchone() == (1,)
    release()
    wait_until_detached(db, pgcoco, leaf)
    collect()
    assert db.execute("select to_regclass(%s)", (leaf,)).fetchone() == (None,)
