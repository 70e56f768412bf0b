"""What a role that may only read can do with advisory locks, as doc/install.md says."""

import re
import textwrap

import psycopg
import pytest

from samples import count, detections, leaves, published_leaves, street
from stack import FIXTURES, TOP

KEY = "hashtextextended('pgcoco {}', 0)"  # what coco.lock_key gives, which a stranger cannot call


@pytest.fixture
def hold(reader):
    """hold("dataset street") takes the lock in the session of a reader; hold() gives all back."""

    def hold(name=None, shared=False):
        if name is None:
            reader.execute("select pg_advisory_unlock_all()")
        else:
            function = "pg_advisory_lock_shared" if shared else "pg_advisory_lock"
            reader.execute(f"select {function}({KEY.format(name)})")

    return hold


def writes(web, dataset):
    """What becomes of each way to change something; the dataset is left as it was."""
    replies = {
        "import of a run": web.put_run(dataset, "run", detections(3)),
        "import of another": web.put_run(dataset, "other", detections(3)),
        "ground truth": web.put(f"/datasets/{dataset}", street()),
        "deletion of a run": web.delete(f"/datasets/{dataset}/runs/run"),
        "deletion": web.delete(f"/datasets/{dataset}"),
    }
    if replies["deletion"].status == 204:
        assert web.put(f"/datasets/{dataset}", street()).status == 201
    assert {reply.status for reply in replies.values()} <= {200, 204, 409}
    codes = {what: reply.json()["code"] for what, reply in replies.items() if reply.status == 409}
    assert set(codes.values()) <= {"import_running"}
    return set(codes)


@pytest.mark.parametrize("lock, shared, refused", [
    ("dataset {}", False, {"import of a run", "import of another", "ground truth",
                           "deletion of a run", "deletion"}),
    ("dataset {}", True, {"ground truth", "deletion"}),
    ("run {}/run", False, {"import of a run", "deletion of a run"}),
])
def test_a_strangers_lock_refuses_writes_and_nothing_else(web, db, dataset, hold, lock, shared,
                                                          refused):
    assert web.put_run(dataset, "run", detections(2)).status == 200
    hold(lock.format(dataset), shared)
    assert writes(web, dataset) == refused
    assert web.get(f"/datasets/{dataset}").status == 200
    assert count(db, dataset, "ground_truth") == 4
    hold()
    assert writes(web, dataset) == set()


@pytest.mark.parametrize("path, body", [("/datasets/{}/runs/run", detections(3)),
                                        ("/datasets/{}", street())], ids=["run", "ground truth"])
def test_a_strangers_lock_of_a_token_refuses_uploads_under_it(web, dataset, token, hold, path,
                                                              body):
    hold(f"token {token}")
    reply = web.put(path.format(dataset), body, {"import": token})
    assert (reply.status, reply.json()["code"]) == (409, "token_in_use"), reply
    assert web.put(path.format(dataset), body, {"import": token[::-1]}).status == 200
    hold()
    assert web.delete(f"/datasets/{dataset}/runs/run").status in (204, 404)
    assert web.put(path.format(dataset), body, {"import": token}).status == 200


def test_a_strangers_lock_stops_the_collection(web, db, dataset, hold, pgcoco, collect):
    hold("collection ")
    for rows in (1, 2):
        assert web.put_run(dataset, "run", detections(rows)).status == 200
    assert b"another process is collecting" in pgcoco("gc", "--wait", "0").stdout
    assert leaves(db) > published_leaves(db)
    assert count(db, dataset, "run") == 2
    hold()
    collect()


def test_a_strangers_lock_makes_an_import_wait_and_be_busy(web, db, dataset, hold):
    sequence, = db.execute(
        "select pg_get_serial_sequence('coco.imports', 'import_id')").fetchone()
    last, = db.execute(f"select last_value from {sequence}").fetchone()
    for n in range(1, 9):
        hold(f"import {last + n}")
    reply = web.put_run(dataset, "run", detections(2))
    assert (reply.status, reply.json()["code"]) == (503, "busy"), reply
    hold()
    assert web.put_run(dataset, "run", detections(2)).status == 200


def test_a_strangers_lock_stops_a_migration(postgres, empty):
    with psycopg.connect(postgres.conninfo("postgres", empty), autocommit=True) as stranger:
        stranger.execute("set role coco_reader")
        stranger.execute(f"select pg_advisory_lock({KEY.format('migrate')})")
        done = postgres.migrate("--lock-wait", "0", database=empty, check=False)
        assert done.returncode == 1 and "a lock was not free" in done.stderr
    postgres.migrate(database=empty)


def test_readers_may_execute_nothing_that_locks(db):
    assert db.execute(
        "select oid::regprocedure::text from pg_proc where pronamespace = 'coco'::regnamespace"
        " and has_function_privilege('coco_reader', oid, 'execute')"
        " and prosrc ~* '_advisory_|lock_dataset|lock_run|lock_source|for (update|share)"
        "|lock table'"
    ).fetchall() == []


def commands_of_the_page():
    """The SQL of doc/install.md that takes the functions away."""
    page = (TOP / "doc/install.md").read_text()
    return textwrap.dedent(re.search(r"<<'SQL'\n(.*?\\gexec)\n", page, re.DOTALL)[1]) + "\n"


def test_the_functions_can_be_taken_from_all_but_pgcoco(postgres, home, reader, empty, pgcoco):
    postgres.psql("-f", home.write("locks.sql", commands_of_the_page()), database=empty)
    postgres.migrate(database=empty)
    for path, file in (("/datasets/street", "street.json"),
                       ("/datasets/street/runs/yolov8", "street_results.json")):
        body = (FIXTURES / file).read_bytes()
        done = pgcoco(input=body, CONTENT_LENGTH=len(body), PGDATABASE=empty,
                      REQUEST_METHOD="PUT", PATH_INFO=path)
        assert b'"skipped_count"' in done.stdout, done
    assert pgcoco("gc", PGDATABASE=empty).returncode == 0
    with psycopg.connect(postgres.conninfo("postgres", empty), autocommit=True) as stranger:
        stranger.execute("set role coco_reader")
        for function in ("pg_advisory_lock(1)", "pg_advisory_xact_lock_shared(1, 2)",
                         "pg_try_advisory_lock(1)", "pg_try_advisory_xact_lock_shared(1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                stranger.execute(f"select {function}")
        assert stranger.execute("select count(*) from coco.runs").fetchone() == (1,)
    reader.execute("select pg_advisory_lock(1)")  # in another database
