"""Evaluations that take long: their threads and connections, their progress, and their end."""

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import refused
from fastcgi import STDIN, Peer, head, record
from samples import array, detections
from stack import wait_for

# Another number of detections for each, so that none is stored.
PAGE = "/datasets/{}/runs/run/evaluation?max_dets={}"


@pytest.fixture
def run(web, dataset):
    assert web.put_run(dataset, "run", array(*detections(9))).status == 200
    return dataset


@pytest.fixture
def blocked(holder):
    """Evaluations stop where they store their numbers, until holder is rolled back."""
    holder.execute("lock table coco.evaluation_classes in share row exclusive mode")
    return holder


@pytest.fixture
def background():
    with ThreadPoolExecutor(16) as pool:
        yield pool


def storing(db, count):
    """Waits until so many evaluations stand at the lock, and no more."""
    sql = ("select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
           "and query like '%%evaluation_store%%'")
    wait_for(lambda: db.execute(sql).fetchone() == (count,), f"{count} evaluations at the lock")


def test_what_is_stored_is_answered_while_all_threads_for_evaluations_work(
        own_site, db, run, blocked, background):
    web = own_site("--evaluation-connections", "2", "--threads", "2", "--short-connections", "1")
    blocked.rollback()
    assert web.get(PAGE.format(run, 7)).status == 200
    blocked.execute("lock table coco.evaluation_classes in share row exclusive mode")
    others = [background.submit(web.get, PAGE.format(run, n)) for n in range(1, 5)]
    storing(db, 2)
    for _ in range(3):
        assert web.get(PAGE.format(run, 7)).status == 200
        assert web.get(f"/datasets/{run}").status == 200
    assert not any(other.done() for other in others)
    blocked.rollback()
    assert [other.result().status for other in others] == [200] * 4


def test_evaluations_take_nothing_from_imports(own_site, db, run, blocked, background):
    web = own_site("--evaluation-connections", "1", "--threads", "2", "--long-connections", "1")
    others = [background.submit(web.get, PAGE.format(run, n)) for n in range(1, 4)]
    storing(db, 1)
    assert web.put_run(run, "another", array(*detections(3))).status == 200
    assert web.delete(f"/datasets/{run}/runs/another").status == 204
    assert web.get("/healthz").status == 200
    blocked.rollback()
    assert [other.result().status for other in others] == [200] * 3


def test_evaluations_that_wait_have_a_limit(own_site, db, run, blocked, background):
    """One runs; with two threads, four wait, and the others are told so."""
    web = own_site("--evaluation-connections", "1", "--threads", "2")
    first = background.submit(web.get, PAGE.format(run, 1))
    storing(db, 1)
    others = [background.submit(web.get, PAGE.format(run, n)) for n in range(2, 10)]
    wait_for(lambda: sum(other.done() for other in others) == 4, "four to be refused")
    for other in others:
        if other.done():
            refused(other.result(), 503, "busy", "too many requests")
            assert int(other.result().headers["Retry-After"]) > 0
    blocked.rollback()
    assert first.result().status == 200
    assert sorted(other.result().status for other in others) == [200] * 4 + [503] * 4


def test_a_client_that_hangs_up_ends_its_evaluation(own_site, db, run, blocked):
    web = own_site("--evaluation-connections", "1")
    with Peer(web.site) as peer:
        path, _, query = PAGE.format(run, 3).partition("?")
        peer.send(head("GET", path, QUERY_STRING=query) + record(STDIN))
        storing(db, 1)
        peer.socket.shutdown(socket.SHUT_RDWR)
    storing(db, 0)
    blocked.rollback()
    assert web.get(PAGE.format(run, 4)).status == 200


@pytest.mark.parametrize("path", [
    PAGE.format("{0}", 3), "/datasets/{0}/runs/run/evaluation/slices?max_dets=3"])
def test_who_hangs_up_at_nginx_ends_an_evaluation(own_site, db, run, blocked, path):
    web = own_site("--evaluation-connections", "1")
    with socket.create_connection(("127.0.0.1", web.site.port)) as client:
        client.sendall(f"GET {path.format(run)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        storing(db, 1)
    storing(db, 0)


def test_an_evaluation_has_a_longest_duration(own_site, run, blocked):
    web = own_site("--max-duration", "1")
    refused(web.get(PAGE.format(run, 3)), 408, "took_too_long", "--max-duration")


# ---- progress, and the end that others ask for


def state(web, token):
    return web.get(f"/evaluations/{token}").json()


def is_at(web, token, phase):
    return wait_for(lambda: (now := state(web, token)).get("phase") == phase and now,
                    f"{token} is {phase}")


def test_another_process_shows_and_ends_an_evaluation(own_site, web, db, run, blocked, background,
                                                      token):
    other = own_site()
    evaluation = background.submit(other.get, PAGE.format(run, 3) + f"&evaluation={token}")
    now = is_at(web, token, "storing")
    assert (now["state"], now["rows_read"], now["rows"]) == ("running", 13, 13), now
    assert (now["dataset"], now["run_name"]) == (run, "run")
    refused(web.get(PAGE.format(run, 5) + f"&evaluation={token}"), 409, "token_in_use", token)
    assert web.delete(f"/evaluations/{token}").status == 204
    refused(evaluation.result(), 409, "cancelled", f"/evaluations/{token}")
    ended = state(web, token)
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "cancelled")
    storing(db, 0)


def test_one_that_waits_is_shown_and_ended_too(own_site, db, run, blocked, background, token):
    web = own_site("--evaluation-connections", "1")
    first = background.submit(web.get, PAGE.format(run, 1))
    storing(db, 1)
    second = background.submit(web.get, PAGE.format(run, 2) + f"&evaluation={token}")
    assert is_at(web, token, "waiting")["state"] == "waiting"
    refused(web.get(PAGE.format(run, 3) + f"&evaluation={token}"), 409, "token_in_use", token)
    third = background.submit(web.get, PAGE.format(run, 4))
    assert web.delete(f"/evaluations/{token}").status == 204
    refused(second.result(), 409, "cancelled")
    assert state(web, token)["problem"]["code"] == "cancelled"
    assert not first.done() and not third.done()
    blocked.rollback()
    assert [first.result().status, third.result().status] == [200, 200]


def test_one_that_waits_for_a_connection_is_ended_too(own_site, db, run, blocked, background,
                                                      token):
    web = own_site("--evaluation-connections", "1")
    upload = background.submit(web.put_run, run, "another", array(*detections(3)), evaluate="bbox")
    storing(db, 1)
    second = background.submit(web.get, PAGE.format(run, 2) + f"&evaluation={token}")
    is_at(web, token, "waiting")
    assert web.delete(f"/evaluations/{token}").status == 204
    refused(second.result(), 409, "cancelled")
    assert not upload.done()
    blocked.rollback()
    assert upload.result().json()["evaluation"]["metrics"]


def test_who_hangs_up_before_his_turn_leaves_no_evaluation(own_site, db, run, blocked, background,
                                                           token):
    web = own_site("--evaluation-connections", "1")
    first = background.submit(web.get, PAGE.format(run, 1))
    storing(db, 1)
    with Peer(web.site) as peer:
        path, _, query = (PAGE.format(run, 3) + f"&evaluation={token}").partition("?")
        peer.send(head("GET", path, QUERY_STRING=query) + record(STDIN))
        is_at(web, token, "waiting")
        peer.socket.shutdown(socket.SHUT_RDWR)
    assert is_at(web, token, "failed")["problem"]["code"] == "client_gone"
    assert not first.done()
    blocked.rollback()
    assert first.result().status == 200


def test_one_that_finds_no_place_has_failed(own_site, db, run, blocked, background, token):
    web = own_site("--evaluation-connections", "1", "--threads", "2")
    others = [background.submit(web.get, PAGE.format(run, n)) for n in range(1, 7)]
    wait_for(lambda: sum(other.done() for other in others) == 1, "one to be refused")
    refused(web.get(PAGE.format(run, 9) + f"&evaluation={token}"), 503, "busy")
    assert state(web, token)["problem"]["code"] == "busy"
    blocked.rollback()
    assert sorted(other.result().status for other in others) == [200] * 5 + [503]
    assert web.get(PAGE.format(run, 9) + f"&evaluation={token}").status == 200


def test_an_upload_waits_only_shortly_for_its_evaluation(own_site, db, run, blocked, background):
    web = own_site("--evaluation-connections", "1")
    others = [background.submit(web.get, PAGE.format(run, n)) for n in range(1, 4)]
    storing(db, 1)
    reply = web.put_run(run, "another", array(*detections(3)), evaluate="bbox")
    assert reply.status == 200 and reply.json()["prediction_count"] == 3
    evaluation = reply.json()["evaluation"]
    assert evaluation["code"] == "busy"
    assert not any(other.done() for other in others)
    blocked.rollback()
    assert web.get(evaluation["ask"]).json()["run"] == "another"


def test_how_an_evaluation_ended_can_be_asked_for(web, run, token):
    for _ in range(2):  # the second one is stored
        assert web.get(PAGE.format(run, 3) + f"&evaluation={token}").status == 200
        ended = state(web, token)
        assert (ended["state"], ended["phase"]) == ("done", "done") and "problem" not in ended
    assert web.delete(f"/evaluations/{token}").status == 204
    assert state(web, token)["state"] == "done"
    refused(web.get(f"/datasets/{run}/runs/no/evaluation?evaluation={token}"), 404, "unknown_run")
    assert state(web, token)["problem"]["code"] == "unknown_run"


def test_an_unknown_token_is_404(web):
    refused(web.get("/evaluations/nobody"), 404, "unknown_evaluation", "nobody")
    refused(web.delete("/evaluations/nobody"), 404, "unknown_evaluation")
    refused(web.get("/evaluations/no%20token"), 400, "bad_request")


def test_an_evaluation_whose_process_has_gone_is_lost_and_its_token_free(web, db, run, token):
    db.execute("insert into coco.evaluation_requests (token, dataset, run_name, phase, updated_at) "
               "values (%s, %s, 'run', 'reading', now() - interval '11 seconds')", (token, run))
    assert state(web, token)["state"] == "lost"
    assert web.get(PAGE.format(run, 3) + f"&evaluation={token}").status == 200
    assert state(web, token)["state"] == "done"


def test_old_evaluations_are_forgotten(web, db, run, token):
    db.execute("insert into coco.evaluation_requests (token, dataset, run_name, phase, updated_at) "
               "select 'old-' || n, 'd', 'r', 'done', now() - n * interval '50 minutes' "
               "from generate_series(1, 3) n")
    assert web.get(PAGE.format(run, 3) + f"&evaluation={token}").status == 200
    left = db.execute("select token from coco.evaluation_requests where token like 'old-%%'")
    assert left.fetchall() == [("old-1",)]
    db.execute("delete from coco.evaluation_requests where token like 'old-%%'")


def test_at_most_a_thousand_are_kept(db, web, run, token):
    db.execute("insert into coco.evaluation_requests (token, dataset, run_name, phase) "
               "select 'many-' || n, 'd', 'r', 'done' from generate_series(1, 1050) n")
    with contextlib.ExitStack() as stack:
        stack.callback(db.execute,
                       "delete from coco.evaluation_requests where token like 'many-%%'")
        assert web.get(PAGE.format(run, 3) + f"&evaluation={token}").status == 200
        assert db.execute("select count(*) <= 1001 from coco.evaluation_requests"
                          ).fetchone() == (True,)
