"""Matches of a run: how they become visible, and how they go with the run or its ground truth."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from matching import Maker, found, street_matches
from samples import detections, id_of, leaves, street
from stack import wait_for

SEEN = """
    select (select count(*) from coco.matches where dataset_id = {id} and source = 'run'),
           (select coalesce(sum(detection_count + truth_count), 0) from coco.match_sources
            where dataset_id = {id} and source = 'run')"""


@pytest.fixture
def run(web, dataset):
    """A dataset with a run."""
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return dataset


@pytest.fixture
def makers(postgres, pgcoco):
    """makers(dataset, ...) makes matches over a connection of its own."""
    connections = []

    def maker(dataset, *args, **more):
        connections.append(postgres.connect(user="pgcoco"))
        return Maker(connections[-1], dataset, *args, **more)

    yield maker
    for connection in connections:
        connection.close()
    # The collection of another test would wait for a set that is left half done.
    assert pgcoco("gc", "--grace", "0").returncode == 0


@pytest.fixture
def seen(reader, run):
    """seen() gives the rows of the run's matches, and as how many they are counted."""
    query = SEEN.format(id=id_of(reader, run))
    return lambda: reader.execute(query).fetchone()


ALL = (len(street_matches()),) * 2


def test_matches_are_seen_from_the_commit_of_their_publication(makers, run, seen, db, collect):
    maker = makers(run)
    assert maker.begin()
    maker.load()
    assert seen() == (0, 0)
    maker.attach()
    assert seen() == (0, 0)
    assert db.execute("select count(*) from coco.match_versions where dataset_id = %s::bigint"
                      " and source = 'run'", (maker.dataset_id,)).fetchone() == ALL[:1]
    assert maker.publish() == maker.id
    assert seen() == ALL
    collect()
    assert seen() == ALL


def test_a_row_says_what_became_of_a_detection_or_a_ground_truth(makers, run, reader):
    maker = makers(run).make()
    columns = ("annotation_id, truth_id, image_id, category_id, truth_category_id, confidence, iou,"
               " outcome, is_truth, is_false_positive, found_by, confused_category_id,"
               " confused_confidence")
    assert reader.execute(
        f"select {columns} from coco.matches where dataset_id = %s::bigint and source = 'run'"
        " and iou_type = 'bbox' and image_id = 1 order by annotation_id, truth_id",
        (maker.dataset_id,)).fetchall() == [
            (1, 10, 1, 1, 1, .9, .8, "true_positive", False, False, None, 1, None),
            (2, 11, 1, 1, 3, .8, .75, "classification", False, True, None, 3, None),
            (4, 10, 1, 1, 1, .5, .6, "duplicate", False, True, None, None, None),
            (None, 10, 1, 1, 1, None, .8, "true_positive", True, False, 1, 1, .9),
            (None, 11, 1, 3, 3, None, .75, "classification", True, False, 2, 1, .8)]


@pytest.mark.parametrize("end", [
    lambda web, d: web.put_run(d, "run", detections(6)),
    lambda web, d: web.delete(f"/datasets/{d}/runs/run"),
    lambda web, d: web.delete(f"/datasets/{d}"),
], ids=["replaced", "deleted", "dataset deleted"])
def test_matches_go_in_the_commit_in_which_their_run_goes(
        makers, run, seen, web, reader, db, pgcoco, collect, end):
    maker = makers(run).make()
    leaf = maker.leaf.removeprefix("coco_parts.")
    reader.execute("begin isolation level repeatable read")
    assert seen() == ALL
    assert end(web, run).status in (200, 204)
    assert pgcoco("gc").returncode == 0
    assert seen() == ALL, "in a snapshot from before"
    assert leaf in leaves(db)
    reader.execute("commit")
    assert seen() == (0, 0)
    collect()
    assert leaf not in leaves(db)
    assert db.execute("select count(*) from coco.match_sets where matches_id = %s",
                      (maker.id,)).fetchone() == (0,)


def test_a_run_that_is_not_replaced_keeps_its_matches(makers, run, seen, web):
    makers(run).make()
    assert web.put_run(run, "run", "17").status == 422
    assert web.put_run(run, "run", detections(6), dry_run=1).status == 200
    assert web.put_run(run, "other", detections(6)).status == 200
    assert web.delete(f"/datasets/{run}/runs/other").status == 204
    assert seen() == ALL


def test_kinds_of_overlap_stand_beside_each_other(makers, run, reader):
    boxes = makers(run).make()
    masks = makers(run, iou_type="segm", rows=street_matches()[:3]).make()
    ask = ("select count(*), min(matches_id) from coco.matches"
           " where dataset_id = %s::bigint and source = 'run' and iou_type = %s")
    assert reader.execute(ask, (boxes.dataset_id, "bbox")).fetchone() == (ALL[0], boxes.id)
    assert reader.execute(ask, (boxes.dataset_id, "segm")).fetchone() == (3, masks.id)
    read = "\n".join(line for line, in reader.execute(
        "explain (costs off) select * from coco.matches where source = 'run'"
        f" and dataset_id = {boxes.dataset_id} and iou_type = 'segm'"))
    assert f"m_{masks.id} " in read and f"m_{boxes.id} " not in read


def test_what_is_made_already_is_not_made_again(makers, run):
    makers(run).make()
    assert not makers(run).begin()


def test_who_makes_the_same_waits_and_finds_it_made(makers, run, db, seen):
    first, second = makers(run), makers(run)
    assert first.begin()
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(second.begin)
        wait_for(lambda: db.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            " and pid = %s", (second.connection.info.backend_pid,)).fetchone() == (1,),
            "the second to wait")
        first.load()
        first.attach()
        assert not begun.done(), "it waits for the publication, too"
        assert first.publish() == first.id
        assert begun.result() is False
    assert seen() == ALL


def test_who_waits_goes_on_when_the_first_has_failed(makers, run, seen):
    first, second = makers(run), makers(run)
    assert first.begin()
    first.load()
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(second.begin)
        first.call("select coco.matches_failed(%s)", first.id)
        first.connection.commit()
        assert begun.result() is True
    second.load()
    second.attach()
    assert second.publish() == second.id
    assert seen() == ALL


def test_of_two_that_were_made_one_is_published(makers, run, seen, db, collect):
    first, second = makers(run).prepare(), makers(run)
    still = "update coco.match_sets set phase_at = phase_at - interval '1 minute'"
    db.execute(still + " where matches_id = %s", (first.id,))
    second.prepare()
    assert second.publish() == second.id
    try:
        assert first.publish() == second.id
    except psycopg.DatabaseError as abandoned:  # the maintenance of the service has seen it, too
        assert "taken for abandoned" in str(abandoned)
        first.connection.rollback()
    assert seen() == ALL
    collect()
    assert first.leaf.removeprefix("coco_parts.") not in leaves(db)


@pytest.mark.parametrize("replace", [
    lambda web, d: web.put_run(d, "run", detections(6)).status == 200,
    lambda web, d: web.delete(f"/datasets/{d}/runs/run").status == 204,
    lambda web, d: (web.delete(f"/datasets/{d}/runs/run").status,
                    web.put(f"/datasets/{d}", street()).status,
                    web.put_run(d, "run", detections(5)).status) == (204, 200, 200),
], ids=["run", "deleted", "ground truth"])
def test_matches_of_what_was_replaced_meanwhile_are_not_published(
        makers, run, seen, web, collect, replace):
    loaded, beginning = makers(run), makers(run)
    loaded.prepare()
    assert replace(web, run)
    for step in (loaded.publish, beginning.begin):
        with pytest.raises(psycopg.Error, match="was replaced while") as refused:
            step()
        assert refused.value.sqlstate == "CO903"
        step.__self__.connection.rollback()
    assert seen() == (0, 0)


@pytest.mark.parametrize("statement", ["delete", "put"])
def test_a_run_is_replaced_while_matches_are_published(makers, run, web, seen, db, statement):
    """Whoever comes second waits for the first, and sees what it has done; nobody deadlocks."""
    maker = makers(run).prepare()
    maker.call("select coco.matches_publish(%s, '[]')", maker.id)
    change = ((lambda: web.delete(f"/datasets/{run}")) if statement == "delete"
              else (lambda: web.put_run(run, "run", detections(6))))
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(change)
        wait_for(lambda: db.execute("select count(*) from pg_locks where not granted"
                                    " and locktype in ('transactionid', 'tuple')").fetchone()[0],
                 "somebody to wait for the row")
        maker.connection.commit()
        assert done.result().status in (200, 204)
    assert seen() == (0, 0)


def test_imports_of_the_run_do_not_wait_for_matches(makers, run, web):
    maker = makers(run)
    assert maker.begin()  # its first transaction is open
    assert web.put_run(run, "run", detections(6)).status == 200
    assert web.put_run(run, "other", detections(6)).status == 200
    maker.connection.rollback()


def test_an_abandoned_set_is_collected_and_cannot_be_published(
        makers, run, pgcoco, collect_until, db):
    maker = makers(run)
    assert maker.begin()
    maker.load()
    name = maker.leaf.removeprefix("coco_parts.")
    assert pgcoco("gc", "--grace", "3600").returncode == 0
    assert name in leaves(db)
    collect_until(lambda: name not in leaves(db), "the leaf to go", "--grace", "0")
    with pytest.raises(psycopg.Error, match="abandoned") as refused:
        maker.attach()
    assert refused.value.sqlstate == "CO903"
    maker.connection.rollback()


def test_a_set_about_to_be_published_is_not_collected(makers, run, pgcoco, db, seen):
    maker = makers(run).prepare()
    maker.call("select coco.matches_resume(%s, 'publish')", maker.id)
    assert pgcoco("gc", "--grace", "0").returncode == 0
    maker.publish()
    assert pgcoco("gc", "--grace", "0").returncode == 0
    assert seen() == ALL


def test_attaching_reads_nothing_of_the_leaf(makers, run):
    maker = makers(run)
    assert maker.begin()
    maker.load()

    def rows_read():
        return maker.call("select seq_tup_read from pg_stat_xact_all_tables"
                          " where relid = %s::regclass", maker.leaf)[0]

    before = rows_read()
    maker.call("select coco.matches_attach(%s)", maker.id)
    assert rows_read() == before
    maker.call(f"select count(*) from {maker.leaf}")
    assert rows_read() == before + ALL[0]
    maker.connection.rollback()


def test_readers_see_whole_sets_while_runs_are_replaced(makers, run, web, reader, seen):
    maker = makers(run, rows=[])
    sets = [street_matches() * n for n in range(1, 9)]
    stopped = threading.Event()

    def replace():
        for rows in sets:
            assert web.put_run(run, "run", detections(5)).status == 200
            Maker(maker.connection, run, rows=rows).make()
        stopped.set()

    reader.prepare_threshold = 0
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(replace)
        counted = set()
        while not stopped.is_set() and not done.done():
            counted.add(seen())
        done.result()
    assert all(rows == noted for rows, noted in counted), counted
    assert seen() == (len(sets[-1]),) * 2


def test_the_surest_false_positives_of_a_class_or_an_image_are_found_by_an_index(
        makers, run, reader, db):
    rows = [found(n, 1 + n % 3, (1, 3, 18)[n % 3], 1 / n, "background") for n in range(1, 5001)]
    maker = makers(run, rows=rows).make()
    db.execute(f"analyze {maker.leaf}")

    def plan(condition):
        return "\n".join(line for line, in reader.execute(
            "explain (costs off) select * from coco.matches"
            f" where dataset_id = {maker.dataset_id} and source = 'run' and iou_type = 'bbox'"
            f" and {condition} order by confidence desc limit 100"))

    of_a_class = plan("category_id = 3 and is_false_positive")
    assert "category_id_confidence_idx" in of_a_class and "Sort" not in of_a_class
    reader.execute("set enable_seqscan = off")  # the leaf is small
    assert "image_id_idx" in plan("image_id = 5 and is_false_positive")


def test_a_new_leaf_of_matches_is_analyzed(makers, run, pgcoco, db):
    maker = makers(run).make()
    assert pgcoco("gc").returncode == 0
    wait_for(lambda: db.execute("select from pg_statistic where starelid = %s::regclass",
                                (maker.leaf,)).fetchall(), "statistics of the leaf")


def test_matches_are_kept_while_all_tables_are_published(makers, run, seen, web, db, collect):
    """PostgreSQL refuses to update and delete rows of a published table without an identity."""
    db.execute("create publication everything for all tables")
    try:
        makers(run).make()
        assert seen() == ALL
        assert web.put_run(run, "run", detections(6)).status == 200
        assert seen() == (0, 0)
        collect()
    finally:
        db.execute("drop publication everything")
