"""What people see who read with plain SQL."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from samples import big_results, count, detections, leaves, rows, street
from stack import wait_for

# With the dataset's id and the source, only their leaves are planned and read: see the comment on
# the view.
COUNTS = """
    select (select count(*) from coco.annotations where dataset_id = %(id)s and source = 'run'),
           (select prediction_count from coco.runs where dataset_id = %(id)s and run_name = 'run'),
           (select prediction_count from coco.datasets where id = %(id)s)"""


@pytest.fixture
def counts(db, reader, dataset):
    """counts() gives three counts of the run: its rows, its document's, the dataset's."""
    number, = db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()
    return lambda: reader.execute(COUNTS, {"id": number}).fetchone()


def test_a_reader_keeps_its_snapshot_and_the_old_rows_stay_until_it_ends(
        web, db, reader, counts, pgcoco, collect, dataset):
    web.put_run(dataset, "run", detections(5))
    collect()
    old_leaves, old_rows = leaves(db), rows(db, dataset, "run")

    reader.execute("begin isolation level repeatable read")
    assert counts() == (5, 5, 5)
    assert web.put_run(dataset, "run", detections(3, start=50)).status == 200
    assert pgcoco("gc").returncode == 0
    assert counts() == (5, 5, 5)
    assert rows(reader, dataset, "run") == old_rows
    assert old_leaves < leaves(db)
    assert rows(db, dataset, "run") != old_rows

    reader.execute("commit")
    assert counts() == (3, 3, 3)
    collect()


def test_a_reader_that_began_before_a_run_was_deleted_still_reads_it(
        web, reader, counts, pgcoco, collect, dataset):
    web.put_run(dataset, "run", detections(5))
    reader.execute("begin isolation level repeatable read")
    reader.execute("select 1 from coco.datasets limit 1")
    assert web.delete(f"/datasets/{dataset}/runs/run").status == 204
    assert pgcoco("gc").returncode == 0
    assert counts() == (5, 5, 5)
    reader.execute("commit")
    collect()


def test_readers_see_only_whole_runs_while_a_run_is_replaced(web, counts, dataset):
    sizes = [200 + n for n in range(12)]
    web.put_run(dataset, "run", detections(199))
    with ThreadPoolExecutor(1) as pool:
        imports = pool.submit(
            lambda: [web.put_run(dataset, "run", detections(size)).status for size in sizes])
        seen = set()
        while not imports.done():
            seen.add(counts())
    assert imports.result() == [200] * len(sizes)
    assert all(rows == run == total and rows >= 199 for rows, run, total in seen), seen


@pytest.mark.parametrize("query", [
    "select * from coco.annotations limit 1", "select * from coco.runs limit 1",
    "select * from coco.datasets limit 1", "select * from coco.images limit 1",
    "select * from coco.categories limit 1", "select coco.datasets_document()"])
def test_a_reader_may_select(web, reader, dataset, query):
    web.put_run(dataset, "run", detections(5))
    assert reader.execute(query).fetchone()


@pytest.mark.parametrize("query", [
    "insert into coco.datasets (name) values ('x')", "delete from coco.datasets",
    "truncate coco.images", "update coco.sources set import_id = 1",
    "delete from coco.annotation_versions",
    "insert into coco.annotation_versions (dataset_id) values (1)", "create table coco.mine ()",
    "create table coco_parts.mine ()", "drop table coco.images",
    "insert into coco.imports (token) values ('x')"])
def test_a_reader_may_not_write(reader, query):
    with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
        reader.execute(query)


def test_documents_in_sql_are_those_of_the_service(web, db, reader, dataset):
    web.put_run(dataset, "run", detections(5))
    token = web.put_run(dataset, "run", detections(6)).json()["import"]

    def ask(query, *args):
        return reader.execute(query, args).fetchone()[0]

    assert ask("select coco.dataset_document(%s)",
               dataset) == web.get(f"/datasets/{dataset}").json()
    assert ask("select coco.runs_document(%s)",
               dataset) == web.get(f"/datasets/{dataset}/runs").json()
    assert ask("select coco.run_document(%s, %s)", dataset,
               "run") == web.get(f"/datasets/{dataset}/runs/run").json()
    # Tokens are not for readers.
    assert db.execute("select coco.import_document(%s)",
                      (token,)).fetchone()[0] == web.import_state(token)


def test_the_schema_may_be_applied_again(web, db, postgres, dataset):
    web.put_run(dataset, "run", detections(5))
    before = rows(db, dataset, "run"), rows(db, dataset,
                                            "ground_truth"), web.get(f"/datasets/{dataset}").json()
    for _ in range(2):
        postgres.apply_roles()
        assert "nothing to do" in postgres.migrate().stdout
    assert (rows(db, dataset, "run"), rows(db, dataset, "ground_truth"),
            web.get(f"/datasets/{dataset}").json()) \
        == before
    assert web.put_run(dataset, "run", detections(6)).json()["replaced_count"] == 5
    assert count(db, dataset, "run") == 6


def test_everything_in_the_schema_has_a_comment(db):
    assert db.execute(
        "select relname from pg_class where relnamespace = 'coco'::regnamespace"
        " and relkind in ('r', 'p', 'v')"
        " and obj_description(oid, 'pg_class') is null").fetchall() == []
    assert db.execute(
        "select relname, attname from pg_class c join pg_attribute a on attrelid = c.oid"
        " where relnamespace = 'coco'::regnamespace and relkind in ('r', 'p', 'v') and attnum > 0"
        " and not attisdropped and col_description(c.oid, attnum) is null").fetchall() == []
    assert db.execute(
        "select proname from pg_proc where pronamespace = 'coco'::regnamespace"
        " and obj_description(oid, 'pg_proc') is null").fetchall() == []


def test_an_image_is_found_by_the_index_of_its_leaf(web, db, dataset):
    assert web.put_run(dataset, "run", detections(5000)).status == 200
    import_id, = db.execute(
        "select import_id from coco.sources s join coco.datasets d on d.id = s.dataset_id"
        " where d.name = %s and source = 'run'", (dataset,)).fetchone()
    keys = db.execute(
        "select pg_get_indexdef(indexrelid) from pg_index where indrelid = %s::regclass",
        (f"coco_parts.a_{import_id}",)).fetchall()
    assert any("(image_id" in key for key, in keys), keys


def test_a_page_of_annotations_sorts_no_more_than_its_images(web, reader, db, dataset):
    """The index presorts by image: a page in the order of image and annotation needs no scan."""
    assert web.put_run(dataset, "run", detections(5000)).status == 200
    number = web.get(f"/datasets/{dataset}").json()["id"]
    leaf, = db.execute("select 'coco_parts.a_' || import_id from coco.sources"
                       " where dataset_id = %s and source = 'run'", (number,)).fetchone()
    db.execute("analyze " + leaf)
    reader.execute("set enable_seqscan = off")  # the leaf is small
    seen = plan(reader, "select * from coco.annotations"
                f" where dataset_id = {number} and source = 'run' and image_id >= 1"
                " and (image_id, annotation_id) > (1, 1)"
                " order by image_id, annotation_id limit 100")
    assert "Incremental Sort" in seen and "Presorted Key" in seen and "Index" in seen



def test_a_worker_warns_at_its_start_when_there_are_too_many_leaves(
        own_site, home, db, postgres, dataset):
    assert db.execute("select coco.leaves_warning()").fetchone() == (None,)
    warning, = db.execute("select coco.leaves_warning(70)").fetchone()
    assert "max_locks_per_transaction" in warning
    db.execute("create or replace function coco.leaves_warning(room bigint default 0) returns text"
               " language sql as $$ select 'too many of them' $$")
    try:
        own_site("--threads", "1")
        wait_for(lambda: any(b"warning: too many of them" in log
                             for log in home.fresh_logs(keep=True).values()), "a warning in a log")
    finally:
        db.execute("delete from coco.schema_files where file = 'functions/leaves.sql'")
        postgres.migrate()


def test_a_time_out_of_the_database_does_not_cut_imports(web, db, dataset, token):
    reconnect = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pgcoco'"
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        db.execute(f"alter database coco set {setting} = '500ms'")
    try:
        db.execute(reconnect)
        wait_for(lambda: web.get("/readyz").status == 200, "new connections")
        pieces = list(big_results(300_000))
        with web.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
            for piece in pieces[:-1]:
                sender.send(piece)
            web.wait_for_state(token, "running")
            time.sleep(1)
            assert web.import_state(token)["state"] == "running"
            sender.send(pieces[-1])
            assert sender.reply().status == 200
    finally:
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            db.execute(f"alter database coco reset {setting}")
        db.execute(reconnect)
        wait_for(lambda: web.get("/readyz").status == 200, "new connections")


def test_a_new_dataset_is_seen_whole_or_not_at_all(web, reader, name):
    truth = street()
    truth["images"] += [{"id": n, "file_name": f"{n}.jpg", "width": 1, "height": 1}
                        for n in range(10, 3000)]
    query = """
        select d.image_count, d.annotation_count,
               (select count(*) from coco.images where dataset_id = d.id),
               (select count(*) from coco.annotations
                 where dataset_id = d.id and source = 'ground_truth')
          from coco.datasets d where name = %s"""
    with ThreadPoolExecutor(1) as pool:
        put = pool.submit(lambda: web.put(f"/datasets/{name}", truth).status)
        seen = set()
        while not put.done():
            seen.update(reader.execute(query, (name,)).fetchall())
    assert put.result() == 201
    assert seen <= {(2993, 4, 2993, 4)}


def plan(reader, query):
    return "\n".join(line for line, in reader.execute("explain (costs off) " + query))


def test_queries_on_annotations_may_run_in_parallel(web, reader, dataset):
    assert web.put_run(dataset, "run", detections(3)).status == 200
    for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
        reader.execute(f"set {setting} = 0")
    number = web.get(f"/datasets/{dataset}").json()["id"]
    assert "Gather" in plan(reader, f"select count(*) from coco.annotations"
                                    f" where dataset_id = {number} and source = 'run'")


def test_leaves_are_not_entered_into_equivalence_classes(reader, dataset):
    """With a join on the pointer the planner takes time quadratic in the number of leaves."""
    seen = plan(reader, "select * from coco.annotations limit 10000")
    assert "Join" not in seen and "Nested Loop" not in seen


def test_the_planner_expects_rows_of_a_run_in_their_number(web, reader, db, dataset):
    """A condition that seems to hold for few rows would make it choose nested loops."""
    assert web.put_run(dataset, "run", detections(4000)).status == 200
    number = web.get(f"/datasets/{dataset}").json()["id"]
    leaf, = db.execute("select 'coco_parts.a_' || import_id from coco.sources"
                       " where dataset_id = %s and source = 'run'", (number,)).fetchone()
    db.execute("analyze " + leaf)
    plan, = reader.execute("explain (format json) select * from coco.annotations"
                           f" where dataset_id = {number} and source = 'run'").fetchone()
    assert 1000 <= plan[0]["Plan"]["Plan Rows"] <= 4000


def test_a_view_over_annotations_works_for_whoever_may_read_it(web, db, postgres, dataset):
    """Its owner has the rights on schema coco; who reads it has none."""
    assert web.put_run(dataset, "run", detections(3)).status == 200
    number = web.get(f"/datasets/{dataset}").json()["id"]
    db.execute("create role nobody_special login")
    db.execute(f"create view public.of_a_run as select * from coco.annotations"
               f" where dataset_id = {number} and source = 'run'")
    db.execute("grant select on public.of_a_run to nobody_special")
    try:
        with postgres.connect(user="nobody_special") as someone:
            assert someone.execute("select count(*) from public.of_a_run").fetchone() == (3,)
    finally:
        db.execute("drop view public.of_a_run")
        db.execute("drop role nobody_special")
