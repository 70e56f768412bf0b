"""The steps of an import, called from SQL, with somebody else's work between two of them."""

import contextlib
import threading
from datetime import timedelta

import psycopg
import pytest

from samples import array, detections, street
from stack import wait_for


@pytest.fixture
def importer(postgres, pgcoco):
    with postgres.connect(user="pgcoco") as connection:
        yield connection
    # The collection of another test would wait for an import that is left half done.
    assert pgcoco("gc", "--grace", "0").returncode == 0


def attach(importer, import_id):
    """Transaction 2; the third begins with the next statement."""
    importer.execute("select coco.import_attach(%s)", (import_id,))
    importer.commit()


def load_ground_truth(importer, name, token):
    """All of an import without annotations but its publication."""
    import_id, dataset_id, _, _, images, _ = importer.execute(
        "select * from coco.dataset_import_begin(%s, 'put', null, %s)", (name, token)).fetchone()
    importer.execute(f"insert into {images} (image_id, index, byte_offset) values (77, 0, 0)")
    importer.execute("select coco.import_loaded(%s, %s, %s, %s, 'ground_truth')",
                     (import_id, token, dataset_id, name))
    importer.commit()
    attach(importer, import_id)
    return import_id


def load_run(importer, dataset, run, token):
    """Transaction 1 of a run without rows."""
    import_id, dataset_id, name, _ = importer.execute(
        "select * from coco.run_import_begin(%s, %s, %s)", (dataset, run, token)).fetchone()
    importer.execute("select coco.import_loaded(%s, %s, %s, %s, %s)",
                     (import_id, token, dataset_id, name, run))
    importer.commit()
    return import_id


def test_attaching_reads_nothing_of_the_leaf(importer, dataset, token):
    """Readers who plan meanwhile would wait for as long as a leaf of any size takes."""
    import_id, dataset_id, name, leaf = importer.execute(
        "select * from coco.run_import_begin(%s, 'run', %s)", (dataset, token)).fetchone()
    importer.execute(
        f"insert into {leaf} select n, 1, 1, 1, 1, 1, 1, 0.5, 1 from generate_series(1, 1000) n")
    importer.execute("select coco.import_loaded(%s, %s, %s, %s, 'run')",
                     (import_id, token, dataset_id, name))
    importer.commit()

    def rows_read():
        return importer.execute("select seq_tup_read from pg_stat_xact_all_tables"
                                " where relid = %s::regclass", (leaf,)).fetchone()[0]

    before = rows_read()
    importer.execute("select coco.import_attach(%s)", (import_id,))
    assert rows_read() == before
    assert importer.execute(f"select count(*) from {leaf}").fetchone() == (1000,)
    assert rows_read() == before + 1000
    importer.rollback()


@contextlib.contextmanager
def standing_still(holder, db, import_id):
    """An import whose worker is stopped between two transactions.

    Other imports may begin, and its leaf is not collected yet.
    """
    holder.execute("select pg_advisory_xact_lock(coco.lock_key('import', %s::text))", (import_id,))
    move = "update coco.imports set phase_at = phase_at + %s where import_id = %s"
    db.execute(move, (timedelta(minutes=-1), import_id))
    yield
    db.execute(move, (timedelta(minutes=1), import_id))
    holder.rollback()


PUBLISH = ("select document from"
           " coco.dataset_publish(%s, null, null, null, null, 0, 0, '[]', 10, '[]')")


def test_ground_truth_is_published_step_by_step(importer, web, name, token):
    import_id = load_ground_truth(importer, name, token)
    assert web.get(f"/datasets/{name}").status == 404
    document = importer.execute(PUBLISH, (import_id,)).fetchone()[0]
    importer.commit()
    assert document["image_count"] == 1
    assert web.get(f"/datasets/{name}").json()["image_count"] == 1


def test_an_import_that_is_loaded_does_not_lose_to_one_that_begins(importer, web, dataset, token):
    """Between its transactions it holds no lock; but all of its body has been uploaded."""
    assert web.put_run(dataset, "race", array(*detections(2))).status == 200
    import_id = load_run(importer, dataset, "race", token)
    for reply in (web.put_run(dataset, "race", array(*detections(3))),
                  web.delete(f"/datasets/{dataset}/runs/race"),
                  web.put(f"/datasets/{dataset}", street()), web.delete(f"/datasets/{dataset}")):
        assert (reply.status, reply.json()["code"]) == (409, "import_running"), reply
    assert web.put_run(dataset, "other", array(*detections(3))).status == 200
    attach(importer, import_id)
    assert web.put_run(dataset, "race", array(*detections(3))).status == 409
    importer.execute("select coco.run_publish(%s, 0, 0, '[]', 2)", (import_id,))
    importer.commit()
    assert web.get(f"/datasets/{dataset}/runs/race").json()["prediction_count"] == 0
    assert web.put_run(dataset, "race", array(*detections(3))).status == 200


def test_a_ground_truth_that_is_loaded_does_not_lose_to_a_run_that_begins(
        importer, web, dataset, token):
    import_id = load_ground_truth(importer, dataset, token)
    assert web.put_run(dataset, "run", array(*detections(2))).json()["code"] == "import_running"
    importer.execute(PUBLISH, (import_id,))
    importer.commit()
    assert web.get(f"/datasets/{dataset}").json()["image_count"] == 1


def test_an_import_that_is_loaded_waits_for_who_holds_its_lock_for_a_moment(
        importer, holder, db, dataset, token):
    import_id = load_run(importer, dataset, "race", token)
    holder.execute("select pg_advisory_xact_lock(coco.lock_key('run', %s))", (f"{dataset}/race",))
    step = threading.Thread(target=attach, args=(importer, import_id))
    step.start()
    wait_for(lambda: db.execute(
        "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        " and pid = %s", (importer.info.backend_pid,)).fetchone() == (1,), "the import to wait")
    holder.rollback()
    step.join()
    assert db.execute("select phase from coco.imports where import_id = %s",
                      (import_id,)).fetchone() == ("attached",)
    importer.execute("select coco.run_publish(%s, 0, 0, '[]', 2)", (import_id,))
    importer.commit()


def test_ground_truth_does_not_slip_under_a_run_that_came_in_between(
        importer, web, db, holder, dataset, token):
    import_id, dataset_id, _, _, _, _ = importer.execute(
        "select * from coco.dataset_import_begin(%s, 'put', null, %s)", (dataset, token)).fetchone()
    importer.execute("select coco.import_loaded(%s, %s, %s, %s, 'ground_truth')",
                     (import_id, token, dataset_id, dataset))
    importer.commit()
    with standing_still(holder, db, import_id):
        assert web.put_run(dataset, "between", array(*detections(2))).status == 200
    attach(importer, import_id)
    with pytest.raises(psycopg.Error) as refused:
        importer.execute(PUBLISH, (import_id,))
    importer.rollback()
    assert refused.value.sqlstate == "CO903"
    assert web.get(f"/datasets/{dataset}").json()["image_count"] == len(street()["images"])


def test_an_older_import_is_not_published_over_a_newer_one(
        importer, web, db, holder, dataset, token):
    import_id = load_run(importer, dataset, "race", token)
    with standing_still(holder, db, import_id):
        assert web.put_run(dataset, "race", array(*detections(3))).status == 200
    attach(importer, import_id)
    with pytest.raises(psycopg.Error) as refused:
        importer.execute("select coco.run_publish(%s, 0, 0, '[]', 2)", (import_id,))
    importer.rollback()
    assert refused.value.sqlstate == "CO903"
    assert web.get(f"/datasets/{dataset}/runs/race").json()["prediction_count"] == 3
    assert web.get(f"/datasets/{dataset}").json()["prediction_count"] == 3


def test_an_abandoned_leaf_is_left_alone_for_a_while_and_collected_then(
        importer, pgcoco, collect_until, db, dataset, token):
    import_id = load_run(importer, dataset, "gone", token)
    assert pgcoco("gc", "--grace", "3600").returncode == 0
    assert leaf_is_there(db, import_id)
    collect_until(lambda: not leaf_is_there(db, import_id), "the leaf to go", "--grace", "0")


def leaf_is_there(db, import_id):
    return db.execute("select to_regclass('coco_parts.a_' || %s) is not null",
                      (import_id,)).fetchone()[0]


def test_a_leaf_about_to_be_published_is_not_collected_however_long_it_takes(
        importer, pgcoco, db, dataset, token):
    import_id = load_run(importer, dataset, "slow", token)
    attach(importer, import_id)
    # A publication begins like this.
    importer.execute("select coco.import_resume(%s, 'publish')", (import_id,))
    assert pgcoco("gc", "--grace", "0").returncode == 0
    importer.execute("select coco.run_publish(%s, 0, 0, '[]', 2)", (import_id,))
    assert pgcoco("gc", "--grace", "0").returncode == 0
    importer.commit()
    assert pgcoco("gc", "--grace", "0").returncode == 0
    assert leaf_is_there(db, import_id)


def test_an_import_whose_leaf_was_collected_cannot_be_published(
        importer, collect_until, web, db, dataset, token):
    import_id = load_run(importer, dataset, "stalled", token)
    collect_until(lambda: not leaf_is_there(db, import_id), "the leaf to go", "--grace", "0")
    with pytest.raises(psycopg.Error, match="abandoned"):
        importer.execute("select coco.import_attach(%s)", (import_id,))
    importer.rollback()
    assert web.get(f"/datasets/{dataset}/runs/stalled").status == 404


def test_a_run_is_not_published_on_a_ground_truth_it_was_not_checked_against(
        importer, web, db, holder, dataset, token):
    import_id = load_run(importer, dataset, "orphan", token)
    with standing_still(holder, db, import_id):
        assert web.put(f"/datasets/{dataset}", street()).status == 200  # no run is published yet
    attach(importer, import_id)
    with pytest.raises(psycopg.Error) as refused:
        importer.execute("select coco.run_publish(%s, 0, 0, '[]', 2)", (import_id,))
    importer.rollback()
    assert refused.value.sqlstate == "CO903"
