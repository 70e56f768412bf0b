"""The service behind pgbouncer in transaction mode: each transaction may get another session."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from bi_login import bi_login
from client import Client
from evaluated import store
from samples import detections, leaves, published_leaves, street
from stack import Site, stop, wait_for

PORT = 6432  # only names the socket
SERVERS = 4
READER = "bounced_reader"


class Bouncer:
    def __init__(self, home):
        self.folder = home.folder("pgbouncer")
        users = home.write("pgbouncer_users.txt", f'"pgcoco" ""\n"{READER}" ""\n')
        configuration = home.write("pgbouncer.ini", f"""
[databases]
coco = host={home.path} dbname=coco
[pgbouncer]
pool_mode = transaction
default_pool_size = {SERVERS}
auth_type = trust
auth_file = {users}
listen_port = {PORT}
unix_socket_dir = {self.folder}
""")
        self.process = home.start("pgbouncer", "/usr/sbin/pgbouncer", configuration)
        wait_for((self.folder / f".s.PGSQL.{PORT}").exists, "pgbouncer")

    def conninfo(self, user="pgcoco"):
        return f"host={self.folder} port={PORT} user={user} dbname=coco"


@pytest.fixture
def bouncer(home):
    bouncer = Bouncer(home)
    yield bouncer
    stop(bouncer.process)


@pytest.fixture
def bounced(home, bouncer):
    """A client of a service whose only way to the database is pgbouncer."""
    site = Site(home, bouncer, "bounced")
    yield Client(site)
    site.stop()


def session_state(db):
    """What sessions of pgcoco hold between transactions."""
    return db.execute("""
        select count(*) from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and a.state = 'idle'""").fetchone()[0]


def settings(bouncer):
    """The distinct lock_timeouts of all sessions of the pool."""
    connections = [psycopg.connect(bouncer.conninfo()) for _ in range(SERVERS)]
    try:
        return {connection.execute("show lock_timeout").fetchone()[0] for connection in connections}
    finally:
        for connection in connections:
            connection.close()


def test_imports_and_collections_leave_nothing_in_the_sessions(
        bounced, bouncer, db, name, collect_until):
    assert bounced.put(f"/datasets/{name}", street()).status == 201

    def replace(run):
        return [bounced.put_run(name, run, detections(count)).status for count in range(1, 21)]

    with ThreadPoolExecutor(3) as pool:
        statuses = list(pool.map(replace, ("one", "two", "three")))
    assert statuses == [[200] * 20] * 3
    collect_until(lambda: leaves(db) == published_leaves(db),
                  "a collection that leaves only published leaves", "--db", bouncer.conninfo())
    bounced.site.stop()  # its maintenance, waiting for a session, would wait for settings()
    assert session_state(db) == 0
    assert settings(bouncer) == {"0"}


@pytest.fixture
def reader(postgres, db):
    """A login that may read everything, with the settings of BI tools."""
    with bi_login(postgres, READER):
        db.execute(f"grant coco_reader to {READER}")
        yield READER


def test_documents_and_views_are_read_whatever_session_a_transaction_gets(
        bouncer, reader, web, db, dataset):
    assert web.put_run(dataset, "run", detections(9)).status == 200
    store(db, dataset, "run")

    questions = ["select coco.run_document(%s, 'run') ->> 'prediction_count', pg_backend_pid()",
                 "select ap::text, pg_backend_pid() from run_summary where dataset = %s",
                 "select count(*)::text, pg_backend_pid() from list_annotations(%s, 'run')"]

    def read(_):
        with psycopg.connect(bouncer.conninfo(reader), prepare_threshold=None,
                             autocommit=True) as connection:
            return [connection.execute(question, (dataset,)).fetchone()
                    for question in 10 * questions]

    with ThreadPoolExecutor(2 * SERVERS) as pool:
        answers = list(pool.map(read, range(2 * SERVERS)))
    assert [[text for text, _ in one] for one in answers] == [["9", "0.5", "9"] * 10] * len(answers)
    assert len({pid for one in answers for _, pid in one}) > 1


def test_the_settings_of_a_login_hold_behind_pgbouncer(bouncer, reader):
    with psycopg.connect(bouncer.conninfo(reader), autocommit=True) as connection:
        assert [connection.execute(f"show {name}").fetchone()[0] for name in (
            "search_path", "statement_timeout", "default_transaction_read_only")] == [
                "coco", "30s", "on"]
        assert connection.execute("select current_user").fetchone() == (reader,)
