"""A standby answers queries while runs are replaced on the primary."""

import threading
from concurrent.futures import ThreadPoolExecutor

from samples import detections
from stack import wait_for

RUNS = {rows: detections(rows) for rows in (300, 700)}
SLOWLY_PLANNED = """
    select count(*), (select row_count from coco.sources where dataset_id = {id} and source = 'run')
    from coco.annotations
    where dataset_id = {id} and source = 'run'
      and annotation_id < watching.slowly(1000000, 0.03)"""


def dataset_id(db, dataset):
    return db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()[0]


def ask(standby, query, stopped):
    """The distinct answers to a query asked without pause."""
    seen = set()
    with standby.connect() as connection:
        while not stopped.is_set():
            seen.add(connection.execute(query).fetchone())
    return seen


def test_readers_on_a_standby_see_only_whole_runs(slowly, standby, web, db, dataset):
    """Attach, plan, publish, snapshot in this order would read the new pointer and no rows."""
    assert web.put_run(dataset, "run", RUNS[300]).status == 200
    query = SLOWLY_PLANNED.format(id=dataset_id(db, dataset))
    with standby.connect() as connection:
        wait_for(lambda: connection.execute(query).fetchone() == (300, 300),
                 "the run on the standby")
    stopped = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(ask, standby, query, stopped) for _ in range(3)]
        try:
            for n in range(10):
                assert web.put_run(dataset, "run", RUNS[(700, 300)[n % 2]]).status == 200
        finally:
            stopped.set()
    assert set().union(*(reader.result() for reader in readers)) == {(rows, rows) for rows in RUNS}


def test_a_standby_that_has_stopped_replaying_does_not_stop_imports(standby, web, db, dataset):
    with standby.connect() as connection:
        connection.execute("select pg_wal_replay_pause()")
        assert web.put_run(dataset, "run", RUNS[300]).status == 200
        connection.execute("select pg_wal_replay_resume()")
        count = "select row_count from coco.sources where dataset_id = %s and source = 'run'"
        wait_for(lambda: connection.execute(count, (dataset_id(db, dataset),)).fetchone() == (300,),
                 "the run on the standby")
