"""A run is replaced again and again under readers that never pause. Every answer is wholly the old
run or the new one, and nothing is left behind."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from samples import array, detection

RUNS = {rows: array(*[detection(n, score=rows / 1000) for n in range(rows)]) for rows in (300, 700)}
WHOLE = {(rows, rows / 1000, rows / 1000) for rows in RUNS}
TIMES = 30

COUNTS = """
    select count(*), min(confidence), max(confidence) from coco.annotations
    where dataset_id = {id} and source = 'run'"""
ONE_IMAGE = COUNTS + " and image_id = 1"
WITH_DOCUMENT = """
    select (coco.run_document({id}::text, 'run') ->> 'prediction_count')::bigint,
           (select row_count from coco.sources where dataset_id = {id} and source = 'run'),
           (select sum(n) from coco.class_counts join coco.sources using (dataset_id, import_id)
             where dataset_id = {id} and source = 'run')::bigint,
           (select count(*) from coco.annotations where dataset_id = {id} and source = 'run')"""


def ask(postgres, query, stop, repeatable=False):
    """The distinct answers to a query asked without pause. repeatable: twice in a transaction."""
    seen = set()
    with postgres.connect() as connection:
        connection.execute("set role coco_reader")
        connection.commit()
        if repeatable:
            connection.isolation_level = 3  # REPEATABLE READ
        while not stop.is_set():
            answer = connection.execute(query).fetchone()
            if repeatable:
                answer = (answer, connection.execute(query).fetchone())
            connection.commit()
            seen.add(answer)
    return seen


@pytest.fixture
def republished(postgres, web, db, dataset):
    """What four readers saw while the run was replaced."""
    assert web.put_run(dataset, "run", RUNS[300]).status == 200
    id = db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()[0]
    stop = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        readers = {
            "counts": pool.submit(ask, postgres, COUNTS.format(id=id), stop),
            "image": pool.submit(ask, postgres, ONE_IMAGE.format(id=id), stop),
            "document": pool.submit(ask, postgres, WITH_DOCUMENT.format(id=id), stop),
            "repeatable": pool.submit(ask, postgres, COUNTS.format(id=id), stop, True),
        }
        try:
            for n in range(TIMES):
                rows = (700, 300)[n % 2]
                assert web.put_run(dataset, "run", RUNS[rows]).json()["prediction_count"] == rows
        finally:
            stop.set()
    return {name: reader.result() for name, reader in readers.items()}


def test_every_answer_is_wholly_one_run(republished, db, dataset, collect):
    assert republished["counts"] == WHOLE
    assert republished["image"] == {(rows // 3 + (rows % 3 > 0), score, score)
                                    for rows, score, _ in WHOLE}
    assert republished["document"] == {(rows,) * 4 for rows in RUNS}
    assert {pair[0] for pair in republished["repeatable"]} == WHOLE
    assert all(first == second for first, second in republished["repeatable"])

    collect()
    pending = "select count(*) from pg_inherits where inhdetachpending"
    assert db.execute(pending).fetchone()[0] == 0
    imports = """
        select count(*) from coco.imports
        where dataset = %s and source = 'run' and phase = 'published'"""
    assert db.execute(imports, (dataset,)).fetchone()[0] == TIMES + 1


def test_a_prepared_statement_in_an_open_transaction_sees_a_run_that_came_meanwhile(
        postgres, web, db, dataset):
    query = """
        select (select count(*) from coco.annotations
                where dataset_id = %(id)s and source = 'run'),
               (select prediction_count from coco.runs
                where dataset_id = %(id)s and run_name = 'run')"""
    id = db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()[0]
    with postgres.connect() as connection:
        connection.prepare_threshold = 0
        # After five times PostgreSQL would make a generic plan, were it not for plan_cache_mode.
        for rows in (300, 700) * 4:
            assert web.put_run(dataset, "run", RUNS[rows]).status == 200
            assert connection.execute(query, {"id": id}).fetchone() == (rows, rows)


SLOWLY_PLANNED = """
    select count(*), (select row_count from coco.sources where dataset_id = {id} and source = 'run')
    from coco.annotations
    where dataset_id = {id} and source = 'run'
      and annotation_id < watching.slowly(1000000, 0.15)"""


def test_a_reader_that_plans_for_longer_than_the_gap_still_finds_rows(
        slowly, postgres, web, db, dataset):
    """Attach, plan, publish, snapshot in this order would read the new pointer and no rows."""
    assert web.put_run(dataset, "run", RUNS[300]).status == 200
    id = db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()[0]
    stop = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(ask, postgres, SLOWLY_PLANNED.format(id=id), stop) for _ in range(3)]
        try:
            for n in range(10):
                assert web.put_run(dataset, "run", RUNS[(700, 300)[n % 2]]).status == 200
        finally:
            stop.set()
    assert set().union(*(reader.result() for reader in readers)) == {(rows, rows) for rows in RUNS}
