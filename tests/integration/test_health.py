"""Alive (/healthz) and ready (/readyz) are two questions; a wrong schema is found at the start."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from samples import street, waiting_reads
from stack import wait_for


@pytest.fixture
def migrated(postgres, empty):
    """A database of the test's own with the schema in it."""
    postgres.migrate(database=empty)
    return empty


def own_database(postgres, database):
    """Options that move a service to another database."""
    return "--db", postgres.conninfo(database=database)


def execute(postgres, database, *statements):
    with psycopg.connect(postgres.conninfo("postgres", database), autocommit=True) as db:
        for statement in statements:
            db.execute(statement)


def is_executed(postgres, database, statement):
    try:
        execute(postgres, database, statement)
    except psycopg.errors.DeadlockDetected:
        return False
    return True


NEWER = ("insert into coco.schema_versions select version + 1, file || '.next'"
         " from coco.schema_versions order by version desc limit 1")
OLDER = "delete from coco.schema_versions"
MISSING = "drop schema coco cascade"
WRONG_SCHEMAS = pytest.mark.parametrize("change, words", [
    (MISSING, "the database has no schema coco: run pgcoco migrate"),
    (OLDER, "version 0, but this pgcoco needs version"),
    (NEWER, "install the pgcoco that migrated it"),
], ids=["missing", "older", "newer"])


def test_a_service_with_its_database_is_alive_and_ready(web):
    alive, ready = web.get("/healthz"), web.get("/readyz")
    assert (alive.status, alive.json()) == (200, {"status": "ok"})
    assert (ready.status, ready.json()) == (200, {"status": "ready"})


def test_a_service_without_its_database_is_alive_and_not_ready(own_site, postgres, tmp_path):
    client = own_site("--db", f"host={tmp_path} user=pgcoco dbname=coco")
    assert client.get("/healthz").status == 200
    reply = client.get("/readyz")
    assert (reply.status, reply.json()["code"]) == (503, "database_away")
    assert int(reply.headers["Retry-After"]) > 0


def test_a_service_that_starts_before_its_database_gets_ready(own_site, postgres):
    postgres.stop()
    try:
        client = own_site()
        assert client.get("/healthz").status == 200
        assert client.get("/readyz").status == 503
    finally:
        postgres.start()
    wait_for(lambda: client.get("/readyz").status == 200, "the service to find the database")


@WRONG_SCHEMAS
def test_a_worker_does_not_start_with_a_wrong_schema(
        postgres, migrated, pgcoco, home, change, words):
    execute(postgres, migrated, change)
    done = pgcoco(*own_database(postgres, migrated), "--socket", home.path / "wrong.sock")
    assert done.returncode == 1
    assert words in done.stderr.decode()


@WRONG_SCHEMAS
def test_a_service_whose_schema_changes_is_alive_and_not_ready(
        own_site, postgres, migrated, change, words):
    client = own_site(*own_database(postgres, migrated))
    assert client.get("/readyz").status == 200
    # The maintenance reads the tables that the change locks: one of the two is ended then and now.
    wait_for(lambda: is_executed(postgres, migrated, change), "the schema to change")
    reply = client.get("/readyz")
    assert (reply.status, reply.json()["code"]) == (503, "schema_mismatch")
    assert words in reply.json()["detail"]
    assert client.get("/healthz").status == 200


def test_a_service_is_ready_when_the_defaults_of_its_database_let_it_import(
        own_site, postgres, migrated):
    execute(postgres, migrated, f"alter database {migrated} set default_transaction_read_only = on")
    client = own_site(*own_database(postgres, migrated))
    ready, imported = client.get("/readyz"), client.put("/datasets/new", street())
    assert (ready.status, imported.status) == (200, 201), (ready, imported)


def test_a_service_of_a_standby_is_alive_and_takes_no_imports(own_site, standby):
    client = own_site("--db", standby.conninfo())
    assert client.get("/healthz").status == 200
    reply = client.get("/readyz")
    assert (reply.status, reply.json()["code"]) == (503, "read_only")
    assert "the database is a standby" in reply.json()["detail"]
    reply = client.put("/datasets/new", street())
    assert (reply.status, reply.json()["code"]) == (503, "read_only")


def test_a_service_that_is_busy_is_ready(own_site, holder):
    """Readiness has a connection of its own."""
    client = own_site("--long-connections", "1", "--short-connections", "1")
    holder.execute("lock table coco.datasets in access exclusive mode")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, "/datasets")
        wait_for(lambda: waiting_reads(holder), "a read to wait")
        assert client.get("/readyz").status == 200
        holder.rollback()
        assert waiting.result().status == 200
