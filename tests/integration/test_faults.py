"""A part of the service dies in the middle of something: nothing half-done is ever seen."""

import http.client
import os
import select
import signal

import pytest

from samples import big_results, count, detections, rows, street
from stack import wait_for


@pytest.fixture
def run(web, dataset):
    """The path of a run of five rows."""
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return f"/datasets/{dataset}/runs/run"


@pytest.fixture
def running(web, run, token):
    """A sender in the middle of an import that would replace the run."""
    pieces = list(big_results(2_000_000))
    with web.sender("PUT", f"{run}?import={token}") as sender:
        for piece in pieces[:-1]:
            sender.send(piece)
        wait_for(lambda: web.import_state(token).get("rows"), "rows of a running import")
        yield sender


def ended(web, token):
    """Whether an import whose end could not be recorded is not reported as running or done."""
    reply = web.get("/imports/" + token)
    return reply.status == 404 or reply.json()["state"] in ("failed", "lost")


def works_again(web, run):
    wait_for(lambda: web.get("/readyz").status == 200, "the service to find the database")
    return wait_for(lambda: web.put(run, detections(7)).status == 200,
                    "an import after the database is back")


def test_without_the_database_the_answer_is_503_and_all_is_well_when_it_is_back(
        web, site, postgres, run):
    workers = site.workers()
    path = run.partition("/runs")[0]
    postgres.stop()
    try:
        parts = [("dataset", "x"), ("run_name", "r"), ("file", "x.json", "[]")]
        for reply in (web.get("/datasets"), web.get(path), web.get(run),
                      web.put(run, detections(2)), web.put(path, street()), web.delete(run),
                      web.get("/imports/some-token"), web.post_form("/predictions", parts)):
            assert (reply.status, reply.json()["code"]) == (503, "database_away"), reply
            assert int(reply.headers["Retry-After"]) > 0
        assert web.get("/readyz").status == 503
    finally:
        postgres.start()
    works_again(web, run)
    # Every connection of the pools was lost; none of them spoils a later request.
    assert {web.get(path).status for _ in range(40)} == {200}
    assert {web.put(run, detections(3)).status for _ in range(20)} == {200}
    assert site.workers() == workers


def test_connections_that_the_database_closed_meanwhile_are_replaced(web, postgres, run):
    assert web.get(run).status == 200
    postgres.stop()
    postgres.start()
    works_again(web, run)
    assert {web.get(run).status for _ in range(40)} == {200}


def test_a_database_that_stops_during_an_import_leaves_the_old_run(
        web, postgres, run, running, dataset, token):
    postgres.stop("immediate")
    try:
        running.send(b"]")
        reply = running.reply()
        assert (reply.status, reply.json()["code"]) == (503, "database_away"), reply
    finally:
        postgres.start()
    wait_for(lambda: web.get("/readyz").status == 200, "the service to find the database")
    assert web.get(run).json()["prediction_count"] == 5
    assert ended(web, token)
    with postgres.connect(autocommit=True) as db:
        assert count(db, dataset, "run") == 5
    works_again(web, run)


def test_a_backend_that_is_terminated_during_an_import_leaves_the_old_run(
        web, db, run, running, token, collect):
    def terminate():
        return db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like %s",
            (f"%{token}%",)).fetchall()

    before = web.get(run).json()
    assert terminate()
    wait_for(lambda: not terminate(), "the import's backend to end")
    running.send(b"]")
    reply = running.reply()
    assert reply.status in (500, 503), reply
    assert web.get(run).json() == before
    assert ended(web, token)
    assert web.put(run, detections(2)).status == 200
    collect()


def test_the_client_hears_at_once_that_the_backend_is_gone(web, db, run, token, collect):
    """Not only at the end of a body that may still be gigabytes long."""
    pieces = big_results(300_000_000)
    with web.sender("PUT", f"{run}?import={token}") as sender:
        for _ in range(40):
            sender.send(next(pieces))
        web.wait_for_state(token, "running")
        assert db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like %s",
            (f"%{token}%",)).fetchall()
        while not select.select([sender.socket], [], [], 0)[0]:
            sender.send(next(pieces))  # StopIteration: the whole body was taken without an answer
        reply = sender.reply(end=False)
    assert reply.status in (500, 503), reply
    collect()


def test_a_killed_worker_leaves_the_old_run_and_the_next_request_works(
        web, db, site, run, running, dataset, token, collect):
    before, workers = rows(db, dataset, "run"), site.workers()
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    try:
        running.send(b"]")
        assert running.reply().status == 502
    except (OSError, http.client.HTTPException):
        pass  # nginx may as well close the connection
    site.wait_for_new_workers(workers)
    assert web.get(run).status == 200
    assert rows(db, dataset, "run") == before
    wait_for(lambda: web.put(run, detections(2)).status == 200, "the run to be free again")
    assert ended(web, token)
    collect()


def test_a_leaf_of_a_killed_import_is_collected(site, running, collect):
    workers = site.workers()
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    running.vanish()
    site.wait_for_new_workers(workers)
    collect()


def test_a_stopped_worker_finishes_what_it_is_doing(own_site, dataset, db, token):
    client = own_site("--threads", "4")
    pieces = list(big_results(500_000))
    with client.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
        for piece in pieces[:-1]:
            sender.send(piece)
        client.wait_for_state(token, "running")
        client.site.process.terminate()
        sender.send(pieces[-1])
        assert sender.reply().status == 200
    assert client.site.process.wait(30) == 0
    assert count(db, dataset, "run") == 700 * (len(pieces) - 1)


def test_an_idle_worker_stops_with_success(own_site):
    client = own_site("--threads", "4")
    assert client.get("/readyz").status == 200
    client.site.process.terminate()
    assert client.site.process.wait(30) == 0
